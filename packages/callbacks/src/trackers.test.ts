import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Callback, CheckpointCallback, type Learner } from "@layerwise/core/learner";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { lineLearner, tempFolder, weights } from "../test/smallLearners.ts";
import { EarlyStoppingCallback } from "./earlyStopping.ts";
import { ReduceLROnPlateau } from "./reduceLrOnPlateau.ts";
import { SaveModelCallback } from "./saveModel.ts";
import { ShortEpochCallback } from "./shortEpoch.ts";
import { TrackerCallback } from "./trackerCallback.ts";

/** Makes the validation losses of a fit what the test wants. */
const script = (losses: readonly number[]): Callback =>
  Object.assign(
    new Callback({
      afterEpoch: ({ learn }) => {
        const row = learn.recorder?.values.at(-1);
        if (row) row[1] = losses[learn.epoch]!;
      },
    }),
    { order: 55 },
  );

let log: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  log = vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  log.mockRestore();
});

describe("TrackerCallback", () => {
  test.each<[ConstructorParameters<typeof TrackerCallback>[0], number[], boolean[]]>([
    [{}, [3, 2, 2, 1], [true, true, false, true]],
    [{ minDelta: 0.5 }, [3, 2.6, 2.5, 2.4], [true, false, false, true]],
    [{ comp: "greater" }, [1, 2, 2, 1.5, 3], [true, true, false, false, true]],
    [{ comp: "greater", minDelta: 1 }, [1, 2, 2.5, 3.6], [true, false, true, true]],
    [{}, [3, Number.NaN, 2], [true, false, true]],
  ])("%o finds the better ones of %o", async (options, losses, expected) => {
    const learn = lineLearner({ nTrain: 1 });
    const tracker = new TrackerCallback(options);
    const found: boolean[] = [];
    const look = Object.assign(new Callback({ afterEpoch: () => void found.push(tracker.newBest) }), { order: 64 });
    await learn.fit(losses.length, { cbs: [script(losses), tracker, look] });
    expect(found).toEqual(expected);
    learn.dispose();
  });

  test.each([
    ["valid_loss", "less"],
    ["error_rate", "less"],
    ["accuracy", "greater"],
  ])("%s is better when it is %s", (monitor, comp) => {
    expect(new TrackerCallback({ monitor }).comp).toBe(comp);
  });

  test("an unknown column is refused, with the names there are", async () => {
    const learn = lineLearner();
    await expect(learn.fit(1, { cbs: [new TrackerCallback({ monitor: "acuracy" })] })).rejects.toThrow(
      /acuracy.*train_loss, valid_loss/s,
    );
    learn.dispose();
  });

  test("stays out of validate, getPreds and lrFind", async () => {
    const learn = lineLearner({ cbs: [new TrackerCallback({ resetOnFit: true })] });
    const tracker = learn.findCb(TrackerCallback)!;
    await learn.fit(1);
    const { best } = tracker;
    await learn.validate();
    await learn.getPreds();
    await learn.lrFind({ numIt: 20 });
    expect(tracker.best).toBe(best);
    expect(Number.isFinite(best)).toBe(true);
    learn.dispose();
  });

  test("resetOnFit false goes on from the best of earlier fits", async () => {
    const learn = lineLearner({ nTrain: 1 });
    const [keeps, starts] = [new TrackerCallback({ resetOnFit: false }), new TrackerCallback()];
    await learn.fit(1, { cbs: [script([1]), keeps, starts] });
    await learn.fit(1, { cbs: [script([2]), keeps, starts] });
    expect([keeps.best, starts.best]).toEqual([1, 2]);
    learn.dispose();
  });

  test("an epoch without validation does not count", async () => {
    const learn = lineLearner();
    const stopping = new EarlyStoppingCallback({ patience: 1 });
    await learn.fit(3, { lr: 0, cbs: [stopping, new ShortEpochCallback()] });
    expect(learn.recorder?.values.map((row) => row[1])).toEqual([null, null, null]);
    learn.dispose();
  });
});

describe("EarlyStoppingCallback", () => {
  test.each([
    [1, [3, 4, 1], 2],
    [2, [3, 4, 1, 2, 2, 0], 5],
    [3, [3, 4, 5, 2, 2], 5],
  ])("patience %d on losses %o ends after %d epochs", async (patience, losses, epochs) => {
    const learn = lineLearner({ nTrain: 1 });
    await learn.fit(losses.length, { cbs: [script(losses), new EarlyStoppingCallback({ patience })] });
    expect(learn.recorder?.values).toHaveLength(epochs);
    learn.dispose();
  });

  test("says since when, unless logging is off", async () => {
    const learn = lineLearner({ nTrain: 1 });
    const cbs = () => [script([1, 2, 3]), new EarlyStoppingCallback({ patience: 2 })];
    await learn.fit(3, { cbs: cbs() });
    expect(log).toHaveBeenCalledExactlyOnceWith("No improvement of valid_loss since epoch 0: early stopping");
    log.mockClear();
    await learn.withNoLogging(() => learn.fit(3, { cbs: cbs() }));
    expect(log).not.toHaveBeenCalled();
    learn.dispose();
  });
});

describe("ReduceLROnPlateau", () => {
  test("divides the rate of every group after patience bad epochs, down to minLr", async () => {
    const learn = lineLearner({ nTrain: 1, splitter: (m) => m.parameters().map((p) => [p]) });
    const rates: number[][] = [];
    const look = Object.assign(
      new Callback({ afterEpoch: ({ learn }) => void rates.push(learn.opt!.hypers.map((h) => h.lr!)) }),
      { order: 64 },
    );
    const reduce = new ReduceLROnPlateau({ patience: 2, minLr: 2e-4 });
    await learn.fit(6, { lr: [1e-3, 1e-2], cbs: [script([1, 2, 2, 2, 2, 2]), reduce, look] });
    expect(rates.flat()).toBeAllclose([1e-3, 1e-2, 1e-3, 1e-2, 2e-4, 1e-3, 2e-4, 1e-3, 2e-4, 2e-4, 2e-4, 2e-4]);
    expect(log).toHaveBeenCalledTimes(2);
    expect(log).toHaveBeenLastCalledWith("Epoch 4: reducing the learning rate to 0.0002");
    learn.dispose();
  });

  test("warns when a schedule sets the rate", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const learn = lineLearner({ nTrain: 1 });
    await learn.fitOneCycle(1, { cbs: [new ReduceLROnPlateau()] });
    expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("no effect"));
    warn.mockRestore();
    learn.dispose();
  });
});

describe("SaveModelCallback", () => {
  const files = (learn: Learner<number[], number[]>): string[] => readdirSync(join(learn.path, "models")).sort();
  const keepWeights = (into: number[][]): Callback =>
    Object.assign(new Callback({ afterEpoch: ({ learn }) => void into.push(weights(learn)) }), { order: 64 });

  test("loads the best weights back at the end", async () => {
    const learn = lineLearner();
    const each: number[][] = [];
    const save = new SaveModelCallback();
    await learn.fit(4, { lr: 0.01, cbs: [script([3, 1, 2, 2]), save, keepWeights(each)] });
    expect(weights(learn)).toEqual(each[1]);
    expect(each[3]).not.toEqual(each[1]);
    expect(files(learn)).toEqual(["model.safetensors"]);
    expect(save.lastSavedPath).toBe(join(learn.path, "models", "model.safetensors"));
    learn.dispose();
  });

  test("also when EarlyStopping ends the fit", async () => {
    const learn = lineLearner();
    const each: number[][] = [];
    const cbs = [script([3, 1, 2, 2]), new EarlyStoppingCallback(), new SaveModelCallback(), keepWeights(each)];
    await learn.fit(4, { lr: 0.01, cbs });
    expect(learn.recorder?.values).toHaveLength(3);
    expect(weights(learn)).toEqual(each[1]);
    learn.dispose();
  });

  test("atEnd keeps the last weights and saves them", async () => {
    const learn = lineLearner();
    const each: number[][] = [];
    await learn.fit(3, {
      lr: 0.01,
      cbs: [script([3, 1, 2]), new SaveModelCallback({ atEnd: true }), keepWeights(each)],
    });
    expect(weights(learn)).toEqual(each[2]);
    await learn.load("model");
    expect(weights(learn)).toEqual(each[2]);
    learn.dispose();
  });

  test.each([
    [true, ["m_0", "m_1", "m_2", "m_3"]],
    [2, ["m_0", "m_2"]],
  ])("everyEpoch %s saves %o and loads nothing", async (everyEpoch, names) => {
    const learn = lineLearner({ nTrain: 1 });
    const each: number[][] = [];
    await learn.fit(4, { cbs: [new SaveModelCallback({ fname: "m", everyEpoch }), keepWeights(each)] });
    expect(files(learn)).toEqual(names.map((n) => `${n}.safetensors`));
    expect(weights(learn)).toEqual(each[3]);
    learn.dispose();
  });

  test("loads nothing when no epoch had a value", async () => {
    const learn = lineLearner();
    await learn.save("model");
    await learn.fit(1, { lr: 0.1, cbs: [new ShortEpochCallback({ pct: 0.5 }), new SaveModelCallback()] });
    const after = weights(learn);
    await learn.load("model");
    expect(weights(learn)).not.toEqual(after);
    learn.dispose();
  });

  test("validate and getPreds neither save nor load", async () => {
    const learn = lineLearner({ cbs: [new SaveModelCallback()] });
    await learn.validate();
    await learn.getPreds();
    expect(() => files(learn)).toThrow(/ENOENT/);
    learn.dispose();
  });

  test("everyEpoch and atEnd exclude each other", () => {
    expect(() => new SaveModelCallback({ everyEpoch: true, atEnd: true })).toThrow(/only one/);
  });
});

describe("resume", () => {
  const losses = [5, 6, 4, 4.5, 4.6, 4.7, 4.8];
  const run = async (stopAfter: number | null, resume = false, path = tempFolder()) => {
    const learn = lineLearner({ path, nTrain: 2 });
    const cbs = {
      early: new EarlyStoppingCallback({ patience: 4 }),
      reduce: new ReduceLROnPlateau({ patience: 2, factor: 3 }),
      best: new SaveModelCallback({ fname: "best" }),
      other: new SaveModelCallback({ fname: "other", monitor: "train_loss" }),
    };
    const stop = Object.assign(
      new Callback({
        afterEpoch: ({ learn }) => {
          if (learn.epoch === stopAfter) throw new Error("stopped");
        },
      }),
      { order: 5000 },
    );
    const all = [script(losses), ...Object.values(cbs), new CheckpointCallback(), stop];
    const fit = learn.fit(losses.length, { lr: 0.05, cbs: all, ...(resume && { resume: "checkpoint" }) });
    await (stopAfter === null ? fit : expect(fit).rejects.toThrow(/stopped/));
    const { early, reduce, best, other } = cbs;
    const result = {
      weights: weights(learn),
      epochs: learn.recorder?.values.length,
      lr: learn.opt?.hypers[0]?.lr,
      early: [early.best, early.wait],
      reduce: [reduce.best, reduce.wait],
      best: [best.best, best.lastSavedPath?.endsWith("best.safetensors")],
      other: [other.best, other.lastSavedPath?.endsWith("other.safetensors")],
    };
    learn.dispose();
    return { result, path };
  };

  test.each([0, 1, 2, 3, 4, 5])("after epoch %d trackers go on as if the fit had never stopped", async (epoch) => {
    const whole = await run(null);
    expect(whole.result.epochs).toBe(7);
    const { path } = await run(epoch);
    const resumed = await run(null, true, path);
    expect(resumed.result).toEqual(whole.result);
  });
});
