import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OptionError } from "../errors.ts";
import { Chunks } from "./index.ts";

const lists = fc.array(fc.array(fc.integer(), { maxLength: 4 }), { maxLength: 6 });

describe("Chunks", () => {
  test("read as the lists joined", () => {
    const law = fc.property(lists, (chunks) => {
      const [all, joined] = [chunks.flat(), new Chunks(chunks)];
      expect(joined.length).toBe(all.length);
      for (let i = -all.length; i < all.length; i++) expect(joined.at(i)).toBe(all.at(i));
    });
    fc.assert(law);
  });

  test("slice as the lists joined", () => {
    const place = fc.option(fc.integer({ min: -30, max: 30 }), { nil: undefined });
    const law = fc.property(lists, place, place, (chunks, start, end) => {
      expect(new Chunks(chunks).slice(start, end)).toEqual(chunks.flat().slice(start, end));
    });
    fc.assert(law);
  });

  test("take typed arrays", () => {
    const chunks = new Chunks([Int32Array.of(1, 2), Int32Array.of(3)]);
    expect(chunks.at(-1)).toBe(3);
    expect(chunks.slice(1)).toEqual([2, 3]);
  });

  test.each([3, -4, 0.5])("have no item %d among three", (index) => {
    expect(() => new Chunks([[1], [2, 3]]).at(index)).toThrow(OptionError);
  });
});
