import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectSame, expectSameBits, numbers, on, wholeNumbers } from "./backends.ts";
import { expectEqual } from "./floats.ts";

/** A shape, some of its axes, and whether they stay with size 1. */
const reductions = fc
  .array(fc.record({ size: fc.constantFrom(1, 2, 3, 5, 16, 17, 40), reduced: fc.boolean() }), {
    minLength: 1,
    maxLength: 5,
  })
  .map((dims) => ({
    shape: dims.map(({ size }) => size),
    axes: dims.flatMap(({ reduced }, i) => (reduced ? [i] : [])),
  }))
  .filter(({ shape }) => tf.util.sizeFromShape(shape) < 20_000)
  .chain(({ shape, axes }) => fc.record({ shape: fc.constant(shape), axes: fc.constant(axes), keep: fc.boolean() }));

const axisOf = fc
  .array(fc.constantFrom(1, 2, 3, 16, 33, 70), { minLength: 1, maxLength: 4 })
  .filter((shape) => tf.util.sizeFromShape(shape) < 20_000)
  .chain((shape) => fc.record({ shape: fc.constant(shape), axis: fc.integer({ min: 0, max: shape.length - 1 }) }));

const close = { rtol: 1e-5, atol: 1e-5 };

describe("reductions", () => {
  test("of floats over any axes are what plain JS computes", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(reductions, ({ shape, axes, keep }) => {
        const x = () => numbers(shape);
        return expectSame(
          () => [tf.sum(x(), axes, keep), tf.mean(x(), axes, keep), tf.max(x(), axes, keep), tf.min(x(), axes, keep)],
          close,
        );
      }),
      { numRuns: 60 },
    );
  });

  test("of whole numbers and bools over any axes are what plain JS computes", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(reductions, ({ shape, axes, keep }) =>
        expectEqual(() => {
          const x = tf.sub(wholeNumbers(shape, 9), 4);
          const bits = tf.cast(wholeNumbers(shape, 2), "bool");
          return [
            ...[tf.sum(x, axes, keep), tf.max(x, axes, keep), tf.min(x, axes, keep), tf.sum(bits, axes, keep)],
            ...[tf.all(bits, axes, keep), tf.any(bits, axes, keep)],
          ];
        }),
      ),
      { numRuns: 40 },
    );
  });

  test("multiply up what plain JS does", async () => {
    await expectSame(() => [tf.prod(numbers([7, 5, 3]), [0, 2]), tf.prod(numbers([7, 5, 3]))], { rtol: 1e-5, atol: 0 });
    await expectEqual(() => [tf.prod(tf.add(wholeNumbers([3, 4], 9), 1), 1)]);
  });

  test("of nothing are what plain JS says", async () => {
    await expectEqual(() => {
      const empty = tf.zeros([0, 3]);
      return [tf.sum(empty), tf.sum(empty, 0), tf.mean(empty, 1), tf.sum(tf.zeros([2, 0, 3]), [0, 2])];
    });
  });

  test("let NaN through, and find infinities", async () => {
    await expectEqual(() => {
      const x = tf.tensor2d([
        [1, NaN, 3],
        [Infinity, 2, -Infinity],
        [-Infinity, -Infinity, -Infinity],
      ]);
      const long = tf.concat([numbers([50]), tf.tensor1d([NaN]), numbers([50])]);
      return [tf.max(x, 1), tf.min(x, 1), tf.max(x, 0), tf.sum(x, 1), tf.mean(x, 0), tf.max(long), tf.min(long)];
    });
  });

  test("of many numbers lose no precision", async () => {
    const [sum, columns, mean] = await on("native", () => {
      const x = tf.fill([1_000_003, 3], 0.1);
      return [tf.sum(x), tf.sum(x, 0), tf.mean(tf.reshape(x, [3, 1_000_003]), 1)];
    });
    expect(sum).toBeAllclose([3_000_009 * Math.fround(0.1)], { rtol: 5e-7 });
    expect(columns).toBeAllclose(new Array(3).fill(1_000_003 * Math.fround(0.1)), { rtol: 1e-6 });
    expect(mean).toBeAllclose([0.1, 0.1, 0.1], { rtol: 5e-7 });
  });

  test("have the same bits on any number of threads", async () => {
    await expectSameBits(() => {
      const x = numbers([30, 100, 101]);
      return [
        tf.sum(x),
        tf.sum(x, 0),
        tf.sum(x, 1),
        tf.mean(x, [0, 2]),
        tf.max(x, 1),
        tf.argMax(x, 1),
        tf.argMax(x, 2),
      ];
    });
    await expectSameBits(() => [tf.sum(numbers([100_001, 3]), 0), tf.sum(numbers([2, 150_000]), 1)]);
    await expectSameBits(() => [tf.softmax(numbers([3000, 100])), tf.cumsum(numbers([300, 1000]), 1)]);
  });
});

describe("argMax, argMin, cumsum, cumprod, softmax and topk", () => {
  test("are what plain JS computes, along any axis", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(axisOf, async ({ shape, axis }) => {
        await expectEqual(() => {
          const x = wholeNumbers(shape, 9);
          const floats = tf.div(x, 4);
          return [
            ...[tf.argMax(x, axis), tf.argMin(x, axis), tf.argMax(floats, axis), tf.argMin(floats, axis)],
            ...[tf.cumsum(x, axis), tf.cumsum(x, axis, true), tf.cumsum(floats, axis, false, true)],
            ...[tf.cumsum(x, axis, true, true), tf.cumprod(floats, axis), tf.cumprod(floats, axis, true, true)],
          ];
        });
        await expectSame(() => [tf.softmax(numbers(shape)), tf.logSoftmax(tf.mul(numbers(shape), 30))], close);
      }),
      { numRuns: 50 },
    );
  });

  test("argMax skips NaN, unless it comes first", async () => {
    await expectEqual(() => {
      const x = [NaN, 1, 5, 2];
      const long = [...new Array(70).keys()].map((i) => (i % 7 === 3 ? NaN : (i * 37) % 50));
      const rows = [x, [1, NaN, 0, NaN], [-Infinity, -Infinity, NaN, -Infinity]];
      return [tf.argMax(rows, 1), tf.argMin(rows, 1), tf.argMax(rows, 0), tf.argMax(long), tf.argMin(long)];
    });
  });

  test("topk finds the largest, the first of equal ones first", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 70 }), (size, k) =>
        expectEqual(() => {
          const { values, indices } = tf.topk(wholeNumbers([5, size], 20), Math.min(k, size));
          const floats = tf.topk(numbers([5, size]), Math.min(k, size));
          return [values, indices, floats.values, floats.indices];
        }),
      ),
      { numRuns: 30 },
    );
  });

  test("softmax of huge, equal and impossible logits", async () => {
    const [rows] = await on("native", () => [
      tf.softmax(
        tf.tensor2d([
          [1000, 1000, -1000],
          [-Infinity, 0, 0],
          [1, NaN, 2],
        ]),
      ),
    ]);
    expect(rows).toBeAllclose([0.5, 0.5, 0, 0, 0.5, 0.5, NaN, NaN, NaN]);
  });
});
