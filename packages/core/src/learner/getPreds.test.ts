import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test, vi } from "vitest";
import { TensorFloat } from "../tensor/kinds.ts";
import { ArrayDataSource, RegModel, synthDls, synthLearner } from "../testing/index.ts";
import type { Batch } from "./dataSource.ts";
import { Interpretation } from "./interpret.ts";
import { Learner } from "./learner.ts";

const small = { nTrain: 2, nValid: 2, bs: 4 };
const squares = (pred: tf.Tensor, y?: tf.Tensor): tf.Tensor => tf.mean(tf.squaredDifference(pred, y as tf.Tensor));

describe("a plain function as the loss", () => {
  test("gives a loss per item, the mean of which is the validation loss", async () => {
    const learn = synthLearner({ ...small, lossFunc: squares });
    const before = tf.memory().numTensors;
    const { preds, targs, losses, decoded } = await learn.getPreds({ withLoss: true, withDecoded: true });
    const expected = preds.toArray().map((p, i) => (p - (targs?.values[i] as number)) ** 2);
    expect(losses?.toArray()).toBeAllclose(expected, { rtol: 1e-5, atol: 1e-6 });
    expect(decoded?.toArray()).toEqual(preds.toArray());
    expect(learn.lossFunc).toBe(squares);
    expect(tf.memory().numTensors).toBe(before);
    expect((await Interpretation.fromLearner(learn)).losses.length).toBe(8);
    learn.dispose();
  });
});

test("`act` makes one prediction of a model that returns several tensors", async () => {
  class TwoOutputs extends RegModel {
    override forward(x: tf.Tensor): tf.Tensor {
      const y = super.forward(x);
      return [tf.neg(y), y] as unknown as tf.Tensor;
    }
  }
  const lossFunc = (pred: unknown, y?: tf.Tensor): tf.Tensor => squares((pred as tf.Tensor[])[1] as tf.Tensor, y);
  const learn = new Learner(synthDls(small), new TwoOutputs(), { lossFunc });
  await learn.withNoLogging(() => learn.fit(1));
  const before = tf.memory().numTensors;
  const { preds } = await learn.getPreds({ act: (output) => (output as unknown as tf.Tensor[])[1] as tf.Tensor });
  expect(preds.shape).toEqual([8, 1]);
  await expect(learn.getPreds()).rejects.toThrow(/returns several tensors[\s\S]*act/);
  expect(tf.memory().numTensors).toBe(before);
  learn.dispose();
});

/** Batches of sequences, each batch as long as its number says. */
class Ragged extends ArrayDataSource {
  override async *iterate(): AsyncIterableIterator<Batch> {
    this.order = [2, 3, 0, 1];
    for (const n of [3, 2]) {
      const xb = [new TensorFloat(tf.fill([2, n], n))];
      const yb = [new TensorFloat(tf.zeros([2, n]))];
      yield { xb, yb, dispose: () => [...xb, ...yb].forEach((t) => void t.dispose()) };
    }
  }
}

test("items that differ in size come as a list, in the order of the data", async () => {
  const learn = synthLearner(small);
  const rows = Array.from({ length: 4 }, () => [0]);
  const dl = new Ragged({ x: rows, y: rows }, { bs: 2 });
  const before = tf.memory().numTensors;
  const items = await learn.getPredItems({ dl, withInput: true, withLoss: true, withDecoded: true });
  expect(items.map(({ pred }) => pred.shape)).toEqual([[2], [2], [3], [3]]);
  expect(items[0]?.inputs?.[0]?.toArray()).toEqual([2, 2]);
  expect(items[3]?.targs[0]?.shape).toEqual([3]);
  expect(items[3]?.loss).toBeCloseTo((items[3]?.pred.values[0] as number) ** 2, 4);
  expect(items[3]?.decoded?.shape).toEqual([3]);
  await expect(learn.getPreds({ dl })).rejects.toThrow(/differ in their first axis/);
  expect(tf.memory().numTensors).toBe(before);
  learn.dispose();
});

describe("tta", () => {
  test("mixes augmented and plain predictions; `beta: null` gives both", async () => {
    const learn = synthLearner(small);
    const before = tf.memory().numTensors;
    const { preds, augmented, plain, targs } = await learn.tta({ n: 2 });
    const mixed = augmented.toArray().map((a, i) => 0.75 * a + 0.25 * (plain.values[i] as number));
    expect(preds.toArray()).toBeAllclose(mixed, { rtol: 1e-6, atol: 1e-7 });
    expect(targs?.length).toBe(8);
    const apart = await learn.tta({ n: 2, beta: null });
    expect(apart.preds.toArray()).toEqual(apart.augmented.toArray());
    expect(tf.memory().numTensors).toBe(before);
    learn.dispose();
  });
});

describe("without a bar", () => {
  test("rows are printed as text, in validation they are not", async () => {
    const print = vi.spyOn(console, "log").mockImplementation(() => {});
    const learn = synthLearner(small);
    await learn.withNoBar(() => learn.fit(1));
    expect(print).toHaveBeenCalledOnce();
    expect(print.mock.calls[0]?.[0]).toMatch(/^0 {2}\d+\.\d{6} {2}\d+\.\d{6} {2}00:00$/);
    await learn.validate();
    expect(print).toHaveBeenCalledOnce();
    print.mockRestore();
    learn.dispose();
  });
});
