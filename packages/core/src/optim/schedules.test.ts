import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evenMults } from "./hypers.ts";
import { annealer, combinedCos, combineScheds, schedCos, schedExp, schedLin, schedNo, schedPoly } from "./schedules.ts";

const AT = [0, 0.25, 0.5, 0.75, 1];

describe("schedules", () => {
  test.each([
    ["schedLin", schedLin(0, 2), [0, 0.5, 1, 1.5, 2]],
    ["schedCos", schedCos(0, 2), [0, 0.292893, 1, 1.707107, 2]],
    ["schedNo", schedNo(1, 2), [1, 1, 1, 1, 1]],
    ["schedExp", schedExp(1, 2), [1, 1.189207, Math.SQRT2, 1.681793, 2]],
    ["schedPoly", schedPoly(0, 2, 2), [0, 0.125, 0.5, 1.125, 2]],
  ])("%s", (_, sched, expected) => {
    expect(AT.map((pos) => sched(pos) as number)).toBeAllclose(expected);
  });

  test("go group by group if an end is a list", () => {
    expect(schedLin([0, 1], [2, 3])(0.5)).toEqual([1, 2]);
    expect(schedLin(0, [2, 4])(0.5)).toEqual([1, 2]);
    expect(schedLin([2, 4], 0)(0.5)).toEqual([1, 2]);
    expect(schedPoly([0, 1], [2, 3], 2)(0.5)).toEqual([0.5, 1.5]);
    expect(() => schedLin([0, 1], [1, 2, 3])).toThrow(/as many starts as ends/);
  });

  test("annealer makes a factory of a function", () => {
    expect(annealer((start, end, pos) => start + end + pos)(1, 2)(0.5)).toBe(3.5);
  });
});

describe("combineScheds", () => {
  test("takes the next schedule at a boundary, and ends on the last", () => {
    const sched = combineScheds([0.5, 0.5], [schedLin(0, 1), schedLin(10, 11)]);
    expect([0, 0.25, 0.5, 0.75, 1].map((pos) => sched(pos))).toEqual([0, 0.5, 10, 10.5, 11]);
  });

  test("a share of 0 is passed over", () => {
    const sched = combineScheds([0, 0.5, 0.5, 0], [schedNo(9, 9), schedLin(0, 1), schedLin(1, 2), schedNo(9, 9)]);
    expect([0, 0.5, 1].map((pos) => sched(pos))).toEqual([0, 1, 2]);
  });

  test.each([[[0.5, 0.6]], [[1.5, -0.5]], [[1]], [[]]])("refuses the shares %o for two schedules", (pcts) => {
    expect(() => combineScheds(pcts, [schedNo(0, 0), schedNo(0, 0)])).toThrow(/sum 1/);
  });

  test("stays between the ends", () => {
    const law = fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (pct, pos) => {
        const value = combinedCos(pct, 1, 3, 2)(pos) as number;
        expect(value).toBeGreaterThanOrEqual(1);
        expect(value).toBeLessThanOrEqual(3);
      },
    );
    fc.assert(law);
  });
});

describe("combinedCos", () => {
  test("is the rate of a one-cycle fit", () => {
    const lr = combinedCos(0.25, 1e-2 / 25, 1e-2, 1e-2 / 1e5);
    const expected: [number, number][] = [
      [0, 4e-4],
      [0.1, 3.71671843e-3],
      [0.125, 5.2e-3],
      [0.2, 9.08328157e-3],
      [0.25, 1e-2],
      [0.5, 7.500025e-3],
      [0.625, 5.00005e-3],
      [0.75, 2.500075e-3],
      [0.9, 4.32368389e-4],
      [1, 1e-7],
    ];
    expect(expected.map(([pos]) => lr(pos) as number)).toBeAllclose(
      expected.map(([, value]) => value),
      { rtol: 1e-7, atol: 0 },
    );
  });

  test("is the momentum of a one-cycle fit", () => {
    const mom = combinedCos(0.25, 0.95, 0.85, 0.95);
    const seen = [0, 0.1, 0.125, 0.25, 0.5, 0.625, 0.9].map((pos) => mom(pos) as number);
    expect(seen).toBeAllclose([0.95, 0.91545085, 0.9, 0.85, 0.875, 0.9, 0.945677273], { rtol: 1e-7 });
  });

  test("goes group by group", () => {
    const lr = combinedCos(0.5, [1, 2], [3, 4], [0, 0]);
    expect([lr(0), lr(0.5), lr(1)]).toEqual([
      [1, 2],
      [3, 4],
      [0, 0],
    ]);
  });
});

describe("evenMults", () => {
  test.each([
    [3, [1e-5, 1e-4, 1e-3]],
    [2, [1e-5, 1e-3]],
    [1, [1e-3]],
  ])("%d numbers from 1e-5 to 1e-3", (n, expected) => {
    expect(evenMults(1e-5, 1e-3, n)).toBeAllclose(expected, { rtol: 1e-12, atol: 0 });
  });
});
