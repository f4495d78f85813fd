import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allclose, assertAllclose } from "./index.ts";

describe("allclose", () => {
  test("takes tensors, arrays of any depth and numbers for the same", () => {
    const t = tf.tensor2d([
      [1, 2],
      [3, 4],
    ]);
    for (const other of [
      [1, 2, 3, 4],
      [
        [1, 2],
        [3, [4]],
      ],
      new Float32Array([1, 2, 3, 4]),
    ]) {
      expect(allclose(t, other).pass).toBe(true);
      expect(allclose(other, t).pass).toBe(true);
    }
    expect(allclose(1, [1]).pass).toBe(true);
    t.dispose();
  });

  test("allows what its limits say, and no more", () => {
    const law = fc.property(
      fc.double({ min: -1e3, max: 1e3, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (b, rtol) => {
        const limit = 1e-3 + rtol * Math.abs(b);
        expect(allclose(b + 0.999 * limit, b, { rtol, atol: 1e-3 }).pass).toBe(true);
        expect(allclose(b - 1.001 * limit, b, { rtol, atol: 1e-3 }).pass).toBe(false);
      },
    );
    fc.assert(law);
  });

  test.each([
    [Number.NaN, Number.NaN, true],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, true],
    [Number.NaN, 0, false],
    [0, Number.NaN, false],
    [1, Number.POSITIVE_INFINITY, false],
    [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, false],
  ])("%d against %d: %s", (a, b, pass) => {
    expect(allclose(a, b).pass).toBe(pass);
  });

  test("names the number that is furthest off", () => {
    expect(allclose([1, 2, 3], [1, 2.5, 4]).message()).toBe(
      "at 2 of 3: got 3, expected 4 (rtol 0.00001, atol 0.000001)",
    );
    expect(allclose([1, 2], [1]).message()).toBe("got 2 numbers, expected 1");
  });
});

describe("assertAllclose", () => {
  test("throws what allclose says", () => {
    expect(() => assertAllclose([1, 2], [1, 2])).not.toThrow();
    expect(() => assertAllclose([1, 2], [1, 3], { atol: 0.5 })).toThrow("at 1 of 2: got 2, expected 3");
  });
});
