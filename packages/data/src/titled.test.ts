import { describe, expect, test, vi } from "vitest";
import { Datasets } from "./datasets.ts";
import type { Cell } from "./frame.ts";
import { Pipeline } from "./pipeline.ts";
import { TfmdLists } from "./tfmdLists.ts";
import { type ShowContext, showTitle, showValue, TitledFloat, TitledInt, TitledStr, TitledTuple } from "./titled.ts";
import { Transform } from "./transform.ts";
import { Categorize } from "./transforms/categorize.ts";
import { MultiCategorize } from "./transforms/multiCategorize.ts";
import { Tuple } from "./tuple.ts";

describe("showTitle", () => {
  test("adds a line to a title", () => {
    const cell = showTitle("cat", {});
    expect(showTitle(3, cell)).toBe(cell);
    expect(cell).toEqual({ title: "cat\n3" });
  });

  test("adds a column to a row, with underscores while the name is taken", () => {
    const row = new Map<string, Cell>([["a", 1]]);
    showTitle("b", row, { label: "a" });
    showTitle("c", row, { label: "a" });
    showTitle(["x", "y"], row);
    expect(Object.fromEntries(row)).toEqual({ a: 1, a_: "b", a__: "c", text: "x;y" });
  });

  test("prints where there is no context", () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    expect(showTitle("dog")).toBeUndefined();
    expect(log).toHaveBeenCalledWith("dog");
    log.mockRestore();
  });
});

describe("titled values", () => {
  test.each([
    [new TitledStr("dog", "animal"), "dog", "animal", "dog"],
    [new TitledInt(3), "3", "text", 3],
    [new TitledFloat(0.5, "share"), "0.5", "share", 0.5],
    [new TitledTuple([1, "a"], "pair"), "(1, a)", "pair", "(1, a)"],
  ])("%s", (value, text, label, cell) => {
    expect(`${value}`).toBe(text);
    expect(value.show(new Map())).toEqual(new Map([[label, cell]]));
    expect(JSON.stringify(value)).toBe(JSON.stringify(value.value));
  });

  test("a TitledInt is a whole number, and counts as one", () => {
    expect(() => new TitledInt(1.5)).toThrow(/1.5; expected a whole number/);
    expect(Number(new TitledInt(3)) + 1).toBe(4);
  });

  test("showValue shows each element of a tuple in one context", () => {
    expect(showValue(Tuple.of(new TitledStr("a"), "b", 3), {})).toEqual({ title: "a\nb\n3" });
  });
});

class Boxed {
  readonly x: number;
  constructor(x: number) {
    this.x = x;
  }
  show(ctx?: ShowContext): ShowContext | undefined {
    return showTitle(`box of ${this.x}`, ctx);
  }
}
const box = new Transform({ dec: (x: number) => new Boxed(x) });
const open = new Transform({ dec: (boxed: Boxed) => boxed.x });

describe("decoding as far as needed", () => {
  test("stops at a value that can be shown, or a tuple of such", async () => {
    const pipeline = new Pipeline([open, box]);
    expect(pipeline.decode(3)).toBe(3);
    expect(pipeline.decode(3, undefined, { full: false })).toBeInstanceOf(Boxed);
    expect(pipeline.decode(new TitledInt(3), undefined, { full: false })).toBeInstanceOf(TitledInt);
    const both = pipeline.decode(Tuple.of(1, 2), undefined, { full: false }) as Tuple;
    expect(both.elements).toEqual([new Boxed(1), new Boxed(2)]);
    expect(await pipeline.show(3, {})).toEqual({ title: "box of 3" });
  });

  test("lists show an item, data sets a sample in one row", async () => {
    const vocab = ["a", "b"];
    const lists = [
      new TfmdLists([7], [open, box]),
      new TfmdLists(["b"], [new Categorize({ vocab })]),
      new TfmdLists([["a", "b"]], [new MultiCategorize({ vocab })]),
    ];
    expect(await lists[0]!.showAt(0, {})).toEqual({ title: "box of 7" });
    const dsets = new Datasets(lists);
    const row = await dsets.show(await dsets.get(0), new Map());
    expect(Object.fromEntries(row as Map<string, Cell>)).toEqual({ text: "box of 7", category: "b", category_: "a;b" });
  });
});
