import { Callback } from "@layerwise/core/learner";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { lineLearner } from "../test/smallLearners.ts";
import { SaveModelCallback } from "./saveModel.ts";
import { TerminateOnNaNCallback } from "./terminateOnNaN.ts";

/** Makes the loss of one batch what the test wants. */
const spoil = (inTraining: boolean, epoch: number, batch: number, loss = Number.NaN): Callback =>
  new Callback({
    afterLoss: ({ learn }) => {
      if (learn.training !== inTraining || learn.epoch !== epoch || learn.iter !== batch) return;
      learn.lossGrad = tf.mul<tf.Scalar>(learn.lossGrad ?? 0, 1);
      learn.loss?.dispose();
      learn.loss = tf.keep(tf.scalar(loss));
    },
  });

let warn: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  warn = vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => {
  warn.mockRestore();
});

describe("TerminateOnNaNCallback", () => {
  test.each([
    { training: true, epoch: 1, batch: 2, loss: Number.NaN, every: 1 },
    { training: true, epoch: 0, batch: 0, loss: Number.POSITIVE_INFINITY, every: 3 },
    { training: true, epoch: 1, batch: 3, loss: Number.NaN, every: 100 },
    { training: false, epoch: 1, batch: 1, loss: Number.NaN, every: 100 },
  ])("finds $loss in batch $batch of epoch $epoch, looking every $every", async (spot) => {
    const { training, epoch, batch, loss, every } = spot;
    const learn = lineLearner({ nTrain: 4 });
    const guard = new TerminateOnNaNCallback({ every });
    await learn.fit(3, { lr: 0.02, cbs: [spoil(training, epoch, batch, loss), guard] });
    expect(guard.found).toEqual({ training, epoch, batch, loss, lr: 0.02 });
    expect(learn.recorder?.values).toHaveLength(epoch); // the bad epoch has no row
    expect(warn).toHaveBeenCalledOnce();
    expect(warn.mock.calls[0]?.[0]).toMatch(
      new RegExp(`${loss} in ${training ? "training" : "validation"} batch ${batch} of epoch ${epoch}.*learning rate`),
    );
    learn.dispose();
  });

  test("the best weights come back when a model is saved", async () => {
    const learn = lineLearner({ nTrain: 2 });
    const save = new SaveModelCallback();
    await learn.withNoLogging(() => learn.fit(3, { cbs: [spoil(true, 2, 0), save, new TerminateOnNaNCallback()] }));
    expect(save.lastSavedPath).not.toBeNull();
    expect(Number.isFinite((await learn.validate())[0])).toBe(true);
    learn.dispose();
  });

  test("a sound fit runs to its end, and leaves no tensors behind", async () => {
    const learn = lineLearner({ nTrain: 3 });
    const guard = new TerminateOnNaNCallback();
    await learn.fit(1, { cbs: [guard] });
    const before = tf.memory().numTensors;
    await learn.fit(2, { cbs: [guard] });
    expect(guard.found).toBeNull();
    expect(tf.memory().numTensors).toBe(before);
    expect(warn).not.toHaveBeenCalled();
    learn.dispose();
  });

  test("a fit that fails leaves no tensors behind either", async () => {
    const learn = lineLearner({ nTrain: 3 });
    await learn.fit(1);
    const before = tf.memory().numTensors;
    const fail = new Callback({
      beforeValidate: () => {
        throw new Error("boom");
      },
    });
    const cut = new Callback({
      afterStep: ({ learn }) => {
        if (learn.iter === 1) throw new Error("boom");
      },
    });
    for (const cb of [fail, cut]) {
      await expect(learn.fit(1, { cbs: [new TerminateOnNaNCallback(), cb] })).rejects.toThrow(/boom/);
      expect(tf.memory().numTensors).toBe(before);
    }
    learn.dispose();
  });
});
