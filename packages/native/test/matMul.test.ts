import "@layerwise/core";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectSame, expectSameBits, numbers, on, wholeNumbers } from "./backends.ts";

const tolerance = { rtol: 1e-4, atol: 1e-4 };
/** Around the sizes of tiles (6 or 14 rows; 8, 16 or 32 columns), and none at all. */
const size = fc.oneof(fc.constantFrom(0, 1, 6, 7, 13, 14, 15, 16, 17, 31, 32, 33, 70), fc.integer({ min: 1, max: 90 }));

function product(outer: [number[], number[]], [m, k, n]: readonly number[], transposed: readonly [boolean, boolean]) {
  const a = numbers([...outer[0], ...(transposed[0] ? [k!, m!] : [m!, k!])], 1);
  const b = numbers([...outer[1], ...(transposed[1] ? [n!, k!] : [k!, n!])], 2);
  return tf.matMul(a, b, ...transposed);
}

describe("matMul", () => {
  const flags = fc.tuple(fc.boolean(), fc.boolean());

  test("multiplies matrices of any size, transposed or not", async () => {
    const cases = fc.tuple(fc.tuple(size, size, size), flags);
    await fc.assert(
      fc.asyncProperty(cases, ([sizes, transposed]) =>
        expectSame(() => [product([[], []], sizes, transposed)], tolerance),
      ),
      { numRuns: 80 },
    );
  });

  test("multiplies many, each or by one for all", async () => {
    const outer = fc.constantFrom<[number[], number[]]>(
      [[3], [3]],
      [[3], []],
      [[], [3]],
      [[1], [4]],
      [
        [2, 3],
        [2, 3],
      ],
    );
    await fc.assert(
      fc.asyncProperty(outer, fc.tuple(size, size, size), flags, (shapes, sizes, transposed) =>
        expectSame(() => [product(shapes, sizes, transposed)], tolerance),
      ),
      { numRuns: 40 },
    );
  });

  test("broadcasts axes on both sides", async () => {
    const [a, b] = [() => numbers([2, 1, 3, 4]), () => numbers([1, 5, 4, 6], 2)];
    const [got, want] = await on("native", () => [
      tf.matMul(a(), b()),
      tf.matMul(tf.tile(a(), [1, 5, 1, 1]), tf.tile(b(), [2, 1, 1, 1])),
    ]);
    expect(got).toEqual(want);
  });

  test.each([
    ["a sum longer than what is packed at a time", [3, 70_000, 64]],
    ["more columns than are packed at a time", [2, 3, 9_000]],
    ["many rows", [20_000, 5, 3]],
  ])("multiplies %s", async (_, sizes) => {
    await expectSame(() => [product([[], []], sizes, [false, false])], { rtol: 1e-4, atol: 1e-3 });
  });

  test("gives the same bits on any number of threads", async () => {
    const sizes = [
      [300, 200, 500],
      [5, 900, 3000],
      [64, 60, 2048],
      [700, 5000, 20],
    ];
    await expectSameBits(() => sizes.map((each) => product([[], []], each, [false, true])));
    await expectSameBits(() => [product([[50], [50]], [30, 20, 40], [true, false])]);
  });

  test("multiplies whole numbers as plain JS does", async () => {
    const [a, b] = [() => wholeNumbers([5, 7], 9), () => wholeNumbers([7, 3], 9, 2)];
    await expectSame(() => [tf.matMul(a() as tf.Tensor2D, b() as tf.Tensor2D)], { rtol: 0, atol: 0 });
  });

  test("passes NaN and infinity on", async () => {
    const a = () => tf.tensor2d([Number.NaN, 1, 0, 2, Number.POSITIVE_INFINITY, 1], [3, 2]);
    await expectSame(() => [tf.matMul(a(), tf.ones([2, 40]))], tolerance);
  });
});

describe("fused matMul", () => {
  const activations = ["linear", "relu", "relu6", "elu", "leakyrelu", "sigmoid", "prelu"] as const;
  const fused = (activation: (typeof activations)[number], k: number, bias: number[]) => {
    const slopes = activation === "prelu" ? { preluActivationWeights: numbers([37], 4) } : {};
    return tf.fused.matMul({
      a: tf.mul(numbers([9, k]), 5) as tf.Tensor2D,
      b: numbers([k, 37], 2) as tf.Tensor2D,
      bias: numbers(bias, 3),
      activation: activation as "relu",
      leakyreluAlpha: 0.3,
      ...slopes,
    });
  };

  test.each(activations)("applies bias and %s", async (activation) => {
    await expectSame(() => [fused(activation, 20, [37]), fused(activation, 0, [37])], tolerance);
  });

  test("takes a bias of any shape that broadcasts", async () => {
    await expectSame(() => [fused("relu", 20, [9, 37]), fused("relu", 20, [9, 1]), fused("relu", 20, [])], tolerance);
  });
});
