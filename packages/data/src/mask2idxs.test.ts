import fc from "fast-check";
import { expect, test } from "vitest";
import { mask2idxs } from "./mask2idxs.ts";

test.each([
  [
    [2, 0],
    [2, 0],
  ],
  [
    [true, false, true, false],
    [0, 2],
  ],
  [{ start: 1, stop: 3 }, [1, 2]],
  [{ start: 2 }, [2, 3]],
  [{ stop: 2 }, [0, 1]],
  [[], []],
])("%j of 4 items is %j", (split, expected) => {
  expect(mask2idxs(split, 4)).toEqual(expected);
});

test("refuses positions and masks that do not fit", () => {
  expect(() => mask2idxs([4], 4)).toThrow(/position 4 for 4 items/);
  expect(() => mask2idxs([true], 4)).toThrow(/a mask of 1 for 4 items/);
  expect(() => mask2idxs({ stop: 9 }, 4)).toThrow(/position 4/);
});

test("a mask and its complement are a partition", () => {
  const law = fc.property(fc.array(fc.boolean(), { minLength: 1 }), (mask) => {
    const both = [
      ...mask2idxs(mask, mask.length),
      ...mask2idxs(
        mask.map((x) => !x),
        mask.length,
      ),
    ];
    expect(both.sort((a, b) => a - b)).toEqual(mask.map((_, i) => i));
  });
  fc.assert(law);
});
