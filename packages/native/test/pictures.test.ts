import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectSame, expectSameBits, numbers, on, wholeNumbers } from "./backends.ts";

const side = fc.integer({ min: 1, max: 12 });
const close = { rtol: 1e-5, atol: 2e-6 };

const resizings = fc.record({
  shape: fc.tuple(fc.constantFrom(1, 2), side, side, fc.constantFrom(1, 3, 4, 17)),
  size: fc.tuple(side, side),
  how: fc.constantFrom<[boolean, boolean][]>([false, false], [true, false], [false, true]),
});

describe("resizing", () => {
  test("is what plain JS computes", async () => {
    await fc.assert(
      fc.asyncProperty(resizings, ({ shape, size, how: [corners, half] }) =>
        expectSame(() => {
          const x = numbers(shape) as tf.Tensor4D;
          const whole = wholeNumbers(shape, 256) as tf.Tensor4D;
          return [
            tf.image.resizeBilinear(x, size, corners, half),
            tf.image.resizeNearestNeighbor(x, size, corners, half),
            tf.div(tf.image.resizeBilinear(whole, size, corners, half), 256),
          ];
        }, close),
      ),
      { numRuns: 60 },
    );
  });

  test("has gradients that mirror it: <resize(x), dy> = <x, gradient of dy>", async () => {
    await fc.assert(
      fc.asyncProperty(resizings, fc.boolean(), async ({ shape, size, how: [corners, half] }, bilinear) => {
        const resize = (x: tf.Tensor) =>
          bilinear
            ? tf.image.resizeBilinear(x as tf.Tensor4D, size, corners, half)
            : tf.image.resizeNearestNeighbor(x as tf.Tensor4D, size, corners, half);
        const [forward, backward] = await on("native", () => {
          const [x, dy] = [numbers(shape), numbers([shape[0], ...size, shape[3]], 2)];
          const dx = tf.grad(resize)(x, dy);
          return [tf.sum(tf.mul(resize(x), dy)), tf.sum(tf.mul(x, dx))];
        });
        expect(forward).toBeAllclose(backward!, { rtol: 1e-3, atol: 1e-4 });
      }),
      { numRuns: 60 },
    );
  });

  test("has the same bits on any number of threads", async () => {
    await expectSameBits(() => {
      const x = numbers([4, 60, 50, 3]) as tf.Tensor4D;
      const resize = (x: tf.Tensor) => tf.image.resizeBilinear(x as tf.Tensor4D, [90, 70], false, true);
      return [resize(x), tf.grad(resize)(x), tf.image.resizeNearestNeighbor(x, [31, 99])];
    });
  });
});

describe("maps, rotations and crops", () => {
  const map = [0.9, -0.2, 1.5, 0.3, 1.1, -2.25, 0.01, -0.02];

  test("projective maps are what plain JS computes of each picture alone", async () => {
    for (const interpolation of ["nearest", "bilinear"] as const) {
      for (const mode of ["constant", "reflect", "wrap", "nearest"] as const) {
        for (const size of [undefined, [13, 6] as [number, number]]) {
          await expectSame(() => {
            const x = numbers([1, 9, 11, 3]) as tf.Tensor4D;
            return [tf.image.transform(x, tf.tensor2d([map]), interpolation, mode, 0.5, size)];
          }, close);
        }
      }
    }
  });

  test("projective maps of a batch are those of its pictures", async () => {
    const [batch, first, second] = await on("native", () => {
      const x = numbers([2, 9, 11, 3]) as tf.Tensor4D;
      const maps = tf.tensor2d([map, [1, 0.1, 0, 0, 1, 1, 0, 0]]);
      const alone = [0, 1].map((i) =>
        tf.image.transform(tf.slice(x, i, 1), tf.slice(maps, i, 1), "bilinear", "reflect"),
      );
      return [tf.image.transform(x, maps, "bilinear", "reflect"), ...alone];
    });
    expect([...batch!]).toEqual([...first!, ...second!]);
  });

  test("rotations and flips are what plain JS computes", async () => {
    await expectSame(() => {
      const x = numbers([2, 9, 11, 4]) as tf.Tensor4D;
      return [
        tf.image.rotateWithOffset(x, 0.7, 0.25, [0.4, 0.6]),
        tf.image.rotateWithOffset(x, -2, [0.1, 0.2, 0.3], 0.5),
        tf.image.flipLeftRight(x),
      ];
    }, close);
  });

  test("crops are what plain JS computes", async () => {
    for (const method of ["nearest", "bilinear"] as const) {
      await expectSame(() => {
        const boxes = tf.tensor2d([
          [0.1, 0.2, 0.8, 0.9],
          [-0.3, 0, 1.2, 1],
          [0.7, 0.9, 0.1, 0],
          [0, 0, 1, 1],
        ]);
        const x = numbers([2, 9, 11, 3]) as tf.Tensor4D;
        const indices = tf.tensor1d([0, 1, 1, 0], "int32");
        return [
          tf.image.cropAndResize(x, boxes, indices, [5, 7], method, 0.5),
          tf.image.cropAndResize(x, boxes, indices, [1, 1], method),
        ];
      }, close);
    }
  });
});
