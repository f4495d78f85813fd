import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectSame, expectSameBits, numbers, on, wholeNumbers } from "./backends.ts";
import { expectEqual, floatsAnywhere, specials, ulpsApart } from "./floats.ts";

type Unary = (x: tf.Tensor) => tf.Tensor;

/** Ops that are exact on any float. */
const exact: Record<string, Unary> = {
  abs: tf.abs,
  neg: tf.neg,
  sign: tf.sign,
  square: tf.square,
  relu: tf.relu,
  relu6: tf.relu6,
  sqrt: tf.sqrt,
  reciprocal: tf.reciprocal,
  floor: tf.floor,
  ceil: tf.ceil,
  round: tf.round,
  isNaN: tf.isNaN,
  isInf: tf.isInf,
  isFinite: tf.isFinite,
  step: (x) => tf.step(x, 0.25),
  clip: (x) => tf.clipByValue(x, -0.5, 1.5),
  toInt: (x) => tf.cast(x, "int32"),
  toBool: (x) => tf.cast(x, "bool"),
};

/** Ops of int32 that are exact. */
const whole: Record<string, Unary> = {
  abs: tf.abs,
  neg: tf.neg,
  sign: tf.sign,
  square: tf.square,
  relu: tf.relu,
  relu6: tf.relu6,
  round: tf.round,
  clip: (x) => tf.clipByValue(x, -2, 3.5),
  toFloat: (x) => tf.cast(x, "float32"),
  toBool: (x) => tf.cast(x, "bool"),
};

/** `erf` from its series of positive terms. */
function erf(x: number): number {
  if (Math.abs(x) > 6 || Number.isNaN(x)) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return Object.is(x, -0) ? x : (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

const softplus = (x: number) => (x > 40 ? x : Math.log1p(Math.exp(x)));

/** Name, op, what it should be in double precision, how many units in the last place it may be off. */
const approximate: [string, Unary, (x: number) => number, number][] = [
  ["exp", tf.exp, Math.exp, 1],
  ["expm1", tf.expm1, Math.expm1, 1.6],
  ["log", tf.log, Math.log, 1],
  ["log1p", tf.log1p, Math.log1p, 1.5],
  ["tanh", tf.tanh, Math.tanh, 1.5],
  ["sigmoid", tf.sigmoid, (x) => 1 / (1 + Math.exp(-x)), 2.1],
  ["softplus", tf.softplus, softplus, 1.7],
  ["erf", tf.erf, erf, 1.1],
  ["sin", tf.sin, Math.sin, 1.6],
  ["cos", tf.cos, Math.cos, 1.6],
  ["tan", tf.tan, Math.tan, 0.6],
  ["asin", tf.asin, Math.asin, 0.6],
  ["acos", tf.acos, Math.acos, 0.6],
  ["atan", tf.atan, Math.atan, 0.6],
  ["sinh", tf.sinh, Math.sinh, 0.6],
  ["cosh", tf.cosh, Math.cosh, 0.6],
  ["asinh", tf.asinh, Math.asinh, 0.6],
  ["acosh", tf.acosh, Math.acosh, 0.6],
  ["atanh", tf.atanh, Math.atanh, 0.6],
  ["rsqrt", tf.rsqrt, (x) => 1 / Math.sqrt(x), 1.5],
  ["elu", tf.elu, (x) => (x >= 0 ? x : Math.expm1(x)), 1.6],
  ["selu", tf.selu, (x) => (x >= 0 ? 1.0507009873554805 * x : 1.7580993408473768 * Math.expm1(x)), 2.2],
  ["leakyRelu", (x) => tf.leakyRelu(x, 0.3), (x) => (x < 0 ? 0.3 * x : x), 1.1],
];

describe("elementwise functions of float32", () => {
  const values = floatsAnywhere(40_000);

  test.each(approximate)("%s is within its bound everywhere, and right at NaN, infinities and -0", async (...row) => {
    const [name, op, reference, bound] = row;
    const [got] = await on("native", () => [op(tf.tensor1d(values))]);
    let worst = 0;
    for (const [i, x] of values.entries()) {
      const want = reference(x);
      const ulps = ulpsApart(got![i]!, want);
      if (!(ulps <= bound)) expect.fail(`${name}(${x}) is ${got![i]}, not ${want}: ${ulps} ulp`);
      worst = Math.max(worst, ulps);
    }
    expect(worst).toBeLessThanOrEqual(bound);
  });

  test.each(Object.keys(exact))("%s is what plain JS computes", async (name) => {
    const input = Float32Array.of(
      ...specials,
      ...values.subarray(0, 2000),
      0.5,
      1.5,
      2.5,
      -0.5,
      -1.5,
      2 ** 31,
      2 ** 40,
    );
    await expectEqual(() => [exact[name]!(tf.tensor1d(input))]);
  });

  test("any size and any number of threads give the same numbers", async () => {
    for (const size of [0, 1, 15, 16, 17, 100, 70_001, 200_003]) {
      await expectSame(() => [tf.exp(numbers([size])), tf.relu(numbers([size]))], { rtol: 1e-6, atol: 0 });
    }
    await expectSameBits(() => [tf.exp(numbers([200_003])), tf.tan(numbers([20_003])), tf.neg(numbers([200_003]))]);
  });
});

describe("elementwise functions of int32 and bool", () => {
  const ints = Int32Array.of(0, 1, -1, 7, -8, 46_341, -46_341, 123_456_789, 2 ** 31 - 1, -(2 ** 31) + 1);

  test.each(Object.keys(whole))("%s of int32 is what plain JS computes", async (name) => {
    const throughFloats = ["abs", "square", "toFloat"].includes(name); // in plain JS
    const input = throughFloats ? ints.subarray(0, 5) : ints;
    await expectEqual(() => [whole[name]!(tf.tensor1d(input, "int32"))]);
  });

  test("whole numbers beyond 2^24 stay exact, and those beyond 2^31 wrap around", async () => {
    const [abs, neg, square] = await on("native", () => {
      const x = tf.tensor1d([-123_456_789, -(2 ** 31)], "int32");
      return [tf.abs(x), tf.neg(x), tf.square(tf.tensor1d([46_341], "int32"))];
    });
    expect(abs![0]).toBe(123_456_789);
    expect(square![0]).toBe(46_341 ** 2 - 2 ** 32);
    expect([...neg!]).toEqual([123_456_789, -(2 ** 31)]);
  });

  test("exp of int32, and functions of bool, are what plain JS computes", async () => {
    await expectSame(() => [tf.exp(wholeNumbers([30], 9))], { rtol: 1e-6, atol: 0 });
    await expectEqual(() => {
      const x = tf.cast(wholeNumbers([100], 2), "bool");
      return [tf.logicalNot(x), tf.cast(x, "int32"), tf.cast(x, "float32"), tf.abs(x), tf.isNaN(x)];
    });
  });

  test("casts of any number are what plain JS computes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.float(), { maxLength: 40 }), (list) =>
        expectEqual(() => [tf.cast(tf.tensor1d(list), "int32"), tf.cast(tf.tensor1d(list), "bool")]),
      ),
      { numRuns: 40 },
    );
  });
});
