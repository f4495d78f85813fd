import { describe, expect, test } from "vitest";
import { lrSlice, type OptFunc, type Params, schedLin, schedNo, sgd } from "../optim/index.ts";
import { RegModel, synthDls, synthLearner } from "../testing/index.ts";
import { Learner } from "./learner.ts";

const eight = { nTrain: 8, nValid: 1 };

describe("fitOneCycle", () => {
  test("rates and momentums of eight batches", async () => {
    const learn = synthLearner(eight);
    await learn.withNoLogging(() => learn.fitOneCycle(1, 1e-2));
    const { hps, lrs } = learn.recorder as NonNullable<typeof learn.recorder>;
    const expected = [4e-4, 5.2e-3, 1e-2, 9.330133718e-3, 7.500025e-3, 5.00005e-3, 2.500075e-3, 6.69966282e-4];
    expect(hps.lr).toBeAllclose(expected, { rtol: 1e-8, atol: 0 });
    expect(lrs).toBeAllclose(expected, { rtol: 1e-8, atol: 0 });
    expect(hps.mom).toBeAllclose([0.95, 0.9, 0.85, 0.85669873, 0.875, 0.9, 0.925, 0.94330127], { rtol: 1e-8, atol: 0 });
    learn.dispose();
  });

  test("a fraction outside 0…1 is refused", async () => {
    await expect(synthLearner(eight).fitOneCycle(1, { pctStart: 25 })).rejects.toThrow(/pctStart 25/);
  });
});

test("fitFlatCos stays flat for three quarters", async () => {
  const learn = synthLearner(eight);
  await learn.withNoLogging(() => learn.fitFlatCos(1, { lr: 1e-2 }));
  expect(learn.recorder?.hps.lr).toBeAllclose([...new Array(7).fill(1e-2), 5.00005e-3], { rtol: 1e-8, atol: 0 });
  learn.dispose();
});

describe("fitSgdr", () => {
  test("two cycles take three epochs and restart", async () => {
    const learn = synthLearner({ nTrain: 2, nValid: 1 });
    await learn.withNoLogging(() => learn.fitSgdr(2, 1, { lrMax: 1e-2 }));
    expect(learn.recorder?.hps.lr).toBeAllclose([1e-2, 5e-3, 1e-2, 8.535533906e-3, 5e-3, 1.464466094e-3], {
      rtol: 1e-8,
      atol: 0,
    });
    learn.dispose();
  });

  test.each([
    [3, 1, 2, 7],
    [3, 2, 2, 14],
    [3, 2, 1, 6],
  ])("%d cycles of %d, times %d, are %d epochs", async (n, len, cycleMult, epochs) => {
    const learn = synthLearner({ nTrain: 1, nValid: 1 });
    await learn.withNoLogging(() => learn.fitSgdr(n, len, { cycleMult }));
    expect(learn.recorder?.values).toHaveLength(epochs);
    learn.dispose();
  });
});

describe("a rate before the options", () => {
  test.each([
    ["fit", (l: Learner<number[], number[]>) => l.fit(1, 1e-2, { wd: 0 })],
    ["fitOneCycle", (l: Learner<number[], number[]>) => l.fitOneCycle(1, 1e-2, { div: 1 })],
    ["fitFlatCos", (l: Learner<number[], number[]>) => l.fitFlatCos(1, 1e-2, { pctStart: 0.5 })],
    ["fitSgdr", (l: Learner<number[], number[]>) => l.fitSgdr(1, 1, 1e-2, { cycleMult: 3 })],
  ])("%s starts from it", async (_name, run) => {
    const learn = synthLearner(eight);
    await learn.withNoLogging(() => run(learn));
    expect(learn.recorder?.lrs[0]).toBeAllclose([1e-2], { rtol: 1e-8, atol: 0 });
    learn.dispose();
  });
});

describe("groups", () => {
  const grouped = (): Learner<number[], number[]> =>
    new Learner(synthDls(eight), new RegModel(), { splitter: (m) => m.parameters().map((p) => [p]) });

  test("a slice of one value gives earlier groups a tenth", async () => {
    const learn = grouped();
    await learn.withNoLogging(() => learn.fit(1, { lr: lrSlice(1e-3) }));
    expect(learn.opt?.hypers.map((h) => h.lr)).toBeAllclose([1e-4, 1e-3], { rtol: 1e-9, atol: 0 });
    learn.dispose();
  });

  test("a schedule per group", async () => {
    const learn = grouped();
    const { ParamScheduler } = await import("./paramScheduler.ts");
    const cb = new ParamScheduler({ lr: [schedNo(1e-4, 0), schedLin(1e-3, 0)] });
    await learn.withNoLogging(() => learn.fit(1, { cbs: [cb] }));
    expect(learn.opt?.hypers.map((h) => h.lr)).toBeAllclose([1e-4, 1e-3 / 8], { rtol: 1e-6, atol: 0 });
    learn.dispose();
  });

  test("a schedule of nothing that the optimizer has is refused", async () => {
    const learn = grouped();
    const { ParamScheduler } = await import("./paramScheduler.ts");
    const fit = learn.fit(1, { cbs: [new ParamScheduler({ learningRate: schedNo(1e-4, 0) })] });
    await expect(fit).rejects.toThrow(/"learningRate"[\s\S]*lr/);
    learn.dispose();
  });

  test("fineTune trains the head, then everything", async () => {
    const learn = grouped();
    const lrs: number[][] = [];
    const frozen: number[] = [];
    const { Callback } = await import("./callback.ts");
    const watch = new Callback({
      beforeBatch: (cb) => {
        if (cb.learn.training) lrs.push(cb.learn.opt?.hypers.map((h) => h.lr) ?? []);
      },
      beforeFit: (cb) => void frozen.push(cb.learn.opt?.frozenIdx ?? -1),
    });
    watch.runValid = false;
    const before = learn.model.parameters().map((p) => p.value.dataSync()[0]);
    await learn.withNoLogging(() => learn.fineTune(1, { cbs: [watch] }));
    expect(frozen).toEqual([1, 0]);
    expect(Math.max(...lrs.slice(0, 8).map((r) => r[1] as number))).toBeCloseTo(2e-3 * 0.9, 3);
    expect(Math.max(...lrs.slice(8).map((r) => r[1] as number))).toBeLessThanOrEqual(1e-3);
    expect((lrs[9]?.[1] as number) / (lrs[9]?.[0] as number)).toBeCloseTo(100, 6);
    expect(learn.model.parameters().map((p) => p.value.dataSync()[0])).not.toEqual(before);
    learn.dispose();
  });

  test("fineTune has fastai's rates in both phases", async () => {
    const learn = grouped();
    const peaks: number[][] = [];
    const { Callback } = await import("./callback.ts");
    const watch = new Callback({
      beforeFit: () => void peaks.push([]),
      beforeStep: (cb) => void peaks.at(-1)?.push(cb.learn.opt?.hypers[1]?.lr ?? 0),
    });
    await learn.withNoLogging(() => learn.fineTune(1, 2e-3, { cbs: [watch] }));
    expect(peaks[0]?.[0]).toBeAllclose([8e-5], { rtol: 1e-8, atol: 0 });
    expect(peaks[0]?.[4]).toBeAllclose([1.05523133e-3], { rtol: 1e-2, atol: 0 });
    expect(peaks[1]?.[0]).toBeAllclose([2e-4], { rtol: 1e-8, atol: 0 });
    expect(learn.opt?.frozenIdx).toBe(0);
    learn.dispose();
  });

  test("fineTune without a frozen phase", async () => {
    const learn = grouped();
    await learn.withNoLogging(() => learn.fineTune(1, { freezeEpochs: 0 }));
    expect(learn.fitCount).toBe(1);
    learn.dispose();
  });

  test.each<[string, (learn: Learner<number[], number[]>) => Promise<void>, RegExp]>([
    ["no epochs", (learn) => learn.fineTune(0), /0 epochs/],
    ["half an epoch", (learn) => learn.fineTune(1.5), /1\.5 epochs/],
    ["a rate of nothing", (learn) => learn.fineTune(1, 0), /baseLr = 0/],
    ["a division by nothing", (learn) => learn.fineTune(1, { lrMult: 0 }), /lrMult = 0/],
    ["no start of the cycle", (learn) => learn.fitOneCycle(1, { div: 0 }), /div = 0/],
    ["no end of the curve", (learn) => learn.fitFlatCos(1, { divFinal: Number.NaN }), /divFinal = NaN/],
  ])("%s is refused before anything trains", async (_, call, message) => {
    const learn = synthLearner(eight);
    await expect(call(learn)).rejects.toThrow(message);
    expect(learn.fitCount).toBe(0);
    learn.dispose();
  });

  test("fineTune refuses a rate that it would not use", async () => {
    const learn = grouped();
    // @ts-expect-error: TypeScript refuses it too
    await expect(learn.fineTune(1, { lrMax: 1e-2 })).rejects.toThrow(/baseLr/);
    learn.dispose();
  });

  test("freezing survives a new optimizer", async () => {
    const learn = grouped();
    learn.freeze();
    const [a] = learn.model.parameters();
    const before = a?.value.dataSync()[0];
    await learn.withNoLogging(() => learn.fit(1, { resetOpt: true }));
    expect(a?.value.dataSync()[0]).toBe(before);
    expect(learn.opt?.frozenIdx).toBe(1);
    learn.dispose();
  });
});

test("startEpoch skips epochs while the schedule goes on", async () => {
  const learn = synthLearner({ nTrain: 4, nValid: 1 });
  await learn.withNoLogging(() => learn.fitOneCycle(2, { lrMax: 1e-2, startEpoch: 1 }));
  expect(learn.recorder?.hps.lr?.[0]).toBeAllclose([7.500025e-3], { rtol: 0.35, atol: 0 });
  expect(learn.recorder?.hps.lr).toHaveLength(4);
  expect(learn.recorder?.values[0]).toEqual([null, null]);
  learn.dispose();
});

describe("an optFunc with a rate of its own", () => {
  const quick = { nTrain: 2, nValid: 1 };
  const fixed = (lr: number | number[]) => (params: Params) => {
    const opt = sgd(params, { lr: 0.5 });
    opt.setHyper("lr", lr);
    return opt;
  };

  test("sets the learner's", async () => {
    const learn = synthLearner({ ...quick, optFunc: fixed(0.02) });
    await learn.withNoLogging(() => learn.fit(1));
    expect(learn.lr).toBe(0.02);
    expect(learn.recorder?.lrs).toEqual([0.02, 0.02]);
    learn.dispose();
  });

  test("is what a cycle peaks at", async () => {
    const learn = synthLearner({ ...quick, optFunc: fixed(0.02) });
    await learn.withNoLogging(() => learn.fitFlatCos(1));
    expect(learn.recorder?.lrs[0]).toBe(0.02);
    await learn.withNoLogging(() => learn.fitOneCycle(1, { pctStart: 0.5 }));
    expect(learn.recorder?.lrs[1]).toBeCloseTo(0.02, 10);
    learn.dispose();
  });

  test("may have one per group", () => {
    const learn = synthLearner({
      ...quick,
      splitter: (m) => m.parameters().map((p) => [p]),
      optFunc: fixed([0.1, 0.2]),
    });
    learn.createOpt();
    expect(learn.lr).toEqual([0.1, 0.2]);
    learn.dispose();
  });

  test("does not win over a rate given to the fit", async () => {
    const learn = synthLearner({ ...quick, optFunc: fixed(0.02) });
    await learn.withNoLogging(() => learn.fit(1, 0.005));
    expect(learn.recorder?.lrs).toEqual([0.005, 0.005]);
    learn.dispose();
  });

  test.each<[string, OptFunc]>([
    ["passes the rate on", (params, { lr }) => sgd(params, { lr })],
    ["passes on a part of it", (params, { lr }) => sgd(params, { lr: Number(lr) / 2 })],
  ])("one that %s leaves the learner's rate", (_, optFunc) => {
    const learn = synthLearner({ ...quick, lr: 0.01, optFunc });
    for (let i = 0; i < 2; i++) expect(learn.createOpt().hypers[0]?.lr).toBe(0.01);
    expect(learn.lr).toBe(0.01);
    learn.dispose();
  });
});
