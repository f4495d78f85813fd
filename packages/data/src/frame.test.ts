import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataError } from "@layerwise/core";
import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, test } from "vitest";
import { Frame, parseCsv, readCsv, readField } from "./frame.ts";

describe("parseCsv", () => {
  test("finds types column by column", () => {
    const frame = parseCsv("n,f,b,s,id\n1,1.5,True,NA,007\n,nan,False,x,010\n");
    expect(frame.rows().map((row) => row.toObject())).toEqual([
      { n: 1, f: 1.5, b: true, s: "NA", id: "007" },
      { n: null, f: null, b: false, s: "x", id: "010" },
    ]);
  });

  test("reads a byte-order mark, quoted breaks and delimiters, CRLF and blank lines", () => {
    const frame = parseCsv('\ufeffa,b\r\n"x, ""y""\r\nz",1\r\n\r\nw,2\r\n');
    expect(frame.columns).toEqual(["a", "b"]);
    expect(frame.column("a")).toEqual(['x, "y"\r\nz', "w"]);
    expect(frame.column(1)).toEqual([1, 2]);
  });

  test("takes a delimiter, a quote, and no header", () => {
    const frame = parseCsv("'a;b';2\nc;3", { header: false, delimiter: ";", quote: "'" });
    expect(frame.columns).toEqual(["0", "1"]);
    expect(frame.column(0)).toEqual(["a;b", "c"]);
    expect(parseCsv("1,2", { header: false, columns: ["x", "y"] }).column("y")).toEqual([2]);
  });

  test("keeps a column as told", () => {
    expect(parseCsv("a\n1", { types: { a: "string" } }).column("a")).toEqual(["1"]);
    expect(() => parseCsv("a\nx", { types: { a: "number" } })).toThrow(/"x" in column "a"/);
    expect(() => parseCsv("a\nx", { types: { b: "number" } })).toThrow(/"b"/);
  });

  test("keeps whole numbers that a double cannot hold", () => {
    expect(parseCsv("a\n9007199254740993").column("a")).toEqual(["9007199254740993"]);
  });

  test("names the line of a row with the wrong number of fields", () => {
    expect(() => parseCsv('a,b\n"1\n1",2\n3\n', { name: "x.csv" })).toThrow(/x\.csv, line 4: 1 fields/);
    expect(() => parseCsv("a,b\n1,2,3\n")).toThrow(/line 2: 3 fields/);
  });

  test("refuses an open quote and an empty text", () => {
    expect(() => parseCsv('a,b\n"1,2\n')).toThrow(/line 2/);
    expect(() => parseCsv("")).toThrow(/empty/);
  });

  test("tells apart columns of one name", () => {
    expect(parseCsv("a,a,\n1,2,3").columns).toEqual(["a", "a.1", "Unnamed: 2"]);
  });

  test("reads back any strings", () => {
    const cell = fc.string({ minLength: 1 }).map((text) => `_${text}`);
    const law = fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
      const text = Papa.unparse({ fields: ["a", "b"], data: rows });
      expect(
        parseCsv(text)
          .rows()
          .map((row) => [row.get("a"), row.get("b")]),
      ).toEqual(rows);
    });
    fc.assert(law);
  });
});

describe("readCsv", () => {
  test("reads a file and names one that is missing", async () => {
    const folder = await mkdtemp(join(tmpdir(), "layerwise-"));
    await writeFile(join(folder, "a.csv"), "x,y\n1,cat\n");
    expect((await readCsv(join(folder, "a.csv"))).row(0).toObject()).toEqual({ x: 1, y: "cat" });
    await expect(readCsv(join(folder, "b.csv"))).rejects.toThrow(/b\.csv/);
    await rm(folder, { recursive: true });
  });
});

describe("Frame", () => {
  const frame = Frame.fromRows([{ name: "a", label: 1 }, { name: "b" }]);

  test("makes columns of rows, with null for what is missing", () => {
    expect(frame.columns).toEqual(["name", "label"]);
    expect(frame.column("label")).toEqual([1, null]);
    expect([...frame].map((row) => row.get(0))).toEqual(["a", "b"]);
  });

  test("selects rows and replaces columns", () => {
    expect(frame.select([1, 0]).column("name")).toEqual(["b", "a"]);
    expect(frame.withColumn("label", [3, 4]).column("label")).toEqual([3, 4]);
    expect(frame.withColumn("more", [3, 4]).columns).toEqual(["name", "label", "more"]);
    expect(frame.columns).toHaveLength(2);
  });

  test("names the nearest column for an unknown one", () => {
    expect(() => frame.column("lable")).toThrow(/"lable".*"label"/);
    expect(() => frame.column(2)).toThrow(/column 2 of 2/);
    expect(() => frame.row(2)).toThrow(DataError);
  });

  test("refuses columns of different lengths, and one name twice", () => {
    expect(() => Frame.fromColumns({ a: [1], b: [] })).toThrow(/"b"/);
    expect(() => new Frame(["a", "a"], [[1], [2]])).toThrow(/two columns named "a"/);
  });
});

describe("readField", () => {
  test.each([
    [{ a: 1, b: 2 }, "b", 2],
    [{ a: 1, b: 2 }, 1, 2],
    [[5, 6], 0, 5],
  ])("of %j at %j is %j", (row, column, value) => {
    expect(readField(row, column)).toBe(value);
  });

  test("refuses what is not a row", () => {
    expect(() => readField("a/b.png", "a")).toThrow(/"a\/b.png"/);
    expect(() => readField({ a: 1 }, "b")).toThrow(/"b"/);
  });
});
