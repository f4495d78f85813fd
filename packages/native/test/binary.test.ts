import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectSame, expectSameBits, numbers, on, wholeNumbers } from "./backends.ts";
import { expectEqual, floatsAnywhere, specials, ulpsApart } from "./floats.ts";

type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** The op behind tf.equal and others, without their types' limits. */
const compared: Record<string, Binary> = {
  equal: tf.equal,
  notEqual: tf.notEqual,
  less: tf.less,
  lessEqual: tf.lessEqual,
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
};
const ofNumbers: Record<string, Binary> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  floorDiv: tf.floorDiv,
  mod: tf.mod,
  maximum: tf.maximum,
  minimum: tf.minimum,
  squaredDifference: tf.squaredDifference,
  ...compared,
};
const ofFloats: Record<string, Binary> = { ...ofNumbers, prelu: (a, b) => tf.prelu(a, b) };
const ofInts: Record<string, Binary> = { ...ofNumbers, bitwiseAnd: tf.bitwiseAnd };
const ofBools: Record<string, Binary> = {
  ...compared,
  logicalAnd: tf.logicalAnd,
  logicalOr: tf.logicalOr,
  add: tf.add,
};

/** Plain JS rounds once, from double precision; a difference and its square round twice. */
const oneUlp = (name: string) => (name === "squaredDifference" ? 4e-7 : 1.3e-7);

/** All pairs of these numbers. */
function pairs(list: ArrayLike<number>, dtype: "float32" | "int32" | "bool"): [tf.Tensor, tf.Tensor] {
  const values = Array.from(list);
  const n = values.length;
  const a = values.flatMap((x) => new Array<number>(n).fill(x));
  const b = values.flatMap(() => values);
  return [tf.tensor1d(a, dtype), tf.tensor1d(b, dtype)];
}

/** Two shapes that broadcast with each other. */
const shapes = fc
  .array(
    fc.record({
      size: fc.constantFrom(1, 2, 3, 7, 16, 33, 40),
      one: fc.constantFrom("a", "b", "", "", "none"),
      empty: fc.integer({ min: 0, max: 40 }),
    }),
    { maxLength: 5 },
  )
  .map((dims) => {
    const size = dims.map((dim) => (dim.empty === 0 ? 0 : dim.size));
    const a = dims.map((dim, i) => (dim.one === "a" ? 1 : size[i]!));
    const b = dims.map((dim, i) => (dim.one === "b" ? 1 : size[i]!));
    const leading = dims.findIndex(({ one }) => one !== "b");
    return { a, b: leading > 0 ? b.slice(leading) : b };
  })
  .filter(({ a, b }) => tf.util.sizeFromShape(a) < 2000 && tf.util.sizeFromShape(b) < 2000)
  .filter(({ a, b }) => tf.util.sizeFromShape(tf.backend_util.assertAndGetBroadcastShape(a, b)) < 3000);

describe("elementwise functions of two tensors", () => {
  test.each(Object.keys(ofFloats))("%s of any two floats is what plain JS computes", async (name) => {
    const list = [...specials, 2, 0.5, -2.5, 3, 7, 1e10, ...numbersOf(20)];
    await expectSame(() => [ofFloats[name]!(...pairs(list, "float32"))], { rtol: oneUlp(name), atol: 1e-45 });
  });

  test.each(Object.keys(ofInts))("%s of any two int32 is what plain JS computes", async (name) => {
    const list = [0, 1, -1, 2, 3, -7, 10, 46_341, 123_456_789, -987_654_321, 2 ** 31 - 1, -(2 ** 31)];
    await expectEqual(() => [ofInts[name]!(...pairs(list, "int32"))]);
  });

  test.each(Object.keys(ofBools))("%s of bools is what plain JS computes", async (name) => {
    await expectEqual(() => [ofBools[name]!(...pairs([0, 1], "bool"))]);
  });

  test.each(Object.keys(ofFloats))("%s broadcasts as plain JS does", { timeout: 60_000 }, async (name) => {
    await fc.assert(
      fc.asyncProperty(shapes, ({ a, b }) =>
        expectSame(() => [ofFloats[name]!(numbers(a), numbers(b, 2)), ofFloats[name]!(numbers(b, 2), numbers(a))], {
          rtol: oneUlp(name),
          atol: 0,
        }),
      ),
      { numRuns: 15 },
    );
  });

  test("whole numbers and bools broadcast as in plain JS", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.constantFrom(...Object.values(ofNumbers)), ({ a, b }, op) =>
        expectEqual(() => [op(wholeNumbers(a, 9), wholeNumbers(b, 9, 2))]),
      ),
      { numRuns: 60 },
    );
    await fc.assert(
      fc.asyncProperty(shapes, ({ a, b }) =>
        expectEqual(() => [
          tf.logicalOr(tf.cast(wholeNumbers(a, 2), "bool"), tf.cast(wholeNumbers(b, 2, 2), "bool")),
          tf.less(tf.cast(wholeNumbers(b, 2), "bool"), tf.cast(wholeNumbers(a, 2, 2), "bool")),
        ]),
      ),
      { numRuns: 40 },
    );
  });

  test("large tensors broadcast as small ones do, with any number of threads", async () => {
    const cases: [number[], number[]][] = [
      [[300_000], [300_000]],
      [[300_000], []],
      [[100_000, 3], [3]],
      [
        [100_001, 3],
        [100_001, 1],
      ],
      [
        [3000, 100],
        [3000, 1],
      ],
      [
        [3000, 1],
        [1, 100],
      ],
      [
        [20, 1, 5000, 3],
        [1, 4, 1, 3],
      ],
    ];
    for (const [a, b] of cases) {
      const make = () => {
        const [x, y] = [numbers(a), numbers(b, 2)];
        return [tf.sub(x, y), tf.sub(y, x), tf.less(x, y)];
      };
      await expectSameBits(make);
      const [got, want] = await on("native", () => {
        const [x, y] = [numbers(a), numbers(b, 2)];
        const shape = tf.backend_util.assertAndGetBroadcastShape(a, b);
        const whole = tf.sub(tf.broadcastTo(x, shape), tf.broadcastTo(y, shape));
        return [tf.sub(x, y), whole];
      });
      expect(Buffer.from(got!.buffer).equals(Buffer.from(want!.buffer)), `[${a}] and [${b}]`).toBe(true);
    }
  });
});

describe("powers", () => {
  test("are correctly rounded where C's are", async () => {
    const bases = [...specials, 0.3, 1.0001, 2, 10, -3, ...numbersOf(8)];
    const [a, b] = [floatsAnywhere(2000), bases];
    for (const y of b) {
      const [got, swapped] = await on("native", () => {
        const x = tf.tensor1d(a);
        return [tf.pow(x, tf.fill([a.length], y)), tf.pow(tf.scalar(y), x)];
      });
      for (const [i, x] of a.entries()) {
        expect(ulpsApart(got![i]!, x ** Math.fround(y)), `${x} ** ${y}`).toBeLessThan(0.51);
        expect(ulpsApart(swapped![i]!, Math.fround(y) ** x), `${y} ** ${x}`).toBeLessThan(0.51);
      }
    }
  });

  test("of the usual exponents, and of whole numbers, are what plain JS computes", async () => {
    for (const y of [0, 1, 2, 3, 0.5, -0.5, -1]) {
      await expectSame(() => [tf.pow(tf.tensor1d(specials), tf.scalar(y))], { rtol: 1.3e-7, atol: 1e-45 });
    }
    await expectEqual(() => [tf.pow(wholeNumbers([50], 9), wholeNumbers([50], 9, 2))]);
  });
});

describe("atan2, EluGrad, where and addN", () => {
  test("are what plain JS computes", async () => {
    await expectSame(() => [tf.atan2(...pairs([...specials, 2, -3.5], "float32"))], { rtol: 1.3e-7, atol: 1e-45 });
    await expectSame(() => [tf.grad((x: tf.Tensor) => tf.elu(x))(numbers([1000]))], { rtol: 1e-6, atol: 1e-7 });
    for (const dtype of ["float32", "int32", "bool"] as const) {
      await expectEqual(() => {
        const [a, b] = [tf.cast(wholeNumbers([7, 50], 9), dtype), tf.cast(wholeNumbers([7, 50], 9, 2), dtype)];
        const condition = tf.cast(wholeNumbers([7, 50], 2, 3), "bool");
        return [tf.where(condition, a, b), tf.where(tf.slice(condition, [0, 0], [7, 1]), a, b)];
      });
    }
    await expectEqual(() => [tf.addN([1, 2, 3].map((seed) => wholeNumbers([3, 5000], 9, seed)))]);
    await expectSame(() => [tf.addN([1, 2, 3].map((seed) => numbers([9001], seed)))], { rtol: 1e-6, atol: 1e-7 });
  });
});

function numbersOf(count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.fround(Math.sin(i + 1) * 10 ** ((i % 7) - 3)));
}
