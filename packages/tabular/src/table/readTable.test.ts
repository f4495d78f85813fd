import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Column } from "./column.ts";
import { parseTable } from "./readTable.ts";
import { Table } from "./table.ts";
import { tableToCsv } from "./writeTable.ts";

const typesOf = (table: Table) => Object.fromEntries([...table.entries()].map(([name, { type }]) => [name, type]));

describe("parseTable", () => {
  test("finds what each column is", async () => {
    const table = await parseTable("i,f,b,s,zip,gap\n1,1.5,True,x,007,\n-2,2,False,,12,3\n");
    expect(typesOf(table)).toEqual({ i: "int", f: "float", b: "bool", s: "string", zip: "string", gap: "float" });
    expect(table.row(1)).toEqual({ i: -2, f: 2, b: false, s: null, zip: "12", gap: 3 });
  });

  test("gives text back as it was written, also where it began as numbers", async () => {
    const table = await parseTable("x\n1.50\n2e3\nabc\n");
    expect(table.column("x").toArray()).toEqual(["1.50", "2e3", "abc"]);
  });

  test("reads NA as missing among numbers, as text among text", async () => {
    const table = await parseTable("n,t\nNA,NA\n1,FR\n");
    expect(table.rows()).toEqual([
      { n: null, t: "NA" },
      { n: 1, t: "FR" },
    ]); // prettier-ignore
    expect((await parseTable("t\nNA\n?\nFR\n", { naValues: ["NA", "?"] })).column("t").missingCount()).toBe(2);
  });

  test.each([
    ["semicolons", "a;b\n1;x\n", { a: 1, b: "x" }],
    ["tabs", "a\tb\n1\tx\n", { a: 1, b: "x" }],
    ["a byte order mark", "\ufeffa,b\n1,x\n", { a: 1, b: "x" }],
    ["quoted line breaks and quotes", 'a,b\n1,"x\n""y"""\n', { a: 1, b: 'x\n"y"' }],
    ["Windows line ends", "a,b\r\n1,x\r\n", { a: 1, b: "x" }],
    ["spaces after delimiters", "a, b\n1, x\n", { a: 1, b: "x" }],
    ["empty lines", "a,b\n\n1,x\n\n", { a: 1, b: "x" }],
  ])("takes %s", async (_, text, row) => {
    expect((await parseTable(text)).rows()).toEqual([row]);
  });

  test("takes names, types and a number of rows from the caller", async () => {
    const table = await parseTable("1,2\n3,4\n", {
      header: false,
      columns: ["a", "b"],
      types: { b: "string" },
      maxRows: 1,
    });
    expect(table.rows()).toEqual([{ a: 1, b: "2" }]);
    await expect(parseTable("a\nx\n", { types: { a: "number" } })).rejects.toThrow(/"x" in column "a"/);
    await expect(parseTable("a\nx\n", { types: { b: "number" } })).rejects.toThrow(/perhaps "a"/);
  });

  test("reads what was written", async () => {
    const cell = fc.oneof(
      fc.string({ minLength: 1 }).map((s) => `t${s.replaceAll("\r", "")}`),
      fc.constant(null),
    );
    const number = fc.oneof(fc.double({ noNaN: true, min: -1e15, max: 1e15 }), fc.constant(null));
    const law = fc.asyncProperty(fc.array(fc.tuple(cell, number), { minLength: 1, maxLength: 20 }), async (rows) => {
      const written = Table.fromColumns({
        t: ["anchor", ...rows.map(([text]) => text)],
        n: Column.from([0.5, ...rows.map(([, n]) => n)]),
      });
      const text = tableToCsv(written, { escapeFormulas: false });
      const read = await parseTable(text, { types: { t: "string" }, delimiter: ",", skipInitialSpace: false });
      expect(read.rows()).toEqual(written.rows().map(({ t, n }) => ({ t, n: n === 0 ? 0 : n })));
    });
    await fc.assert(law, { numRuns: 50 });
  });
});

describe("Table", () => {
  const table = Table.fromColumns({ a: [3, 1, 2], b: ["x", null, "y"] });

  test("takes rows and columns, and never changes", () => {
    expect(table.take([2, 0]).rows()).toEqual([
      { a: 2, b: "y" },
      { a: 3, b: "x" },
    ]); // prettier-ignore
    expect(table.slice(1, 2).rows()).toEqual([{ a: 1, b: null }]);
    expect(table.drop(["a"]).names).toEqual(["b"]);
    expect(table.with("c", Column.from([true, false, null])).row(2)).toEqual({ a: 2, b: "y", c: null });
    expect(table.names).toEqual(["a", "b"]);
  });

  test("parts laid one below the other give the whole", () => {
    expect(Table.concat([table.slice(0, 1), table.slice(1)]).rows()).toEqual(table.rows());
    const other = Table.fromColumns({ a: [0.5], b: ["z"] });
    expect(Table.concat([table, other]).column("a").toArray()).toEqual([3, 1, 2, 0.5]);
    expect(Table.concat([table, other]).column("b").toArray()).toEqual(["x", null, "y", "z"]);
  });

  test("an ordered column keeps its order", () => {
    const sizes = Column.ordered(["M", "H", "L", "M"], ["H", "M", "L"]);
    expect(Array.from(sizes.values)).toEqual([1, 0, 2, 1]);
    expect(sizes.toArray()).toEqual(["M", "H", "L", "M"]);
  });
});
