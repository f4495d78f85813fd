import "@layerwise/core";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectSame, expectSameBits, numbers, on } from "./backends.ts";

interface Case {
  size: [number, number];
  channels: number;
  filter: [number, number];
  strides: [number, number];
  pad: "same" | "valid" | [[0, 0], [number, number], [number, number], [0, 0]];
}

const pads = fc.integer({ min: 0, max: 1 });
const cases: fc.Arbitrary<Case> = fc.record({
  size: fc.tuple(fc.integer({ min: 3, max: 9 }), fc.integer({ min: 3, max: 9 })),
  channels: fc.constantFrom(1, 3, 8, 16, 17, 65, 70),
  filter: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 3 })),
  strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  pad: fc.oneof(
    fc.constantFrom("same" as const, "valid" as const),
    fc.tuple(pads, pads, pads, pads).map(
      ([a, b, c, d]) =>
        [
          [0, 0],
          [a, b],
          [c, d],
          [0, 0],
        ] as [[0, 0], [number, number], [number, number], [0, 0]],
    ),
  ),
});

/** Few different numbers, so that many windows have several largest ones. */
function picture({ size, channels }: Pick<Case, "size" | "channels">): tf.Tensor4D {
  return tf.round(tf.mul(numbers([2, ...size, channels]), 3)) as tf.Tensor4D;
}

function pooledAndGradient(kind: "maxPool" | "avgPool", c: Case): tf.Tensor[] {
  const f = (x: tf.Tensor) => pools[kind](x as tf.Tensor4D, c.filter, c.strides, c.pad, explicit(c.pad));
  const x = picture(c);
  const y = f(x);
  return [y, tf.grad((t: tf.Tensor) => tf.sum(tf.mul(f(t), numbers(y.shape, 3))))(x)];
}

function explicit(pad: Case["pad"]): "floor" | undefined {
  return typeof pad === "string" ? undefined : "floor";
}

const pools = { maxPool: tf.maxPool, avgPool: tf.avgPool };

describe.each(["maxPool", "avgPool"] as const)("%s and its gradient", (kind) => {
  test("do what plain JS does, ties, strides and padding included", async () => {
    await fc.assert(
      fc.asyncProperty(cases, (c) => expectSame(() => pooledAndGradient(kind, c), { rtol: 1e-4, atol: 1e-5 })),
      { numRuns: 60 },
    );
  });

  test("have the same bits on any number of threads", () =>
    expectSameBits(() =>
      pooledAndGradient(kind, { size: [40, 41], channels: 70, filter: [3, 3], strides: [2, 2], pad: "same" }),
    ));
});

test("the maximum of whole numbers is left to plain JS", async () => {
  const make = () => [tf.maxPool(tf.tensor4d([1, 5, 2, 2], [1, 2, 2, 1], "int32"), 2, 2, "valid")];
  expect(await on("native", make)).toEqual(await on("cpu", make));
});

test("of equal pixels the first gets the gradient, as in PyTorch", async () => {
  const dx = () => [
    tf.grad((x: tf.Tensor) => tf.sum(tf.maxPool(x as tf.Tensor4D, 2, 1, "valid")))(tf.ones([1, 3, 3, 1])),
  ];
  expect((await on("native", dx))[0]!).toBeAllclose([1, 1, 0, 1, 1, 0, 0, 0, 0]);
});

test("NaN is never the largest pixel, as in plain JS", () =>
  expectSame(
    () => {
      const x = tf.tensor4d([Number.NaN, 1, Number.NaN, Number.NaN, -5, Number.NEGATIVE_INFINITY], [1, 1, 6, 1]);
      const windows = tf.maxPool(x, [1, 2], [1, 2], "valid");
      return [windows, tf.grad((t: tf.Tensor) => tf.sum(tf.maxPool(t as tf.Tensor4D, [1, 2], [1, 2], "valid")))(x)];
    },
    { rtol: 0, atol: 0 },
  ));
