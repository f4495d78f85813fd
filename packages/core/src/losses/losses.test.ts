import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { DataError, FileFormatError, OptionError, ShapeError } from "../errors.ts";
import { applyLoss, BaseLoss, type LossFunction, withNoneReduce } from "./baseLoss.ts";
import { BCELossFlat, BCEWithLogitsLossFlat } from "./binaryCrossEntropy.ts";
import { checkTargets } from "./checkTargets.ts";
import { CombinedLoss } from "./combined.ts";
import { CrossEntropyLossFlat } from "./crossEntropy.ts";
import { DiceLoss } from "./dice.ts";
import { FocalLoss, FocalLossFlat } from "./focal.ts";
import { LabelSmoothingCrossEntropyFlat } from "./labelSmoothing.ts";
import { lossFromConfig, lossRegistry } from "./lossRegistry.ts";
import { reduceLoss } from "./reduction.ts";
import { L1LossFlat, MSELossFlat } from "./regression.ts";

const rows = [
  [1, 2, 3],
  [2, 0, 1],
];
const pred = () => tf.tensor2d(rows);
const ints = (...values: number[]) => tf.tensor1d(values, "int32");
const weight = [1, 2, 3];

describe("known values", () => {
  test.each([
    ["focal", new FocalLossFlat(), [2, 1], 1.01964117],
    ["focal, each", new FocalLossFlat({ reduction: "none" }), [2, 1], [0.0456777993, 1.99360453]],
    ["focal, weighted", new FocalLossFlat({ weight }), [2, 1], 2.67313793],
    ["focal, weighted, each", new FocalLossFlat({ weight, reduction: "none" }), [2, 1], [0.60880702, 4.73746884]],
    ["smoothing, sum", new LabelSmoothingCrossEntropyFlat({ reduction: "sum" }), [2, 1], 2.81521193],
    ["smoothing, each", new LabelSmoothingCrossEntropyFlat({ reduction: "none" }), [2, 1], [0.50760596, 2.30760596]],
    ["smoothing, mean", new LabelSmoothingCrossEntropyFlat(), [2, 0], 0.50760596],
    ["focal, gamma 0 is cross-entropy", new FocalLossFlat({ gamma: 0 }), [2, 1], 1.40760596],
  ] as const)("%s", (_, loss, target, expected) => {
    expect(loss.call(pred(), ints(...target))).toBeAllclose(expected);
  });

  test("binary cross-entropy", () => {
    const [x, y] = [tf.tensor1d([0, 2, -1]), ints(1, 1, 0)];
    const each = new BCEWithLogitsLossFlat({ reduction: "none" });
    expect(each.call(x, y)).toBeAllclose([Math.LN2, 0.12692801, 0.31326169]);
    expect(new BCEWithLogitsLossFlat().call(x, y)).toBeAllclose(0.37777896);
    expect(new BCEWithLogitsLossFlat({ posWeight: 2 }).call(x, y)).toBeAllclose(0.65113736);
    expect(new BCELossFlat().call(tf.sigmoid(x), y)).toBeAllclose(0.37777896);
  });

  test("Dice", () => {
    const logits = tf.tensor([2, 0, 0, 1], [1, 1, 2, 2]);
    const target = tf.tensor([0, 1], [1, 1, 2], "int32");
    expect(new DiceLoss({ reduction: "none" }).call(logits, target)).toBeAllclose([0.18055413, 0.20977799]);
    expect(new DiceLoss().call(logits, target)).toBeAllclose(0.39033212);
    expect(new DiceLoss({ squareInUnion: true }).call(logits, target)).toBeAllclose(0.10270489);
    const sure = tf.tensor([40, 0, 0, 40], [1, 1, 2, 2]);
    expect(new DiceLoss().call(sure, target)).toBeAllclose(0);
  });

  test("extreme logits stay finite and exact", () => {
    const [x, y] = [tf.tensor1d([200, -200, 40, 10]), ints(0, 1, 1, 1)];
    const each = new BCEWithLogitsLossFlat({ reduction: "none" });
    expect(each.call(x, y)).toBeAllclose([200, 200, 0, 4.5398899e-5], { rtol: 1e-5, atol: 1e-7 });
    expect(new BCELossFlat({ reduction: "none" }).call(tf.tensor1d([0, 1]), ints(1, 0))).toBeAllclose([100, 100]);
  });
});

describe("gradients agree with finite differences", () => {
  const classes: [BaseLoss, number[]][] = [
    [new CrossEntropyLossFlat({ weight }), [2, 1]],
    [new FocalLossFlat({ gamma: 0.5 }), [2, 1]],
    [new FocalLossFlat({ gamma: 0 }), [2, 1]],
    [new LabelSmoothingCrossEntropyFlat({ weight }), [2, -100]],
    [new DiceLoss(), [2, 1]],
    [new CombinedLoss({ alpha: 0.5 }), [2, 1]],
    [new BCEWithLogitsLossFlat({ weight, posWeight: [3, 1, 0.5] }), [1, 0, 1, 0, 0, 1]],
    [new MSELossFlat(), [1, 0, 1, 0, 5, 1]],
    [new L1LossFlat(), [5, 0, 1, 0, 5, 4]],
  ];
  test.each(classes.map(([loss, target]) => [loss.name, loss, target] as const))("%s", (_, loss, target) => {
    const value = (x: tf.Tensor) => loss.call(x, ints(...target)) as tf.Scalar;
    const grad = tf.grad(value)(pred());
    const step = 1e-2;
    const flat = rows.flat();
    const slopes = flat.map((_, i) => {
      const at = (d: number) =>
        value(
          tf.tensor2d(
            flat.map((v, j) => (i === j ? v + d : v)),
            [2, 3],
          ),
        ).dataSync()[0]!;
      return (at(step) - at(-step)) / (2 * step);
    });
    expect(grad).toBeAllclose(slopes, { rtol: 1e-2, atol: 1e-3 });
    loss.dispose();
  });

  test("a perfect prediction has no gradient and no NaN", () => {
    for (const gamma of [0, 0.5, 2]) {
      const grad = tf.grad((x) => new FocalLossFlat({ gamma }).call(x, ints(0)))(tf.tensor2d([[200, 0]]));
      expect(grad).toBeAllclose([0, 0]);
    }
  });
});

describe("withNoneReduce", () => {
  test("leaves the items unreduced, and puts the reduction back, also after a throw and after a promise", async () => {
    const loss = new CrossEntropyLossFlat();
    expect(withNoneReduce(loss, (f) => applyLoss(f, pred(), ints(2, 1))).shape).toEqual([2]);
    expect(loss.reduction).toBe("mean");
    expect(() =>
      withNoneReduce(loss, () => {
        throw new Error("inside");
      }),
    ).toThrow("inside");
    expect(loss.reduction).toBe("mean");
    const later = withNoneReduce(loss, async () => loss.reduction);
    expect(loss.reduction).toBe("none");
    expect(await later).toBe("none");
    expect(loss.reduction).toBe("mean");
  });

  test("takes a plain function only if it has a reduction", () => {
    const plain: LossFunction = (p) => tf.mean(p);
    expect(() => withNoneReduce(plain, () => 1)).toThrow(OptionError);
    const obeys: LossFunction = (p) => reduceLoss(p, obeys.reduction ?? "mean");
    obeys.reduction = "mean";
    expect(withNoneReduce(obeys, (f) => applyLoss(f, pred())).shape).toEqual([2, 3]);
    expect(obeys.reduction).toBe("mean");
  });
});

/** Whether a loss has these options. */
function takes(name: string, args: Record<string, unknown>): boolean {
  try {
    lossFromConfig({ name, args });
    return true;
  } catch {
    return false;
  }
}

describe("lossRegistry", () => {
  test.each(lossRegistry.names())("%s goes through JSON and back", (name) => {
    const all = {
      ...{ axis: -1, weight: [1, 2], gamma: 3, eps: 0.2, posWeight: [1, 2], smooth: 0.5, alpha: 2, thresh: 0.3 },
      ...{ reduction: "sum", flatten: false, ignoreIndex: 7, squareInUnion: true },
    };
    const options = Object.fromEntries(Object.entries(all).filter(([key, value]) => takes(name, { [key]: value })));
    const loss = lossFromConfig({ name, args: options });
    const config = JSON.parse(JSON.stringify(loss.toConfig()));
    expect(config.args).toEqual(options);
    expect(config.args.reduction).toBe("sum");
    expect(lossFromConfig(config).toConfig()).toEqual(config);
    expect(loss.name).toBe(name);
  });

  test("refuses what is no loss", () => {
    expect(() => lossFromConfig({ name: "CrossEntropyLossFlt", args: {} })).toThrow(
      /did you mean "CrossEntropyLossFlat"/,
    );
    expect(() => lossFromConfig(JSON.parse('{"name": 3}'))).toThrow(FileFormatError);
    expect(() => lossFromConfig({ name: "FocalLossFlat", args: { gamma: "2; x" } })).toThrow(OptionError);
    expect(() => lossFromConfig({ name: "MSELossFlat", args: { reduction: "avg" } })).toThrow(
      /"mean", "sum" or "none"/,
    );
  });
});

describe("checkTargets", () => {
  test("names the first index that is no class", async () => {
    await expect(checkTargets(ints(0, 2, -100), 3)).resolves.toBeUndefined();
    await expect(checkTargets(ints(0, 3), 3)).rejects.toThrow(DataError);
    await expect(checkTargets(ints(0, 3), 3)).rejects.toThrow(/3 at position 1/);
    await expect(checkTargets(ints(0, 255), 3, { ignoreIndex: 255 })).resolves.toBeUndefined();
  });
});

describe("shapes", () => {
  test("one column against no column fits, other sizes do not", () => {
    expect(new MSELossFlat().call(tf.ones([4, 1]), tf.zeros([4]))).toBeAllclose(1);
    expect(() => new MSELossFlat().call(tf.ones([4, 2]), tf.zeros([4]))).toThrow(ShapeError);
    expect(() => new MSELossFlat().call(tf.ones([4, 2]), tf.zeros([4]))).toThrow(/pred \[4, 2\], target \[4\].*getY/);
    expect(() => new BCEWithLogitsLossFlat({ posWeight: [1, 2] }).call(pred(), tf.ones([2, 3]))).toThrow(ShapeError);
  });

  test("unreduced losses take the shape of the targets if asked", () => {
    const [x, y] = [tf.randomNormal([2, 3, 4, 5]), tf.zeros([2, 3, 4], "int32")];
    expect(new FocalLoss({ reduction: "none" }).call(x, y).shape).toEqual([2, 3, 4]);
    expect(new FocalLossFlat({ reduction: "none" }).call(x, y).shape).toEqual([24]);
    expect(new BCEWithLogitsLossFlat({ reduction: "none", posWeight: 2 }).call(x, tf.ones(x.shape)).shape).toEqual(
      x.shape,
    );
  });
});

describe("CombinedLoss", () => {
  test("is focal plus alpha times Dice, and shows both parts", () => {
    const [x, y] = [tf.randomNormal([2, 3, 4, 5]), tf.ones([2, 3, 4], "int32")];
    const focal = new FocalLossFlat().call(x, y).dataSync()[0]!;
    const dice = new DiceLoss({ smooth: 1 }).call(x, y).dataSync()[0]!;
    const loss = new CombinedLoss({ alpha: 0.5 });
    const before = tf.memory().numTensors;
    for (let i = 0; i < 2; i++) tf.tidy(() => void expect(loss.call(x, y)).toBeAllclose(focal + 0.5 * dice));
    expect([...loss.parts.keys()]).toEqual(["focal", "dice"]);
    expect(loss.parts.get("dice")!).toBeAllclose(dice);
    expect(withNoneReduce(loss, () => loss.call(x, y)).shape).toEqual([2]);
    loss.dispose();
    expect(tf.memory().numTensors).toBe(before + 1);
  });
});

describe("BaseLoss", () => {
  test("a loss of one's own needs a name and its math", () => {
    class Hinge extends BaseLoss {
      override readonly name = "Hinge";
      protected override compute(p: tf.Tensor, y: tf.Tensor): tf.Tensor {
        return reduceLoss(tf.relu(tf.sub(1, tf.mul(p, y))), this.reduction);
      }
    }
    expect(new Hinge().call(tf.tensor1d([2, 0.5]), tf.tensor1d([1, -1]))).toBeAllclose(0.75);
    expect(new Hinge().toConfig()).toEqual({ name: "Hinge", args: { reduction: "mean" } });
    expect(new Hinge().yInt).toBe(false);
  });
});
