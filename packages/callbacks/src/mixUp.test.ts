import { CancelFitError, setSeed } from "@layerwise/core";
import { Callback } from "@layerwise/core/learner";
import { CrossEntropyLossFlat, MSELossFlat } from "@layerwise/core/losses";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { lineLearner, pictureLearner } from "../test/smallLearners.ts";
import { beforeBatchCb } from "./beforeBatchCb.ts";
import { lerp } from "./lerp.ts";
import { MixedLoss } from "./mixedLoss.ts";
import { MixUp } from "./mixUp.ts";
import { ShortEpochCallback } from "./shortEpoch.ts";

describe("lerp", () => {
  test("a share of 0.7 of 1 and 5 gives 2.2", () => {
    expect(lerp(tf.tensor1d([5]), tf.tensor1d([1]), 0.7)).toBeAllclose([2.2]);
  });

  test("one share per item holds for all of its numbers", () => {
    const x = lerp(tf.zeros([2, 2, 2]), tf.ones([2, 2, 2]), tf.tensor1d([0.5, 1]));
    expect(x).toBeAllclose([0.5, 0.5, 0.5, 0.5, 1, 1, 1, 1]);
  });
});

describe("MixedLoss", () => {
  test("losses .2 and 1 at a share of .7 give .44", () => {
    class Given extends CrossEntropyLossFlat {
      protected override compute(_: tf.Tensor, target: tf.Tensor): tf.Tensor {
        return this.reduction === "none" ? tf.cast(target, "float32") : tf.mean(target);
      }
    }
    const loss = new MixedLoss(new Given(), () => true);
    loss.hold({ targets: [tf.tensor1d([1])], lam: 0.7 });
    expect(loss.call(tf.zeros([1, 2]), tf.tensor1d([0.2]))).toBeAllclose(0.44);
    expect(loss.base.reduction).toBe("mean");
    loss.release();
  });

  test.each(["mean", "sum", "none"] as const)("reduction %s is obeyed, items with many targets too", (reduction) => {
    const base = new CrossEntropyLossFlat({ reduction });
    const loss = new MixedLoss(base, () => true);
    const pred = tf.randomNormal([2, 3, 4]);
    const y = tf.tensor2d(
      [
        [0, 1, 2],
        [3, 2, 1],
      ],
      [2, 3],
      "int32",
    ); // prettier-ignore
    const other = tf.tensor2d(
      [
        [3, 2, 1],
        [0, 1, 2],
      ],
      [2, 3],
      "int32",
    ); // prettier-ignore
    loss.hold({ targets: [other], lam: tf.tensor1d([0.6, 0.9]) });
    const plain = new CrossEntropyLossFlat({ reduction: "none" });
    const w = tf.tensor1d([0.6, 0.6, 0.6, 0.9, 0.9, 0.9]);
    const each = tf.add(tf.mul(plain.call(pred, y), w), tf.mul(plain.call(pred, other), tf.sub(1, w)));
    const expected = { mean: () => tf.mean(each), sum: () => tf.sum(each), none: () => each }[reduction]();
    expect(loss.call(pred, y)).toBeAllclose(expected);
    loss.release();
  });

  test("outside of training it is the plain loss", () => {
    const loss = new MixedLoss(new CrossEntropyLossFlat(), () => false);
    loss.hold({ targets: [tf.tensor1d([1], "int32")], lam: 0.5 });
    const args = [tf.tensor2d([[1, 2, 3]]), tf.tensor1d([2], "int32")] as const;
    expect(loss.call(...args)).toBeAllclose(0.40760596);
    loss.release();
  });
});

describe("MixUp", () => {
  test("every item draws a share of its own, of at least a half", async () => {
    const learn = lineLearner({ bs: 64, nTrain: 1 });
    const seen: number[][] = [];
    const look = new Callback({
      beforeBatch: (cb) => void (cb.learn.training && seen.push([...cb.learn.xb[0]!.dataSync()])),
    });
    Object.assign(look, { order: -5 });
    const after = new Callback({
      beforeBatch: (cb) => void (cb.learn.training && seen.push([...cb.learn.xb[0]!.dataSync()])),
    });
    setSeed(3);
    await learn.fit(1, { cbs: [look, new MixUp(), after] });
    const [plain, mixed] = seen as [number[], number[]];
    expect(new Set(mixed).size).toBe(64);
    // Each is nearer to itself than to the other end of some line, so the order of far items is kept.
    const largest = plain.indexOf(Math.max(...plain));
    expect(mixed[largest]).toBeLessThanOrEqual(plain[largest]!);
    expect(mixed).not.toEqual(plain);
    learn.dispose();
  });

  test("targets that are quantities are mixed like the inputs, so a line stays a line", async () => {
    const learn = lineLearner({ bs: 32, nTrain: 1, a: 2, b: 3 });
    const pairs: [number, number][] = [];
    const look = new Callback({
      beforeBatch: ({ learn: { training, xb, yb } }) => {
        if (!training) return;
        const [x, y] = [xb[0]!.dataSync(), yb[0]!.dataSync()];
        for (let i = 0; i < x.length; i++) pairs.push([x[i]!, y[i]!]);
      },
    });
    await learn.fit(1, { cbs: [new MixUp(), look] });
    expect(learn.lossFunc).toBeInstanceOf(MSELossFlat);
    for (const [x, y] of pairs) expect(Math.abs(y - (2 * x + 3))).toBeLessThan(0.6);
    learn.dispose();
  });

  test.each<[string, () => Callback[]]>([
    ["a whole fit", () => []],
    ["a training half that was cut short", () => [new ShortEpochCallback({ pct: 0.5 })]],
    [
      "a fit that was cancelled within a batch",
      () => [
        new Callback({
          afterBackward: () => {
            throw new CancelFitError();
          },
        }),
      ],
    ],
  ])("the loss is given back after %s", async (_, more) => {
    const learn = pictureLearner();
    const plain = learn.lossFunc;
    const during: unknown[] = [];
    const look = new Callback({ afterPred: (cb) => void during.push(cb.learn.lossFunc) });
    await learn.fit(1, { cbs: [new MixUp(), look, ...more()] });
    expect(during[0]).toBeInstanceOf(MixedLoss);
    expect(learn.lossFunc).toBe(plain);
    learn.dispose();
  });

  test("the loss is given back when the fit fails", async () => {
    const learn = pictureLearner();
    const plain = learn.lossFunc;
    const fail = new Callback({
      afterBackward: () => {
        throw new Error("boom");
      },
    });
    await expect(learn.fit(1, { cbs: [new MixUp(), fail] })).rejects.toThrow(/boom/);
    expect(learn.lossFunc).toBe(plain);
    learn.dispose();
  });

  test("validation sees the plain loss and plain inputs", async () => {
    const learn = pictureLearner({ lr: 0 });
    await learn.fit(1, { cbs: [new MixUp({ alpha: 5 })] });
    const valid = learn.recorder?.last("valid_loss");
    expect((await learn.validate())[0]).toBeCloseTo(valid as number, 6);
    learn.dispose();
  });

  test("token ids are refused with a hint", async () => {
    const learn = lineLearner();
    const toIds = Object.assign(
      beforeBatchCb((_, xb, yb) => [xb.map((x) => tf.cast(x, "int32")), [...yb]]),
      { order: -5 },
    );
    await expect(learn.fit(1, { cbs: [toIds, new MixUp()] })).rejects.toThrow(/int32.*cannot be mixed/s);
    learn.dispose();
  });

  test("class indices under a plain function are refused, they have no in-between", async () => {
    const loss = new CrossEntropyLossFlat();
    const learn = pictureLearner({ lossFunc: (pred, ...y) => loss.call(pred, ...y) });
    await expect(learn.fit(1, { cbs: [new MixUp()] })).rejects.toThrow(/yInt/);
    learn.dispose();
  });

  test("leaves no tensors behind", async () => {
    const learn = pictureLearner();
    await learn.fit(1, { cbs: [new MixUp()] });
    const before = tf.memory().numTensors;
    await learn.fit(2, { cbs: [new MixUp()] });
    expect(tf.memory().numTensors).toBe(before);
    learn.dispose();
  });

  test("an alpha of 0 is refused", () => {
    expect(() => new MixUp({ alpha: 0 })).toThrow(/MixUp.*alpha 0/s);
  });
});
