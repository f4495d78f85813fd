import { describe, expect, test } from "vitest";
import { batches, checkLeaks, range } from "../test/passes.ts";
import { PartialDL } from "./partialDl.ts";

checkLeaks();

describe("PartialDL", () => {
  test("each pass is another part, without repeats", async () => {
    const dl = new PartialDL(range(100), { bs: 16, partialN: 32, shuffle: true });
    expect(dl.length).toBe(2);
    const first = (await batches(dl)).flat();
    expect(new Set(first).size).toBe(32);
    expect((await batches(dl)).flat()).not.toEqual(first);
  });

  test("a fixed order goes before the part", async () => {
    const dl = new PartialDL(range(10), { bs: 4, partialN: 2 }).with({ order: [7, 8, 9] });
    expect(await batches(dl)).toEqual([[7, 8, 9]]);
  });

  test("a part larger than the data is all of it", () => {
    expect(new PartialDL(range(10), { bs: 4, partialN: 50 }).itemCount).toBe(10);
  });
});
