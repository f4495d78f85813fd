import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataError } from "@layerwise/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  addDatepart,
  addElapsedTimes,
  Categorify,
  FillMissing,
  Normalize,
  parseTable,
  readTable,
  readTableChunks,
  Table,
  TabularDataLoaders,
  type TabularFromDfOptions,
  TabularTable,
  tableToCsv,
  tabularLearner,
  type Value,
} from "../src/index.ts";
import { census, names } from "./adult.ts";

const procs = [Categorify, FillMissing, Normalize];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "layerwise-tables-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Prepares a column of numbers beside a target. */
function prepared(x: Value[], options: TabularFromDfOptions = {}): TabularTable {
  const y = x.map((_, i) => (i % 2 === 0 ? "a" : "b"));
  const { validIdx: _, ...rest } = options;
  return new TabularTable({ x, y }, { contNames: ["x"], yNames: "y", procs, ...rest } as never);
}

describe("columns", () => {
  test("a name that is not there comes with the nearest one", () => {
    const make = () => new TabularTable(census(20), { ...names, contNames: ["agee"], yNames: "salary", procs });
    expect(make).toThrow(/"agee".*perhaps "age"/);
    expect(() => census(5).column("educaton")).toThrow(/perhaps "education"/);
  });

  test("a row without a column of the inputs names it", async () => {
    const dls = await TabularDataLoaders.fromDf(census(80).drop(["income"]), { ...names, yNames: "salary", procs });
    const learn = tabularLearner(dls, { layers: [4] });
    await expect(learn.predict({ age: 30, education: "Masters", hours: 40, weight: 70 })).rejects.toThrow(
      /"workclass"/,
    );
    learn.dispose();
  });

  test("two of one name are numbered when read, and refused in a table", async () => {
    expect((await parseTable("a,b,a\n1,2,3\n")).row(0)).toEqual({ a: 1, b: 2, "a.1": 3 });
    const column = census(3).column("age");
    expect(
      () =>
        new Table([
          ["a", column],
          ["a", column],
        ]),
    ).toThrow(/two columns named "a"/); // prettier-ignore
  });

  test("one column cannot be in two places", () => {
    expect(() => new TabularTable(census(9), { catNames: ["age"], contNames: ["age"] })).toThrow(/"age" in two places/);
  });

  test("text among the continuous ones is refused, with a way out for thousands", async () => {
    const table = await parseTable('x,y\n"1,234",a\n"2,000",b\n');
    expect(() => new TabularTable(table, { contNames: ["x"], yNames: "y", procs })).toThrow(/1,234.*thousands: ","/);
    const read = await parseTable('x,y\n"1,234",a\n"2,000",b\n', { thousands: "," });
    expect(read.column("x").toArray()).toEqual([1234, 2000]);
  });
});

describe("files", () => {
  test("a line of another length is named, with its number", async () => {
    await expect(parseTable('a,b\n1,"x\ny"\n2\n3,4\n')).rejects.toThrow(/line 4: 1 fields/);
    await expect(parseTable("a,b\n1,2,3\n")).rejects.toThrow(/line 2: 3 fields.*delimiter/);
  });

  test("an empty file, and one that is not there, say so", async () => {
    const path = join(folder, "empty.csv");
    await writeFile(path, "");
    await expect(readTable(path)).rejects.toThrow(/empty\.csv.*empty/);
    await expect(readTable(join(folder, "none.csv"))).rejects.toThrow(DataError);
    await writeFile(path, "a,b\n");
    expect((await readTable(path)).length).toBe(0);
    await expect(TabularDataLoaders.fromCsv(path, { yNames: "b", procs })).rejects.toThrow(/no training rows/);
  });

  test("text that is not UTF-8 asks for its encoding", async () => {
    const path = join(folder, "latin.csv");
    await writeFile(path, Buffer.from("a\ncaf\xe9\n", "latin1"));
    await expect(readTable(path)).rejects.toThrow(/encoding/);
    expect((await readTable(path, { encoding: "latin1" })).row(0)).toEqual({ a: "café" });
  });

  test("quotes that do not close are named", async () => {
    await expect(parseTable('a,b\n1,"x\n2,3\n')).rejects.toThrow(/every " closed/);
  });

  test("formulas are written as text", () => {
    const table = Table.fromRows([
      { name: '=HYPERLINK("http://x")', n: -1 },
      { name: "-2+3", n: 2 },
    ]); // prettier-ignore
    expect(tableToCsv(table)).toBe('name,n\n"\'=HYPERLINK(""http://x"")",-1\n"\'-2+3",2\n');
    expect(tableToCsv(table, { escapeFormulas: false })).toContain("\n-2+3,2");
  });

  test("a file much larger than the heap is read, in one piece or in many", async () => {
    const path = join(folder, "large.csv");
    const line = (i: number) => `${i},${i % 977}.25,"text ${i % 1000}, ${"quoted ".repeat(40)}",${i % 3 === 0}\n`;
    const block = Array.from({ length: 10_000 }, (_, i) => line(i)).join("");
    await writeFile(path, `id,number,words,flag\n${block.repeat(24)}`); // 74 MB
    const script = join(import.meta.dirname, "child/readLarge.ts");
    const heap = ["--max-old-space-size=64", "--conditions=@layerwise/source", "--import", "tsx"];
    const { stdout, stderr } = spawnSync(process.execPath, [...heap, script, path], { encoding: "utf8" });
    expect(stderr).not.toContain("Error");
    expect(JSON.parse(stdout)).toEqual({ rows: 240_000, texts: 1000, chunked: 240_000 });
  }, 120_000);

  test("chunks keep the types of the first one, and say what breaks them", async () => {
    const path = join(folder, "chunks.csv");
    await writeFile(path, `x\n${"1\n".repeat(10)}word\n`);
    const chunks = readTableChunks(path, { chunkRows: 10 });
    expect((await chunks.next()).value.column("x").type).toBe("int");
    await expect(chunks.next()).rejects.toThrow(/"word" in column "x".*record 12/);
  });
});

describe("values", () => {
  test("a column without any value cannot be filled, but may be a category", () => {
    expect(() => prepared([null, null, null])).toThrow(/"x", in which all 3 training rows are empty/);
    const fill = new FillMissing({ fillStrategy: "constant" });
    expect(prepared([null, null], { procs: [Categorify, fill, Normalize] }).conts.row(1)).toEqual({ x: 0 });
    const cats = new TabularTable({ c: [null, null], y: ["a", "b"] }, { catNames: ["c"], yNames: "y", procs });
    expect(cats.classes).toEqual({ c: ["#na#"] });
  });

  test("a column of one value becomes 0, and stays small elsewhere", () => {
    const to = prepared([7.1, 7.1, 7.1]);
    expect(to.conts.column("x").toArray()).toEqual([0, 0, 0]);
    expect(to.new({ x: [8.1] }).conts.row(0).x).toBeCloseTo(1, 5);
    expect(to.decodeRow(0)).toEqual({ x: expect.closeTo(7.1, 5), y: "a" });
  });

  test("infinite numbers are refused, and can be read as missing", async () => {
    expect(() => prepared([1, Number.POSITIVE_INFINITY, 2])).toThrow(/Infinity in the column "x", row 1.*naValues/);
    const table = await parseTable("x,y\n1,a\ninf,b\n3,a\n", { naValues: ["inf"] });
    expect(table.column("x").toArray()).toEqual([1, null, 3]);
  });

  test("missing numbers without FillMissing are refused", async () => {
    const options = { contNames: ["x"], yNames: "y", procs: [Categorify] };
    const rows = { x: [1, null, 2, 3], y: ["a", "b", "a", "b"] };
    await expect(TabularDataLoaders.fromDf(rows, { ...options, validIdx: [0] })).rejects.toThrow(/FillMissing/);
    expect(() => prepared([1, Number.NaN], { procs: [Normalize] })).toThrow(/FillMissing/);
  });

  test("a gap in a column that had none in training is an error", () => {
    expect(() => prepared([1, 2, 3]).new({ x: [null] })).toThrow(/"x" in row 0.*no gaps/);
  });

  test("dates that do not parse are named with their row", () => {
    expect(() => addDatepart({ date: ["2019-12-04", "soon"] }, "date")).toThrow(/"soon" in the column "date", row 1/);
    expect(() => addDatepart({ date: ["2019-02-30"] }, "date")).toThrow(/2019-02-30/);
    expect(() => addElapsedTimes({ date: [null], e: [true], b: [1] }, "e", "date", "b")).toThrow(/no date/);
  });

  test("a target that is missing in some rows is named, and such rows can be dropped", () => {
    const table = Table.fromColumns({ x: [1, 2, 3], y: ["a", null, "b"] });
    const make = (source: Table) => new TabularTable(source, { contNames: ["x"], yNames: "y", procs });
    expect(() => make(table)).toThrow(/1 of 3 rows without the target "y", the first is row 1.*dropMissing/);
    expect(make(table.dropMissing(["y"])).vocab).toEqual(["a", "b"]);
  });

  test("a class of the target that training never saw is named", () => {
    const options = { contNames: ["x"], yNames: "y", procs, reduceMemory: false, splits: [[0, 1], [2]] };
    expect(() => new TabularTable({ x: [1, 2, 3], y: ["a", "b", "c"] }, options)).toThrow(/"c".*"a", "b"/);
  });

  test("ids that are numbers in one place and texts in another are the same", () => {
    const to = new TabularTable({ id: [10, 20, 30], y: [1, 2, 3] }, { catNames: ["id"], yNames: "y", procs });
    expect(Array.from(to.new({ id: ["20", 30, "x"] }).cats.column("id").values)).toEqual([2, 3, 0]);
    expect(
      Table.fromColumns({ id: [10, "b"] })
        .column("id")
        .toArray(),
    ).toEqual(["10", "b"]);
  });

  test("whole numbers beyond 2^53 keep all digits, as text", async () => {
    const { column } = { column: (await parseTable("id\n9007199254740993\n1\n")).column("id") };
    expect(column.toArray()).toEqual(["9007199254740993", "1"]);
    expect(Table.fromRows([{ id: 9007199254740993n }]).row(0)).toEqual({ id: "9007199254740993" });
  });

  test("a batch larger than the training set says what to do", async () => {
    const dls = await TabularDataLoaders.fromDf(census(40).drop(["income"]), {
      ...{ ...names, yNames: "salary", procs, bs: 100, dropLast: true },
    });
    await expect(dls.train.oneBatch()).rejects.toThrow(/32 rows and batches of 100.*dropLast/);
  });

  test("unknown options are refused", async () => {
    const wrong = { catnames: [] } as never;
    await expect(TabularDataLoaders.fromDf(census(10), wrong)).rejects.toThrow(/catNames/);
    expect(() => tabularLearner(null as never)).toThrow(/TabularDataLoaders/);
    expect(() => new FillMissing({ fillStrategy: "mean" as never })).toThrow(/"median"/);
  });
});
