import { Callback } from "@layerwise/core/learner";
import { Linear, Module } from "@layerwise/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { lineLearner } from "../test/smallLearners.ts";
import { ModelResetter, RNNCallback, RNNRegularizer, rnnCbs } from "./rnn.ts";

/** Predicts a line, and claims that its layers put out [1, 2, 4] over three steps for each item. */
class Pretender extends Module<[tf.Tensor], [tf.Tensor, tf.Tensor[], tf.Tensor[]]> {
  linear: Linear = new Linear(1, 1);
  resets = 0;

  forward(x: tf.Tensor): [tf.Tensor, tf.Tensor[], tf.Tensor[]] {
    const n = x.shape[0] ?? 1;
    const steps = tf.tile(tf.reshape(tf.tensor1d([1, 2, 4]), [1, 3, 1]), [n, 1, 1]);
    return [this.linear.call(x), [tf.zeros([n, 3, 1]), steps], [steps]];
  }

  override reset(): void {
    this.resets += 1;
  }
}

const pretend = (bs = 2) => {
  const learn = lineLearner({ bs, nTrain: 2 });
  learn.model.dispose();
  learn.model = new Pretender();
  return learn;
};

describe("RNNRegularizer", () => {
  test.each([
    [{ alpha: 2, beta: 1 }, 2, 2 * 7 + 2.5],
    [{ alpha: 1 }, 2, 7],
    [{ beta: 2 }, 2, 5],
    [{ beta: 2 }, 1, 5], // a batch of one item too
  ])("%o on [1, 2, 4] in batches of %d adds %d, to the gradient's loss only", async (options, bs, penalty) => {
    const learn = pretend(bs);
    const added: number[] = [];
    const look = Object.assign(
      new Callback({
        beforeBackward: ({ learn: { loss, lossGrad } }) => {
          added.push((lossGrad?.dataSync()[0] ?? 0) - (loss?.dataSync()[0] ?? 0));
        },
      }),
      { order: 2 },
    );
    await learn.fit(1, { lr: 0, cbs: [...rnnCbs(options), look] });
    expect(added).toBeAllclose([penalty, penalty], { rtol: 1e-4 });
    learn.dispose();
  });

  test("without an RNNCallback says what is missing", async () => {
    const learn = lineLearner();
    await expect(learn.fit(1, { cbs: [new RNNRegularizer({ alpha: 1 })] })).rejects.toThrow(/RNNCallback/);
    learn.dispose();
  });
});

describe("RNNCallback", () => {
  test("hands the prediction on, keeps the last layer, and frees everything", async () => {
    const learn = pretend();
    const rnn = new RNNCallback();
    const shapes: unknown[] = [];
    const look = new Callback({
      afterLoss: ({ learn }) => void shapes.push([learn.pred?.shape, rnn.rawOut?.dataSync()[1], rnn.droppedOut?.shape]),
    });
    await learn.fit(1, { cbs: [rnn, look] });
    expect(shapes[0]).toEqual([[2, 1], 2, [2, 3, 1]]);
    const before = tf.memory().numTensors;
    await learn.fit(2, { cbs: rnnCbs({ alpha: 2, beta: 1 }) });
    await learn.getPreds({ cbs: rnnCbs() });
    expect(tf.memory().numTensors).toBe(before);
    learn.dispose();
  });

  test("leaves a plain prediction alone", async () => {
    const learn = lineLearner({ nTrain: 1, cbs: rnnCbs() });
    await learn.fit(1);
    expect(learn.recorder?.values).toHaveLength(1);
    learn.dispose();
  });
});

test("ModelResetter resets before training, before validation and after the fit", async () => {
  const learn = pretend();
  const model = learn.model as unknown as Pretender;
  await learn.fit(1, { cbs: [new RNNCallback()] });
  const own = model.resets; // the learner's own, when a fit begins
  model.resets = 0;
  await learn.fit(2, { cbs: [new RNNCallback(), ModelResetter] });
  expect(model.resets).toBe(own + 2 * 2 + 1);
  learn.dispose();
});

test("rnnCbs leaves out a regularizer without work", () => {
  expect(rnnCbs().map((cb) => cb.name)).toEqual(["modelResetter", "rnn"]);
  expect(rnnCbs({ beta: 1 }).map((cb) => cb.name)).toEqual(["modelResetter", "rnn", "rnnRegularizer"]);
});
