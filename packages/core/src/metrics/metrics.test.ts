import * as tf from "@tensorflow/tfjs-core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OptionError, ShapeError } from "../errors.ts";
import { oneHotFloat } from "../fused/softmaxCrossEntropy.ts";
import { CombinedLoss } from "../losses/index.ts";
import * as m from "./index.ts";

const ints = (...values: number[]) => tf.tensor1d(values, "int32");

/** Logits whose largest output is `classes`. */
const sure = (classes: number[], n: number) => tf.sub(tf.mul(oneHotFloat(ints(...classes), n), 3), 1);

function batch(pred: tf.Tensor, target: tf.Tensor, fields: Partial<m.MetricInput> = {}): m.MetricInput {
  const loss = tf.scalar(0);
  return {
    pred,
    yb: [target],
    loss,
    lossFunc: () => loss,
    training: false,
    batchSize: target.shape[0] ?? 1,
    ...fields,
  };
}

/** A tensor, or how to make it once the backend runs. */
type Rows = tf.Tensor | (() => tf.Tensor);
const rowsOf = (rows: Rows) => (typeof rows === "function" ? rows() : rows);

/** Value after accumulating rows in batches of `bs`. */
async function over(metric: m.Metric, preds: Rows, targets: Rows, bs?: number): Promise<number | null> {
  const [pred, target] = [rowsOf(preds), rowsOf(targets)];
  const all = pred.shape[0]!;
  const step = bs ?? all;
  metric.reset();
  for (let i = 0; i < all; i += step) {
    const rows = Math.min(step, all - i);
    tf.tidy(() => metric.accumulate(batch(tf.slice(pred, i, rows), tf.slice(target, i, rows))));
  }
  return metric.value();
}

describe("two classes", () => {
  const target = () => ints(0, 0, 1, 1, 1, 0, 1, 0);
  const pred = () => sure([0, 1, 1, 1, 0, 0, 1, 0], 2);
  test.each([
    ["precision", m.precision(), 0.75],
    ["recall", m.recall(), 0.75],
    ["f1Score", m.f1Score(), 0.75],
    ["fBeta", m.fBeta({ beta: 2 }), 0.75],
    ["balancedAccuracy", m.balancedAccuracy(), 0.75],
    ["dice", new m.Dice(), 0.75],
    ["jaccardCoeff", new m.JaccardCoeff(), 0.6],
    ["jaccard", m.jaccard(), 0.6],
    ["cohenKappa", m.cohenKappa(), 0.5],
    ["matthewsCorrCoef", m.matthewsCorrCoef(), 0.5],
    ["hammingLoss", m.hammingLoss(), 0.25],
    ["brierScore", m.brierScore(), 0.25],
  ])("%s", async (name, metric, expected) => {
    expect(metric.name).toBe(name);
    for (const bs of [8, 3, 1]) expect((await over(metric, pred, target, bs))!).toBeCloseTo(expected, 6);
  });

  test("rankings use the probability of the last class", async () => {
    const probs = [0.1, 0.6, 0.8, 0.7, 0.4, 0.3, 0.9, 0.2];
    const logits = tf.tensor2d(probs.map((p) => [0, Math.log(p / (1 - p))]));
    expect((await over(m.rocAucBinary(), logits, target, 3))!).toBeCloseTo(0.9375, 6);
    expect((await over(m.apScoreBinary(), logits, target, 3))!).toBeCloseTo(0.95, 6);
    expect((await over(m.rocAuc(), logits, target, 3))!).toBeCloseTo(0.9375, 6);
  });
});

describe("three classes", () => {
  const target = () => ints(0, 1, 2, 2, 1, 0);
  const pred = () => sure([0, 2, 2, 1, 1, 0], 3);
  test.each([
    ["balancedAccuracy", m.balancedAccuracy(), 2 / 3],
    ["matthewsCorrCoef", m.matthewsCorrCoef(), 0.5],
    ["cohenKappa", m.cohenKappa(), 0.5],
    ["f1Score", m.f1Score({ average: "macro" }), 2 / 3],
    ["jaccard", m.jaccard({ average: "macro" }), 5 / 9],
  ])("%s", async (_, metric, expected) => {
    expect((await over(metric, pred, target, 4))!).toBeCloseTo(expected, 6);
  });

  test("the average for two classes does not take three", async () => {
    await expect(over(m.f1Score(), pred, target)).rejects.toThrow(/3 classes.*average: "macro"/);
  });
});

describe("segmentation", () => {
  const target = () => tf.tensor([0, 1, 1, 1, 2, 0], [1, 2, 3], "int32");
  const pred = () => tf.reshape(sure([0, 0, 1, 1, 2, 2], 3), [1, 2, 3, 3]);
  test("averages over classes, or counts the foreground", async () => {
    expect((await over(new m.DiceMulti(), pred, target))!).toBeCloseTo(0.6555556, 6);
    expect((await over(new m.JaccardCoeffMulti(), pred, target))!).toBeCloseTo(0.5, 6);
    expect((await over(m.foregroundAcc(), pred, target))!).toBeCloseTo(0.75, 6);
    expect((await over(m.foregroundAcc({ bkgIdx: 1 }), pred, target))!).toBeCloseTo(2 / 3, 6);
  });

  test("pixels without a class and classes without a pixel do not count", async () => {
    const voids = tf.tensor([0, 255, 1, -1], [1, 2, 2], "int32");
    const said = tf.reshape(sure([0, 0, 1, 0], 4), [1, 2, 2, 4]);
    expect((await over(new m.DiceMulti(), said, voids))!).toBeCloseTo((2 / 4 + 1) / 2, 6);
    const background = tf.zeros([1, 2, 2], "int32");
    const none = tf.reshape(sure([0, 0, 0, 0], 2), [1, 2, 2, 2]);
    expect(await over(new m.Dice(), none, background)).toBeNull();
    expect(await over(m.foregroundAcc(), none, background)).toBeNull();
  });
});

describe("several labels", () => {
  const target = () =>
    tf.tensor2d([
      [1, 0, 1],
      [1, 0, 0],
    ]);
  const pred = () =>
    tf.tensor2d([
      [0.2, -1, 3],
      [0, -0.1, 0.1],
    ]);
  test("accuracyMulti needs a probability above the threshold", async () => {
    expect((await over(m.accuracyMulti(), pred, target, 1))!).toBeCloseTo(2 / 3, 6);
    expect((await over(m.accuracyMulti({ sigmoid: false, thresh: 0.15 }), pred, target))!).toBeCloseTo(5 / 6, 6);
  });

  test("scores of the whole pass take a probability at the threshold", async () => {
    expect((await over(m.hammingLossMulti(), pred, target, 1))!).toBeCloseTo(1 / 6, 6);
    expect((await over(m.recallMulti({ average: "micro" }), pred, target, 1))!).toBeCloseTo(1, 6);
    expect((await over(m.precisionMulti({ average: "micro", thresh: 0.9 }), pred, target))!).toBeCloseTo(1, 6);
  });
});

describe("regression", () => {
  const pred = () => tf.tensor2d([2.5, 0, 2, 8], [4, 1]);
  const target = () => tf.tensor1d([3, -0.5, 2, 7]);
  test.each<[string, m.MetricLike, number]>([
    ["mse", m.mse, 0.375],
    ["mae", m.mae, 0.5],
    ["rmse", m.rmse, 0.6123724],
    ["r2Score", m.r2Score, 0.9486081],
    ["explainedVariance", m.explainedVariance, 0.9571734],
    ["pearsonCorrCoef", m.pearsonCorrCoef, 0.9848696],
    ["spearmanCorrCoef", m.spearmanCorrCoef, 1],
  ])("%s", async (name, metric, expected) => {
    expect(m.mkMetric(metric).name).toBe(name);
    for (const bs of [4, 3]) expect((await over(m.mkMetric(metric), pred, target, bs))!).toBeCloseTo(expected, 5);
  });

  test("logarithms", async () => {
    expect(m.msle(tf.tensor1d([1, 2, 4]), ints(1, 3, 3))).toBeAllclose(0.0441846731);
    const [p, t] = [tf.log(tf.tensor1d([110, 90])), tf.log(tf.tensor1d([100, 100]))];
    expect((await m.expRmspe().score(p, t))!).toBeCloseTo(0.1, 5);
  });
});

describe("topKAccuracy", () => {
  test("looks among the k largest outputs", async () => {
    const pred = tf.tensor2d([
      [0.1, 0.4, 0.3, 0.2],
      [0.1, 0.4, 0.3, 0.2],
      [0.9, 0.4, 0.3, 0.2],
    ]);
    const target = ints(2, 0, 0);
    expect((await over(m.topKAccuracy({ k: 2 }), pred, target, 2))!).toBeCloseTo(2 / 3, 6);
    expect((await over(m.topKAccuracy({ k: 1 }), pred, target))!).toBeCloseTo(1 / 3, 6);
    expect((await over(m.topKAccuracy(), pred, target))!).toBeCloseTo(1, 6);
    expect(() => m.topKAccuracy({ k: 0 })).toThrow(OptionError);
  });
});

describe("Perplexity and LossMetric", () => {
  test("perplexity is e to the mean loss", async () => {
    const metric = new m.Perplexity();
    const none = tf.zeros([1]);
    metric.accumulate(batch(none, none, { loss: tf.scalar(1), batchSize: 3 }));
    metric.accumulate(batch(none, none, { loss: tf.scalar(3), batchSize: 1 }));
    expect((await metric.value())!).toBeCloseTo(4.4816891, 5);
    expect(await new m.Perplexity().value()).toBeNull();
  });

  test("terms of a loss are averaged by batch size; a missing one is 0", async () => {
    const lossFunc = new CombinedLoss();
    const [pred, target] = [tf.randomNormal([4, 3]), ints(0, 1, 2, 0)];
    const loss = lossFunc.call(pred, target);
    const [focal, dice] = m.lossMetrics("focal, dice", { names: ["f", "dice"] });
    for (const metric of [focal!, dice!, new m.LossMetric("other")]) {
      metric.accumulate(batch(pred, target, { lossFunc, loss }));
      const part = lossFunc.parts.get(metric === focal ? "focal" : "dice")!;
      const expected = metric.name === "other" ? 0 : part.dataSync()[0]!;
      expect((await metric.value())!).toBeCloseTo(expected, 5);
    }
    expect([focal!.name, dice!.name]).toEqual(["f", "dice"]);
    expect(() => m.lossMetrics("a,b", { names: "c" })).toThrow(OptionError);
  });
});

describe("CorpusBLEUMetric", () => {
  const tokens = (ids: number[]) => tf.expandDims(sure(ids, 10), 0);
  test.each([
    [[1, 2, 3, 4, 5], [1, 2, 3, 4, 6, 7], 0.5475183],
    [[1, 2, 3, 9, 5], [1, 2, 3, 4, 5], 0.427287],
  ])("%j against %j", async (pred, target, expected) => {
    const metric = new m.CorpusBLEUMetric();
    const input = batch(tokens(pred), tf.expandDims(ints(...target), 0));
    const before = tf.memory().numTensors;
    metric.accumulate(input);
    metric.accumulate({ ...input, training: true });
    expect((await metric.value())!).toBeCloseTo(expected, 6);
    metric.reset();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("too short sentences have no score, and other shapes are refused", async () => {
    const metric = new m.CorpusBLEUMetric();
    expect(await metric.value()).toBeNull();
    metric.accumulate(batch(tokens([1, 2]), tf.expandDims(ints(1, 2), 0)));
    expect(await metric.value()).toBeNull();
    expect(() => metric.accumulate(batch(sure([1], 3), ints(1)))).toThrow(ShapeError);
  });
});

describe("optimMetric", () => {
  test("finds the argument with the best value", async () => {
    const probs = tf.tensor2d([0.1, 0.35, 0.42, 0.8, 0.38, 0.2], [6, 1]);
    const target = tf.tensor2d([0, 0, 1, 1, 1, 0], [6, 1]);
    const metric = m.optimMetric((thresh) => m.f1ScoreMulti({ thresh, sigmoid: false }), { bounds: [0.2, 0.6] });
    expect(metric.name).toBe("optF1ScoreMulti");
    const before = tf.memory().numTensors;
    const best = await over(metric, probs, target, 4);
    expect(best).toBeCloseTo(1, 6);
    expect(metric.best!.argument).toBeGreaterThan(0.35);
    expect(metric.best!.argument).toBeLessThan(0.38);
    metric.dispose();
    expect(tf.memory().numTensors).toBeLessThanOrEqual(before + 2);
    expect(() => m.optimMetric(() => m.rmse(), { bounds: [1, 0] })).toThrow(OptionError);
  });
});

describe("every factory and class", () => {
  const classes = [
    m.Dice,
    m.DiceMulti,
    m.JaccardCoeff,
    m.JaccardCoeffMulti,
    m.Perplexity,
    m.CorpusBLEUMetric,
    m.AvgLoss,
  ];
  const needOptions: unknown[] = [m.fBeta, m.fBetaMulti];
  const likes = Object.values(m).filter(
    (f) => typeof f === "function" && Object.getOwnPropertySymbols(f).length > 0 && !needOptions.includes(f),
  );
  const all = [...(likes as m.MetricLike[]), ...classes];

  test("may stand in a list of metrics as it is, and gives null when nothing was seen", async () => {
    expect(all.length).toBeGreaterThan(30);
    for (const like of all) {
      const metric = m.mkMetric(like);
      expect(metric).toBeInstanceOf(m.Metric);
      expect(metric.name).not.toBe("");
      expect(await metric.value()).toBeNull();
    }
  });

  test("the types allow what works, and no more", () => {
    const own = (pred: tf.Tensor, target: tf.Tensor) => tf.mean(tf.sub(pred, target));
    const list: m.MetricLike[] = [m.accuracy, m.f1Score, m.topKAccuracy({ k: 3 }), m.Dice, new m.Perplexity(), own];
    expect(list.map((like) => m.mkMetric(like).name)).toEqual([
      "accuracy",
      "f1Score",
      "topKAccuracy",
      "dice",
      "perplexity",
      "own",
    ]);
    // @ts-expect-error: a typo in an option
    expect(() => m.f1Score({ avrage: "macro" })).toThrow(/did you mean "average"/);
    // @ts-expect-error: `fBeta` needs its beta
    list.push(m.fBeta);
  });

  test("names a wrong entry of the list", () => {
    expect(() => m.mkMetric("accuracy" as never)).toThrow(/a factory such as `f1Score`/);
    expect(() => m.mkMetric(m.fBeta as never)).toThrow(/call `fBeta\(\{ beta: 2 \}\)`/);
  });
});

describe("whole-pass metrics", () => {
  const rows = fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { minLength: 1, maxLength: 16 });

  test("do not depend on how the data is cut into batches", async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 7 }), async (items, bs) => {
        const target = ints(...items.map(([t]) => t));
        // No two rows are equally sure: a backend may round equal ones differently, in batches of another size.
        const pred = tf.add(
          sure(
            items.map(([, p]) => p),
            3,
          ),
          tf.tensor2d(items.map((_, i) => [0, 0.05 * i, -0.03 * i])),
        );
        const metrics = [
          m.f1Score({ average: "macro" }),
          m.cohenKappa(),
          m.rocAuc(),
          new m.DiceMulti(),
          m.foregroundAcc(),
        ];
        for (const metric of metrics) {
          const [cut, whole] = [await over(metric, pred, target, bs), await over(metric, pred, target)];
          if (whole === null) expect(cut).toBeNull();
          else expect(cut!).toBeCloseTo(whole, 10);
        }
      }),
      { numRuns: 20 },
    );
  });

  test("hold tensors until they are reset, and only theirs", async () => {
    const [pred, target] = [tf.randomNormal([4, 2]), ints(0, 1, 1, 0)];
    for (const metric of [m.f1Score(), m.rocAuc(), m.rocAucBinary(), new m.Dice(), m.foregroundAcc()]) {
      const before = tf.memory().numTensors;
      await over(metric, pred, target, 2);
      expect(tf.memory().numTensors).toBeGreaterThan(before);
      metric.reset();
      expect(tf.memory().numTensors).toBe(before);
      expect(pred.isDisposed).toBe(false);
    }
  });

  test("name both shapes when they do not fit", () => {
    expect(() => m.f1Score().accumulate(batch(tf.zeros([4, 2]), ints(0, 1)))).toThrow(
      /metric "f1Score": got predictions \[4\], targets \[2\]/,
    );
    expect(() => m.rocAuc().accumulate(batch(tf.zeros([4, 2]), tf.zeros([4, 2])))).toThrow(/one class index per row/);
    expect(() => m.f1ScoreMulti().accumulate(batch(tf.zeros([4, 2]), ints(0, 1, 1, 0)))).toThrow(ShapeError);
    expect(() => m.f1Score({ average: "samples" as never })).toThrow(OptionError);
    expect(() => m.fBeta({} as never)).toThrow(/fBeta\(\{ beta: 2 \}\)/);
  });
});

describe("fromScore", () => {
  test("takes classes, labels by threshold, or plain outputs", async () => {
    const seen: number[][] = [];
    const spy: m.ScoreFunc = (targ, pred, columns) => {
      seen.push(Array.from(targ), Array.from(pred), [columns]);
      return 1;
    };
    const pred = tf.tensor2d([
      [-1, 2],
      [3, 0],
    ]);
    await over(m.fromScore(spy), pred, ints(1, 0));
    await over(m.fromScore(spy, { thresh: 0.5, flatten: false }), pred, tf.ones([2, 2]));
    await over(m.fromScore(spy, { isClass: false, name: "spy" }), pred, tf.ones([2, 2]));
    expect(seen).toEqual([[1, 0], [1, 0], [1], [1, 1, 1, 1], [0, 1, 1, 1], [2], [1, 1, 1, 1], [-1, 2, 3, 0], [1]]);
  });
});
