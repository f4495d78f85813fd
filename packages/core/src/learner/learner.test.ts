import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { mae } from "../metrics/index.ts";
import { setSeed } from "../random.ts";
import { synthLearner, VerboseCallback } from "../testing/index.ts";
import { Callback, CallbackError } from "./callback.ts";
import {
  CancelBackwardError,
  CancelBatchError,
  CancelEpochError,
  CancelFitError,
  CancelStepError,
  CancelTrainError,
  CancelValidError,
  type EventName,
} from "./events.ts";
import type { Learner } from "./learner.ts";
import { Recorder } from "./recorder.ts";
import { TrainEvalCallback } from "./trainEval.ts";

async function trace(learn: Learner<number[], number[]>, extra: Callback[] = []): Promise<string[]> {
  const seen: string[] = [];
  await learn.withNoLogging(() => learn.fit(1, { cbs: [new VerboseCallback((e) => seen.push(e)), ...extra] }));
  learn.dispose();
  return seen;
}

/** Throws `error` the first time `event` fires, before the tracer's later events. */
function thrower(event: EventName, error: Error): Callback {
  let done = false;
  return new Callback({
    [event]: () => {
      if (done) return;
      done = true;
      throw error;
    },
  });
}

const quiet = { nTrain: 1, nValid: 1, defaultCbs: true, cbs: [] };
const oneBatch = [
  "beforeBatch",
  "afterPred",
  "afterLoss",
  "beforeBackward",
  "afterBackward",
  "beforeStep",
  "afterStep",
  "afterBatch",
];
const validation = ["beforeValidate", "beforeBatch", "afterPred", "afterLoss", "afterBatch", "afterValidate"];
const complete = [
  "beforeFit",
  "beforeEpoch",
  "beforeTrain",
  ...oneBatch,
  "afterTrain",
  ...validation,
  "afterEpoch",
  "afterFit",
];

describe("the order of events", () => {
  test("one epoch of one training and one validation batch", async () => {
    expect(await trace(synthLearner(quiet))).toEqual(complete);
  });

  test("afterCreate fires once, at the end of the constructor", () => {
    const seen: string[] = [];
    synthLearner({ ...quiet, cbs: [new VerboseCallback((e) => seen.push(e))] }).dispose();
    expect(seen).toEqual(["afterCreate"]);
  });

  const cut = (from: string, ...rest: string[]): string[] => [
    ...complete.slice(0, complete.indexOf(from) + 1),
    ...rest,
  ];
  const afterTraining = ["afterTrain", ...validation, "afterEpoch", "afterFit"];
  test.each<[EventName, Error, string[]]>([
    ["beforeStep", new CancelBatchError(), cut("beforeStep", "afterCancelBatch", "afterBatch", ...afterTraining)],
    [
      "beforeStep",
      new CancelStepError(),
      cut("beforeStep", "afterCancelStep", "afterStep", "afterBatch", ...afterTraining),
    ],
    [
      "beforeBackward",
      new CancelBackwardError(),
      cut(
        "beforeBackward",
        "afterCancelBackward",
        "afterBackward",
        "beforeStep",
        "afterStep",
        "afterBatch",
        ...afterTraining,
      ),
    ],
    ["afterBatch", new CancelFitError(), cut("afterBatch", "afterCancelFit", "afterFit")],
    ["afterPred", new CancelTrainError(), cut("afterPred", "afterCancelTrain", ...afterTraining)],
    ["beforeEpoch", new CancelEpochError(), cut("beforeEpoch", "afterCancelEpoch", "afterEpoch", "afterFit")],
    [
      "beforeValidate",
      new CancelValidError(),
      cut("beforeValidate", "afterCancelValidate", "afterValidate", "afterEpoch", "afterFit"),
    ],
    ["beforeFit", new CancelFitError(), cut("beforeFit", "afterCancelFit", "afterFit")],
  ])("cancelled in %s by %s", async (event, error, expected) => {
    expect(await trace(synthLearner(quiet), [thrower(event, error)])).toEqual(expected);
  });

  test("a cancelled step clears the gradients, a cancelled batch keeps them", async () => {
    const sizes: number[] = [];
    const watch = new Callback({
      afterBatch: (cb) => void (cb.learn.training && sizes.push(cb.learn.opt?.grads.size ?? -1)),
    });
    const learn = synthLearner({ ...quiet, nTrain: 2 });
    await learn.withNoLogging(() => learn.fit(1, { cbs: [watch, thrower("beforeStep", new CancelStepError())] }));
    await learn.withNoLogging(() => learn.fit(1, { cbs: [watch, thrower("beforeStep", new CancelBatchError())] }));
    expect(sizes).toEqual([0, 0, 2, 0]);
    learn.dispose();
  });
});

describe("callbacks", () => {
  test("run by order, equal ones as added", async () => {
    const seen: string[] = [];
    class Tagged extends Callback {
      override readonly order: number;
      constructor(tag: string, order: number) {
        super({ beforeFit: () => void seen.push(tag) });
        this.order = order;
      }
    }
    await trace(synthLearner(quiet), [new Tagged("b", 1), new Tagged("c", 1), new Tagged("a", 0)]);
    expect(seen).toEqual(["a", "b", "c"]);
  });

  test("runValid false hides validation batches, run false hides everything until the next fit", async () => {
    const learn = synthLearner(quiet);
    const seen: string[] = [];
    const cb = new VerboseCallback((e) => seen.push(e));
    cb.runValid = false;
    await learn.withNoLogging(() => learn.fit(1, { cbs: [cb] }));
    expect(seen.filter((e) => e === "beforeBatch")).toHaveLength(1);
    cb.run = false;
    seen.length = 0;
    await learn.withNoLogging(() => learn.fit(1, { cbs: [cb] }));
    expect(seen).toEqual([]);
    expect(cb.run).toBe(true);
    learn.dispose();
  });

  test("an error names the callback and the event, and keeps its cause", async () => {
    class Broken extends Callback {
      override beforeBatch(): void {
        throw new RangeError("boom");
      }
    }
    const learn = synthLearner(quiet);
    const failure = await learn.withNoLogging(() => learn.fit(1, { cbs: [Broken] })).catch((e: unknown) => e);
    expect(failure).toBeInstanceOf(CallbackError);
    expect((failure as Error).message).toMatch(/Broken\.beforeBatch.*boom/);
    expect((failure as Error).cause).toBeInstanceOf(RangeError);
    expect(learn.cbs.some((cb) => cb instanceof Broken)).toBe(false);
    learn.dispose();
  });

  test("an unknown event is refused", () => {
    expect(() => new Callback({ beforeTea: () => {} } as never)).toThrow(/beforeTea/);
  });

  test("a handler within the gradient closure may not wait", async () => {
    const learn = synthLearner(quiet);
    const waiting = new Callback({ afterLoss: (async () => {}) as never });
    await expect(learn.withNoLogging(() => learn.fit(1, { cbs: [waiting] }))).rejects.toThrow(/afterLoss.*promise/s);
    learn.dispose();
  });
});

describe("training", () => {
  test("finds the line", async () => {
    setSeed(1);
    const learn = synthLearner({ lr: 0.05 });
    const [before] = await learn.validate();
    await learn.withNoLogging(() => learn.fit(5));
    const [after] = await learn.validate();
    expect(after as number).toBeLessThan((before as number) / 20);
    expect(learn.recorder?.values).toHaveLength(5);
    learn.dispose();
  });

  test("memory is flat from step to step, and a finished fit holds parameters and optimizer state only", async () => {
    const learn = synthLearner({ nTrain: 300 });
    const counts: number[] = [];
    const bytes: number[] = [];
    const watch = new Callback({
      beforeBatch: async (cb) => {
        if (!cb.learn.training) return;
        await cb.learn.recorder?.flush();
        counts.push(tf.memory().numTensors);
        bytes.push(tf.memory().numBytes);
      },
    });
    const start = tf.memory().numTensors;
    await learn.withNoLogging(() => learn.fit(2, { cbs: [watch] }));
    expect(new Set(counts.slice(2)).size).toBe(1);
    expect(new Set(bytes.slice(2)).size).toBe(1);
    const state = [...(learn.opt?.state.values() ?? [])].flatMap((s) =>
      Object.values(s).filter((v) => v instanceof tf.Tensor),
    );
    expect(tf.memory().numTensors).toBe(start + state.length);
    learn.dispose();
  });

  test("a fit that fails half-way leaves no tensors behind and the learner usable", async () => {
    const learn = synthLearner(quiet);
    await learn.withNoLogging(() => learn.fit(1));
    const before = tf.memory().numTensors;
    await expect(
      learn.withNoLogging(() => learn.fit(1, { cbs: [thrower("afterLoss", new Error("no"))] })),
    ).rejects.toThrow();
    expect(tf.memory().numTensors).toBe(before);
    await learn.withNoLogging(() => learn.fit(1));
    learn.dispose();
  });

  test("assigned inputs are used and freed", async () => {
    const learn = synthLearner(quiet);
    const double = new Callback({
      beforeBatch: (cb) => {
        cb.learn.xb = cb.learn.xb.map((x) => tf.mul(x, 2));
      },
    });
    await learn.withNoLogging(() => learn.fit(1));
    const before = tf.memory().numTensors;
    await learn.withNoLogging(() => learn.fit(1, { cbs: [double] }));
    expect(tf.memory().numTensors).toBe(before);
    learn.dispose();
  });

  test("no epochs is a mistake", async () => {
    await expect(synthLearner(quiet).fit(0)).rejects.toThrow(/0 epochs/);
  });
});

describe("validate", () => {
  test("gives validation loss and metrics, also when training has metrics too", async () => {
    const learn = synthLearner({ metrics: mae });
    const expected = await learn.validate();
    expect(expected).toHaveLength(2);
    learn.removeCb(Recorder).addCb(new Recorder({ trainMetrics: true }));
    expect(await learn.validate()).toEqual(expected);
    learn.dispose();
  });

  test("needs a recorder", async () => {
    const learn = synthLearner({ defaultCbs: false, cbs: [TrainEvalCallback] });
    await expect(learn.validate()).rejects.toThrow(/without a Recorder/);
    learn.dispose();
  });
});

describe("looking at a model does not change it", () => {
  test("validate and getPreds keep the recorder's history", async () => {
    const learn = synthLearner({});
    await learn.withNoLogging(() => learn.fit(2));
    const before = JSON.stringify(learn.recorder?.history());
    await learn.validate();
    await learn.getPreds();
    expect(JSON.stringify(learn.recorder?.history())).toBe(before);
    learn.dispose();
  });

  test("getPreds covers every item, in the data's order, and leaks nothing", async () => {
    const learn = synthLearner({ nValid: 3, bs: 7 });
    const before = tf.memory().numTensors;
    const { preds, targs, losses, inputs } = await learn.getPreds({ withLoss: true, withInput: true });
    expect([preds.length, targs?.length, losses?.length]).toEqual([21, 21, 21]);
    expect(preds.row(3).toArray()[0]).toBeCloseTo((inputs?.[0]?.row(3).toArray()[0] as number) * 0.5 - 0.5, 5);
    const train = await learn.getPreds({ dsIdx: 0, withInput: true });
    const shuffled = await learn.getPreds({ dl: learn.dls.train.with({ shuffle: true }), withInput: true });
    expect(shuffled.inputs?.[0]?.toArray()).toEqual(train.inputs?.[0]?.toArray());
    expect(tf.memory().numTensors).toBe(before);
    learn.dispose();
  });
});

test("`x` and `y` are the batch's one input and target, or all of them", async () => {
  const learn = synthLearner(quiet);
  const seen: boolean[] = [];
  const look = new Callback({
    beforeBatch: () => {
      seen.push(learn.x === learn.xb[0], learn.y === learn.yb[0]);
      learn.yb = [tf.clone(learn.yb[0] as tf.Tensor), tf.zeros([1])];
      seen.push(learn.y === learn.yb);
      learn.yb = learn.yb.slice(0, 1);
    },
  });
  await learn.withNoLogging(() => learn.fit(1, { cbs: [look] }));
  expect(seen).toEqual(new Array(6).fill(true));
  learn.dispose();
});

test("an event that does not exist is refused", () => {
  const learn = synthLearner(quiet);
  expect(() => learn.orderedCbs("afterBtach" as EventName)).toThrow(/event "afterBtach"/);
  expect(() => learn.event("afterBtach" as EventName)).toThrow(/event "afterBtach"/);
  learn.dispose();
});

test("a callback keeps its own name when its class is renamed, and passes it to no subclass", () => {
  const Minified = class e extends Recorder {
    static override readonly cbName = "myRecorder";
  };
  class TallyCallback extends Recorder {}
  expect([new Minified().name, new TallyCallback().name, new Recorder().name]).toEqual([
    "myRecorder",
    "tally",
    "recorder",
  ]);
});

test("`predict` hands `rmTypeTfms` to the data", async () => {
  const learn = synthLearner(quiet);
  const given: unknown[] = [];
  const testDl = learn.dls.testDl.bind(learn.dls);
  learn.dls.testDl = (items, options) => {
    given.push(options);
    return testDl(items);
  };
  await learn.predict([1], { rmTypeTfms: 1 });
  expect(given).toEqual([{ rmTypeTfms: 1 }]);
  await expect(learn.predict([1], { rmTfms: 1 } as object)).rejects.toThrow(/did you mean "rmTypeTfms"/);
  learn.dispose();
});
