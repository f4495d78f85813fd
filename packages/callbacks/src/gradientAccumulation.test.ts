import { Callback, CheckpointCallback, type LearnerOptions } from "@layerwise/core/learner";
import { sgd } from "@layerwise/core/optim";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { lineLearner, tempFolder, weights } from "../test/smallLearners.ts";
import { GradientAccumulation } from "./gradientAccumulation.ts";

const plainSgd: LearnerOptions = { optFunc: (params, { lr }) => sgd(params, { lr }) };

describe("GradientAccumulation", () => {
  test("32 samples in batches of 12 step at batches 3, 6 and 9, each loss scaled by .375", async () => {
    const learn = lineLearner({ bs: 12, nTrain: 10 });
    const steps: number[] = [];
    const scales: number[] = [];
    const given: number[] = [];
    const value = (t: tf.Tensor | null): number => t?.dataSync()[0] ?? Number.NaN;
    const look = Object.assign(
      new Callback({
        beforeBackward: ({ learn }) => void scales.push(value(learn.lossGrad) / value(learn.loss)),
        afterStep: ({ learn }) => {
          steps.push(learn.iter + 1);
          given.push(value(learn.lossGrad) / value(learn.loss));
        },
      }),
      { order: 20 },
    );
    await learn.fit(1, { cbs: [new GradientAccumulation(32), look] });
    expect(steps).toEqual([3, 6, 9]);
    expect(scales).toBeAllclose(new Array(10).fill(0.375));
    expect(given).toBeAllclose([1, 1, 1]); // given back before the step
    learn.dispose();
  });

  test("four batches of 8 train like one of 32", async () => {
    const small = lineLearner({ bs: 8, nTrain: 4, ...plainSgd });
    const large = lineLearner({ bs: 32, nTrain: 1, ...plainSgd });
    await small.fit(2, { lr: 0.1, cbs: [new GradientAccumulation(32)] });
    await large.fit(2, { lr: 0.1 });
    expect(weights(small)).toBeAllclose(weights(large), { rtol: 1e-5 });
    expect(small.recorder?.losses).toHaveLength(8);
    for (const learn of [small, large]) learn.dispose();
  });

  test("what is left at the end of an epoch counts on, at the end of the fit it is forgotten", async () => {
    const learn = lineLearner({ bs: 8, nTrain: 3 });
    const steps: number[] = [];
    const look = new Callback({ afterStep: ({ learn }) => void steps.push(learn.trainIter + 1) });
    const accumulate = new GradientAccumulation(16);
    await learn.fit(2, { cbs: [accumulate, look] });
    expect(steps).toEqual([2, 4, 6]);
    const before = tf.memory().numTensors;
    await learn.fit(1, { cbs: [accumulate] });
    expect(accumulate.count).toBe(0);
    expect(learn.opt?.grads.size).toBe(0);
    expect(tf.memory().numTensors).toBe(before);
    learn.dispose();
  });

  test("a fit that was stopped between two steps resumes exactly", async () => {
    const path = tempFolder();
    const make = () => lineLearner({ path, bs: 8, nTrain: 5 });
    const whole = make();
    await whole.fit(2, { cbs: [new GradientAccumulation(24)] });
    const first = make();
    const stop = Object.assign(
      new Callback({
        afterBatch: ({ learn }) => {
          if (learn.training && learn.trainIter === 5) throw new Error("stopped");
        },
      }),
      { order: 5000 },
    );
    const cbs = [new GradientAccumulation(24), new CheckpointCallback({ everyBatches: 1 }), stop];
    await expect(first.fit(2, { cbs })).rejects.toThrow(/stopped/);
    const second = make();
    await second.fit(2, { cbs: [new GradientAccumulation(24)], resume: "checkpoint" });
    expect(weights(second)).toEqual(weights(whole));
    for (const learn of [whole, first, second]) learn.dispose();
  });
});
