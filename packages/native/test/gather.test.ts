import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectSame, expectSameBits, numbers, wholeNumbers } from "./backends.ts";
import { expectEqual } from "./floats.ts";

const shapes = fc
  .array(fc.constantFrom(1, 2, 3, 5, 9, 17), { minLength: 1, maxLength: 4 })
  .filter((shape) => tf.util.sizeFromShape(shape) < 3000);

const ofTypes = (shape: number[]): tf.Tensor[] => {
  const whole = wholeNumbers(shape, 100);
  return [numbers(shape), whole, tf.cast(tf.mod(whole, 2), "bool")];
};

describe("gathers and scatters", () => {
  test("read slices along any axis, also batch by batch", async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.nat(9), fc.integer({ min: 0, max: 12 }), (shape, number, count) => {
        const axis = number % shape.length;
        return expectEqual(() => {
          const indices = wholeNumbers([count], shape[axis]!) as tf.Tensor1D;
          return ofTypes(shape).map((x) => tf.gather(x, indices, axis));
        });
      }),
      { numRuns: 60 },
    );
    await expectEqual(() => [tf.gather(numbers([3, 7, 5]), wholeNumbers([3, 4], 7), 1, 1)]);
    await expectEqual(() => [tf.gather(numbers([3, 7, 5]), wholeNumbers([2, 4], 5), 2)]);
  });

  test("read, add and write where rows of indices say", async () => {
    await expectEqual(() => {
      const rows = tf.stack([wholeNumbers([20], 4), wholeNumbers([20], 5, 2)], 1);
      const one = wholeNumbers([9, 1], 4);
      return ofTypes([4, 5, 6]).flatMap((x) => [
        tf.gatherND(x, rows),
        tf.gatherND(x, one),
        tf.tensorScatterUpdate(x, one, tf.tile(tf.slice(x, 0, 1), [9, 1, 1])),
      ]);
    });
    await expectEqual(() => [
      tf.scatterND(wholeNumbers([20, 2], 4), wholeNumbers([20, 3], 9), [4, 5, 3]),
      tf.scatterND(wholeNumbers([20, 1], 4), tf.cast(wholeNumbers([20, 3], 9), "float32"), [4, 3]),
      tf.sparseToDense(tf.tensor1d([1, 3], "int32"), tf.tensor1d([5, 6]), [5], -1),
    ]);
  });

  test("make one-hot rows, and leave out what is no class", async () => {
    for (const dtype of ["float32", "int32", "bool"] as const) {
      await expectEqual(() => [
        tf.oneHot(
          tf.tensor2d(
            [
              [0, 3],
              [-1, 7],
            ],
            [2, 2],
            "int32",
          ),
          4,
          1,
          0,
          dtype,
        ),
      ]);
    }
  });

  test("sum segments in the order of rows", async () => {
    const make = (rows: number, inner: number[]) => () => [
      tf.unsortedSegmentSum(
        numbers([rows, ...inner]),
        tf.sub(wholeNumbers([rows], 9), tf.scalar(1, "int32")) as tf.Tensor1D,
        7,
      ),
    ];
    await expectSame(make(50, [3, 2]), { rtol: 1e-5, atol: 1e-6 });
    await expectSame(make(30, []), { rtol: 1e-5, atol: 1e-6 });
    await expectSameBits(make(5000, [300]));
  });

  test("refuse indices that lead nowhere", async () => {
    const wrong: [string, () => tf.Tensor, RegExp][] = [
      ["gather", () => tf.gather(numbers([3, 2]), tf.tensor1d([0, 3], "int32")), /index value 3 is not in \[0, 2\]/],
      ["gather", () => tf.gather(numbers([3, 2]), tf.tensor1d([-1], "int32")), /index value -1/],
      [
        "gatherND",
        () => tf.gatherND(numbers([3, 2]), tf.tensor2d([[3, 0]], [1, 2], "int32")),
        /3,0 does not index into 3,2/,
      ],
      [
        "scatterND",
        () => tf.scatterND(tf.tensor2d([[-4]], [1, 1], "int32"), numbers([1, 2]), [3, 2]),
        /-4 does not index/,
      ],
      [
        "tensorScatterUpdate",
        () => tf.tensorScatterUpdate(numbers([3, 2]), tf.tensor2d([[2 ** 31 - 1]], [1, 1], "int32"), numbers([1, 2])),
        /does not index into/,
      ],
    ];
    for (const [name, make, message] of wrong) {
      await tf.setBackend("native");
      const tensors = tf.backend().numDataIds();
      expect(() => tf.tidy(make), name).toThrow(message);
      expect(tf.backend().numDataIds(), name).toBe(tensors);
    }
    await tf.setBackend("cpu");
  });
});
