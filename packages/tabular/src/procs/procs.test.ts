import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Processing } from "../processing.ts";
import { Column } from "../table/column.ts";
import { Table } from "../table/table.ts";
import { TabularTable } from "../tabularTable.ts";
import { Categorify } from "./categorify.ts";
import { FillMissing } from "./fillMissing.ts";
import { Normalize } from "./normalize.ts";
import { type ColumnNames, type Processed, TabularProc, tabularProcs } from "./tabularProc.ts";

/** Puts a column of logarithms in place of the first continuous one. */
class LogFirst extends TabularProc {
  override readonly order = 50;

  override encodes(table: Table, names: ColumnNames): Processed {
    const [name = ""] = names.cont;
    const logs = Float64Array.from(table.column(name).toNumbers(name), Math.log);
    return { table: table.with(name, new Column("float", logs)), names };
  }

  override decodes(table: Table, names: ColumnNames): Table {
    const [name = ""] = names.cont;
    return table.with(name, new Column("float", Float64Array.from(table.column(name).values, Math.exp)));
  }
}
tabularProcs.add("LogFirst", () => new LogFirst());

describe("Categorify", () => {
  test("numbers what training has, and sends all else to 0", () => {
    const to = new TabularTable({ a: [0, 1, 2, 0, 2] }, { procs: [Categorify], catNames: ["a"] });
    expect(Array.from(to.cats.column("a").values)).toEqual([1, 2, 3, 1, 3]);
    const more = to.new({ a: [1, 0, 3, -1, 2] });
    expect(Array.from(more.cats.column("a").values)).toEqual([2, 1, 0, 0, 3]);
    expect(more.decode().column("a").toArray()).toEqual(["1", "0", "#na#", "#na#", "2"]);
  });

  test("keeps the order of ordered categories", () => {
    const a = Column.ordered(["M", "H", "L", "M"], ["H", "M", "L"]);
    const to = new TabularTable({ a }, { procs: [Categorify], catNames: ["a"] });
    expect(Array.from(to.cats.column("a").values)).toEqual([2, 1, 3, 2]);
    expect(to.classes.a).toEqual(["#na#", "H", "M", "L"]);
  });

  test("texts of validation rows get classes only if memory is to be saved", () => {
    const options = { procs: [Categorify], catNames: ["a"], splits: [[0, 1], [2]] };
    expect(new TabularTable({ a: ["x", "y", "z"] }, options).classes.a).toEqual(["#na#", "x", "y", "z"]);
    const strict = new TabularTable({ a: ["x", "y", "z"] }, { ...options, reduceMemory: false });
    expect(strict.classes.a).toEqual(["#na#", "x", "y"]);
    expect(Array.from(strict.valid.cats.column("a").values)).toEqual([0]);
  });
});

test("what is encoded is decoded again", () => {
  const cell = fc.oneof(fc.string({ minLength: 1, maxLength: 3 }), fc.constant(null));
  const number = fc.integer({ min: -100_000, max: 100_000 });
  const law = fc.property(fc.array(fc.tuple(cell, number, number), { minLength: 2, maxLength: 30 }), (rows) => {
    const table = Table.fromColumns({
      c: Column.from(["anchor", ...rows.map(([c]) => c)]),
      whole: [0, ...rows.map(([, n]) => n)],
      part: [0.5, ...rows.map(([, , n]) => n / 8)],
    });
    const procs = [Normalize, Categorify];
    const to = new TabularTable(table, { procs, catNames: ["c"], contNames: ["whole", "part"], reduceMemory: false });
    const decoded = to.decode();
    expect(decoded.column("c").toArray()).toEqual(
      table
        .column("c")
        .toArray()
        .map((c) => c ?? "#na#"),
    );
    expect(decoded.column("whole").toArray()).toEqual(table.column("whole").toArray());
    const spread = Math.max(1, ...rows.map(([, , n]) => Math.abs(n / 8)));
    expect(decoded.column("part").toNumbers()).toBeAllclose(table.column("part").toNumbers(), { atol: spread * 1e-5 });
  });
  fc.assert(law, { numRuns: 60 });
});

describe("Normalize", () => {
  test("goes by the population of training rows", () => {
    const splits = [[0, 1, 2], [3]];
    const to = new TabularTable({ x: [10, 20, 40, 25] }, { procs: [Normalize], contNames: ["x"], splits });
    const values = to.conts.column("x").values;
    expect(values[3]).toBeCloseTo(0.1336306, 6);
    expect((values[0]! + values[1]! + values[2]!) / 3).toBeCloseTo(0, 6);
  });

  test("sees what FillMissing filled", () => {
    const procs = [Normalize, FillMissing, Categorify];
    const to = new TabularTable({ x: [0, 1, null, 1, 2, 3, 4] }, { procs, contNames: ["x"] });
    const expected = [-1.429155, -0.628828, -0.228665, -0.628828, 0.171499, 0.971825, 1.772152];
    expect(to.conts.column("x").values).toBeAllclose(expected, { atol: 1e-5 });
    expect(Array.from(to.cats.column("x_na").values)).toEqual([1, 1, 2, 1, 1, 1, 1]);
    expect(to.classes.x_na).toEqual(["#na#", false, true]);
  });
});

describe("a processor of one's own", () => {
  const to = new TabularTable({ x: [1, 10, 100] }, { procs: [Normalize, LogFirst], contNames: ["x"] });

  test("runs in its place, whatever its place in the list, and is undone", () => {
    expect(to.conts.column("x").values).toBeAllclose([-1.224745, 0, 1.224745], { atol: 1e-5 });
    expect(to.decode().column("x").toNumbers()).toBeAllclose([1, 10, 100], { rtol: 1e-5 });
  });

  test("is found by name when its description is read", () => {
    const again = Processing.fromConfig(JSON.parse(JSON.stringify(to.processing.toConfig())));
    expect(again.procs.map(({ name }) => name)).toEqual(["LogFirst", "Normalize"]);
    expect(again.apply(Table.fromColumns({ x: [10] }), false).column("x").values[0]).toBeCloseTo(0, 5);
    class Nameless extends LogFirst {}
    const unknown = new TabularTable({ x: [1, 2] }, { procs: [Nameless], contNames: ["x"] });
    expect(() => unknown.processing.toConfig()).toThrow(/"Nameless"/);
  });

  test("what is no processor is refused, with the likely reason", () => {
    class Other {}
    const make = () => new TabularTable({ x: [1] }, { procs: [Other as never], contNames: ["x"] });
    expect(make).toThrow(/"Other".*import `Normalize` from `@layerwise\/tabular`/);
  });
});
