import { Callback } from "@layerwise/core/learner";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lineLearner, pictureLearner } from "../test/smallLearners.ts";
import { CutMix, cutMixBox } from "./cutMix.ts";
import { MixedLoss } from "./mixedLoss.ts";

describe("cutMixBox", () => {
  test("a box near the edge is cut off there", () => {
    const box = cutMixBox({ width: 8, height: 8 }, 0.75, { x: 1, y: 4 });
    expect(box).toEqual({ x1: 0, y1: 2, x2: 3, y2: 6 });
    expect(1 - ((box.x2 - box.x1) * (box.y2 - box.y1)) / 64).toBe(0.8125);
  });

  test("sides are rounded half to even, as fastai does", () => {
    // 10 * sqrt(1 - 0.9375) = 2.5 -> 2, half of it 1
    expect(cutMixBox({ width: 10, height: 10 }, 0.9375, { x: 5, y: 5 })).toEqual({ x1: 4, y1: 4, x2: 6, y2: 6 });
  });

  test("lies within the picture for every share and center", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 50 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(),
        fc.nat(),
        (width, height, lam, a, b) => {
          const { x1, y1, x2, y2 } = cutMixBox({ width, height }, lam, { x: a % width, y: b % height });
          expect(0 <= x1 && x1 <= x2 && x2 <= width && 0 <= y1 && y1 <= y2 && y2 <= height).toBe(true);
        },
      ),
    );
  });
});

describe("CutMix", () => {
  test("every pixel comes from one of the two pictures, and the share is that of the box", async () => {
    const learn = pictureLearner({ bs: 8, size: 9 });
    const before: number[][] = [];
    const after: number[][] = [];
    const pixels = (cb: Callback): number[] => Array.from(cb.learn.xb[0]?.dataSync() ?? []);
    const first = new Callback({ beforeBatch: (cb) => void (cb.learn.training && before.push(pixels(cb))) });
    Object.assign(first, { order: -5 });
    const second = new Callback({ beforeBatch: (cb) => void (cb.learn.training && after.push(pixels(cb))) });
    await learn.fit(2, { cbs: [first, new CutMix(), second] });
    for (const [b, plain] of before.entries()) {
      const mixed = after[b]!;
      for (let i = 0; i < mixed.length; i++) {
        const same = Array.from({ length: 8 }, (_, n) => plain[n * 81 + (i % 81)]);
        expect(same).toContain(mixed[i]);
      }
    }
    expect(after).not.toEqual(before);
    learn.dispose();
  });

  test("swaps the loss while training, and leaves no tensors behind", async () => {
    const learn = pictureLearner();
    const plain = learn.lossFunc;
    const seen: unknown[] = [];
    const look = new Callback({ afterPred: (cb) => void seen.push(cb.learn.lossFunc) });
    await learn.fit(1, { cbs: [new CutMix(), look] });
    expect(seen[0]).toBeInstanceOf(MixedLoss);
    expect(seen.at(-1)).toBe(plain);
    const before = tf.memory().numTensors;
    await learn.fit(3, { cbs: [new CutMix()] });
    expect(tf.memory().numTensors).toBe(before);
    learn.dispose();
  });

  test("inputs that are no pictures are refused", async () => {
    const learn = lineLearner();
    await expect(learn.fit(1, { cbs: [new CutMix()] })).rejects.toThrow(/\[8, 1\].*\[N, H, W, C\]/s);
    learn.dispose();
  });
});
