import { join } from "node:path";
import { describe, expect, test } from "vitest";
import golden from "../../test/golden/data.json" with { type: "json" };
import { Frame } from "../frame.ts";
import { transformFromConfig } from "../transform.ts";
import { Tuple } from "../tuple.ts";
import { ColReader } from "./colReader.ts";
import { AttrGetter, ItemGetter } from "./itemGetter.ts";

const frame = Frame.fromColumns({ a: ["a", "b"], b: ["1 2", null] });

describe("ColReader", () => {
  test.each(golden.colReader.slice(0, 3))("reads as fastai with $args", ({ args: { cols, ...options }, values }) => {
    const reader = new ColReader(cols as string, options);
    expect(frame.rows().map((row) => reader.call(row))).toEqual(values);
  });

  test("reads plain objects, and several columns", () => {
    expect(new ColReader(["b", 0]).call({ a: 1, b: true })).toEqual([true, 1]);
  });

  test("puts a folder in front", () => {
    expect(new ColReader("a", { folder: "x/y", suffix: ".png" }).call(frame.row(0))).toBe(join("x/y", "a.png"));
  });

  test("names a missing column and a missing value", () => {
    expect(() => new ColReader("lable").call({ label: 1 })).toThrow(/ColReader.*"lable".*perhaps "label"/);
    expect(() => new ColReader("b", { suffix: ".png" }).call(frame.row(1))).toThrow(/no value in column "b"/);
    expect(() => new ColReader("b", { labelDelim: " ", prefix: "x" })).toThrow(/labelDelim/);
  });

  test("survives a file", () => {
    const config = JSON.parse(JSON.stringify(new ColReader("b", { labelDelim: " " }).toConfig()));
    expect(transformFromConfig(config).call(frame.row(0))).toEqual(["1", "2"]);
  });
});

describe("ItemGetter and AttrGetter", () => {
  test("take from the whole sample", () => {
    expect(new ItemGetter(1).call(Tuple.of("x", "y"))).toBe("y");
    expect(new ItemGetter(0).call([[5, 6], 7])).toEqual([5, 6]);
    expect(new ItemGetter(1).call(frame.row(0))).toBe("1 2");
    expect(new AttrGetter("name").call({ name: "n" })).toBe("n");
    expect(new AttrGetter("age", 3).call({ name: "n" })).toBe(3);
    expect(transformFromConfig(new AttrGetter("age", 3).toConfig()).call({})).toBe(3);
    expect(() => new AttrGetter("age").call({ name: "n" })).toThrow(/"age"/);
    expect(() => new ItemGetter(2).call(Tuple.of("x", "y"))).toThrow(/column 2 of 2/);
  });
});
