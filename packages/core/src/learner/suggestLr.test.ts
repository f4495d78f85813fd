import { describe, expect, test } from "vitest";
import { minimum, slide, steep, valley } from "./suggestLr.ts";

const losses = [1, 0.98, 0.9, 0.7, 0.6, 0.59, 0.9];
const lrs = [1e-3, 2e-3, 4e-3, 8e-3, 1.6e-2, 3.2e-2, 6.4e-2];
const xs = Array.from({ length: 30 }, (_, i) => -6 + (7 * i) / 29);
const curve = {
  lrs: xs.map((x) => 10 ** x),
  losses: xs.map((x) => 2 - 1.5 / (1 + Math.exp(-2 * (x + 3))) + 0.5 * Math.max(0, x + 0.5) ** 2),
};

describe("suggestions", () => {
  test.each([
    [valley, 4e-3],
    [minimum, 3.2e-3],
    [steep, 4e-3],
  ])("%o on seven points", (f, expected) => {
    expect(f(lrs, losses).lr).toBeCloseTo(expected, 12);
  });

  test("valley looks a third into the longest descent", () => {
    const falling = [9, 10, 8, 7, 6, 5, 4, 3, 2, 8];
    expect(
      valley(
        falling.map((_, i) => i),
        falling,
      ).lr,
    ).toBe(3);
  });

  test.each([
    [valley, 4.52035366e-4],
    [steep, 7.88046258e-4],
    [minimum, 3.56224789e-2 / 10],
    [slide, 2.8072162e-5],
  ])("%o on a smooth curve", (f, expected) => {
    const { lr } = f(curve.lrs, curve.losses);
    expect(Math.min(Math.abs(lr / expected - 1), Math.abs(lr / (expected * 10) - 1))).toBeLessThan(1e-6);
  });

  test("too few points is an error that says what to do", () => {
    expect(() => slide(lrs, losses)).toThrow(/7 usable points.*numIt/s);
  });
});
