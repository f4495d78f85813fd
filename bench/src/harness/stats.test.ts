import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { median, roundRatios, spread } from "./stats.ts";

const numbers = fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 20 });

describe("median", () => {
  test.each([
    [[3], 3],
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
  ])("of %j is %d", (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  test("of no numbers is not a number", () => {
    expect(median([])).toBeNaN();
  });

  test("has as many numbers above as below, and leaves the list as it was", () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const before = [...values];
        const middle = median(values);
        expect(values.filter((v) => v < middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(values.filter((v) => v > middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(values).toEqual(before);
      }),
    );
  });
});

test("spread holds the ends and the middle, and nothing for nothing", () => {
  expect(spread([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5 });
  expect(spread([])).toBeNull();
});

describe("roundRatios", () => {
  test("are above 1 where we are better: less time, or more work", () => {
    expect(roundRatios([2, 4], [4, 2], "less")).toEqual([2, 0.5]);
    expect(roundRatios([2, 4], [4, 2], "more")).toEqual([0.5, 2]);
  });

  test("leave out rounds that one side missed", () => {
    expect(roundRatios([2, null, 3, 4], [4, 4, null], "less")).toEqual([2]);
  });

  test("do not change when a busy machine slows both sides of a round alike", () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 2, max: 9 }), (ours, slowdown) => {
        const peer = ours.map((v) => 3 * v);
        const slow = (values: number[]): number[] => values.map((v, i) => (i % 2 === 0 ? slowdown * v : v));
        expect(roundRatios(slow(ours), slow(peer), "less")).toBeAllclose(roundRatios(ours, peer, "less"));
      }),
    );
  });
});
