import { describe, expect, test } from "vitest";
import { batches, checkLeaks, range } from "../test/passes.ts";
import { WeightedDL } from "./weightedDl.ts";

checkLeaks();

describe("WeightedDL", () => {
  test("draws items in proportion to their weights, when it shuffles", async () => {
    const dl = new WeightedDL([0, 1], { bs: 1000, wgts: [1, 3], shuffle: true, n: 2 });
    let ones = 0;
    for (let seed = 0; seed < 500; seed++)
      ones += (await batches(dl.iterate({ seed }))).flat().filter((x) => x === 1).length;
    expect(ones / 1000).toBeGreaterThan(0.7);
    expect(ones / 1000).toBeLessThan(0.8);
    expect(await batches(dl.with({ shuffle: false }))).toEqual([[0, 1]]);
  });

  test("an item of weight 0 never comes, and weights are checked", async () => {
    const dl = new WeightedDL(range(50), { bs: 50, wgts: range(50).map((i) => (i < 25 ? 0 : 1)), shuffle: true });
    expect(Math.min(...(await batches(dl)).flat())).toBeGreaterThanOrEqual(25);
    expect(() => new WeightedDL([1, 2], { wgts: [1] })).toThrow(/1 weights for 2 items/);
    expect(() => new WeightedDL([1, 2], { wgts: [1, -1] })).toThrow(/weight -1 for item 1/);
    expect(() => new WeightedDL([1, 2], { wgts: [0, 0] })).toThrow(/all 0/);
  });
});
