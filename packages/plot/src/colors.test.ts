import { expect, test } from "vitest";
import { categoryColors, categoryRgb, hexToRgb } from "./colors.ts";

test("the first categories have the palette's colors", () => {
  expect(categoryColors.map((_, i) => categoryRgb(i))).toEqual(categoryColors.map(hexToRgb));
});

test("32 categories have 32 colors, none close to another", () => {
  const colors = Array.from({ length: 32 }, (_, i) => categoryRgb(i));
  for (const [i, a] of colors.entries()) {
    for (const b of colors.slice(0, i)) {
      expect(Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])).toBeGreaterThan(19);
    }
  }
});
