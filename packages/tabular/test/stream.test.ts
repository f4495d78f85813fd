import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accuracy } from "@layerwise/core/metrics";
import {
  Table as ArrowTable,
  Dictionary,
  Int8,
  tableFromArrays,
  tableFromIPC,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  Categorify,
  FillMissing,
  fromArrow,
  Normalize,
  readParquet,
  readSql,
  sqlSource,
  type Table,
  type TableSource,
  TabularDataLoaders,
  tabularLearner,
  tabularStreamLoaders,
  writeTable,
} from "../src/index.ts";
import { census, names } from "./adult.ts";

const procs = [Categorify, FillMissing, Normalize];
let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "layerwise-sql-"));
  file = join(folder, "census.csv");
  await writeTable(census(500).drop(["income"]), file);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("readSql", () => {
  test("reads a file like readTable does, and Parquet", async () => {
    const parquet = join(folder, "it's.parquet");
    const copy = `COPY (SELECT * FROM '${file}') TO '${parquet.replace("'", "''")}' (FORMAT parquet)`;
    const { DuckDBInstance } = await import("@duckdb/node-api");
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    await connection.run(copy);
    connection.closeSync();
    const table = await readParquet(parquet);
    expect(table.rows()).toEqual(census(500).drop(["income"]).rows());
    expect(table.column("hours").type).toBe("int");
  });

  test("knows every kind of column", async () => {
    const table =
      await readSql(`SELECT 1::TINYINT AS i, 3000000000 AS b, 1.25::DECIMAL(5, 2) AS d, true AS t, NULL::BOOLEAN AS n,
      DATE '2020-02-29' AS day, TIMESTAMP '2020-01-01 10:00:00' AS moment, 'x' AS s, 'a'::ENUM('a', 'b') AS e, NULL::INTEGER AS g`);
    expect(table.row(0)).toEqual({
      ...{ i: 1, b: 3_000_000_000, d: 1.25, t: true, n: null, s: "x", e: "a", g: null },
      ...{ day: new Date("2020-02-29"), moment: new Date("2020-01-01T10:00:00Z") },
    });
    expect((await readSql("SELECT 1 AS a WHERE false")).length).toBe(0);
  });

  test("says what DuckDB refuses, and which ids are too long", async () => {
    await expect(readSql("SELEC 1")).rejects.toThrow(/SELEC 1.*DuckDB/s);
    await expect(readSql("SELECT 9007199254740993 AS id")).rejects.toThrow(/9007199254740993.*CAST\(id AS VARCHAR\)/);
  });
});

describe("tabularStreamLoaders", () => {
  const query = (rows: string) => `SELECT * FROM '${file}' WHERE ${rows}`;
  const make = async (options = {}) =>
    tabularStreamLoaders(
      await sqlSource(query("age IS NULL OR age < 70"), { chunkRows: 100, threads: 1 }),
      await sqlSource(query("age >= 70"), { threads: 1 }),
      { ...names, yNames: "salary", procs, bs: 32, ...options },
    );

  test("train, validate, predict", async () => {
    const dls = await make();
    const learn = tabularLearner(dls, { layers: [20], metrics: accuracy, lr: 2e-2 });
    await learn.withNoLogging(() => learn.withNoBar(() => learn.fitOneCycle(5)));
    expect(((await learn.validate()) as number[])[1]).toBeGreaterThan(0.75);
    const row = { age: 50, workclass: "Private", education: "Doctorate", hours: 40, weight: 70 };
    expect((await learn.predict(row)).decoded).toBe(">=50k");
    learn.dispose();
  });

  test("give the rows of the table in order, batch by batch, and from the middle", async () => {
    const dls = await make({ shuffle: false });
    const { itemCount, length } = dls.train;
    expect(length).toBe(Math.ceil(itemCount / 32));
    const all = await TabularDataLoaders.fromDf(await readSql(query("age IS NULL OR age < 70")), {
      ...{ ...names, yNames: "salary", procs, validIdx: [0] },
    });
    const whole = await numbers(dls.train.iterate({ seed: 1 }));
    expect(whole.flat()).toHaveLength(itemCount * 3);
    expect(await numbers(dls.train.iterate({ seed: 1, startBatch: 5 }))).toEqual(whole.slice(5));
    expect(all.train.itemCount).toBe(itemCount - 1);
  });

  test("mix rows the same way for the same seed, and lose none", async () => {
    const dls = await make({ shuffle: true });
    const sorted = async (pass: Promise<number[][]>) => (await pass).flat().sort((a, b) => a - b);
    const loader = dls.train.with({ dropLast: false });
    const first = await numbers(loader.iterate({ seed: 7 }));
    expect(await numbers(loader.iterate({ seed: 7 }))).toEqual(first);
    expect(await numbers(loader.iterate({ seed: 8 }))).not.toEqual(first);
    expect(first.flat().sort((a, b) => a - b)).toEqual(
      await sorted(numbers(loader.with({ shuffle: false }).iterate({ seed: 1 }))),
    );
  });

  test("any source of tables will do; a fixed order will not", async () => {
    const table = census(100).drop(["income"]);
    async function* chunks(): AsyncGenerator<Table> {
      for (let i = 0; i < 100; i += 7) yield table.slice(i, i + 7);
    }
    const source: TableSource = { rows: 100, chunks };
    const dls = await tabularStreamLoaders(source, source, { ...names, yNames: "salary", procs, bs: 16 });
    expect((await numbers(dls.valid.iterate({ seed: 0 }))).map((batch) => batch.length / 3)).toEqual([
      ...[16, 16, 16, 16, 16, 16, 4],
    ]);
    expect(() => dls.train.with({ order: [1, 2] })).toThrow(/read in pieces/);
  });

  test("millions of rows stream by in bounded memory", async () => {
    const source = (n: number) =>
      sqlSource(
        `SELECT 'shop ' || (i % 900) AS shop, i % 7 AS day, (i % 1000) * 0.5 AS price, sin(i) AS a, cos(i) AS b,
         sqrt(i) AS c, i % 13 AS e, CASE WHEN i % 3 = 0 THEN 'yes' ELSE 'no' END AS bought FROM range(${n}) t(i)`,
        { memoryLimit: "150MB", threads: 1 },
      );
    const dls = await tabularStreamLoaders(await source(2_000_000), await source(100), {
      ...{ catNames: ["shop", "day"], contNames: ["price", "a", "b", "c", "e"], yNames: "bought" },
      ...{ procs, bs: 4096, sampleRows: 20_000 },
    });
    let [rows, early, late] = [0, 0, 0];
    for await (const batch of dls.train.with({ dropLast: false })) {
      rows += batch.xb[0]!.shape[0]!;
      batch.dispose();
      const { rss } = process.memoryUsage();
      if (rows < 700_000) early = Math.max(early, rss);
      else late = Math.max(late, rss);
    }
    expect(rows).toBe(2_000_000);
    expect((late - early) / 1e6).toBeLessThan(60); // MB; 1.3 million rows take 83 MB at least
  }, 180_000);
});

test("fromArrow takes columns over, with gaps, dictionaries and dates", () => {
  const arrow = tableFromArrays({
    i: Int32Array.of(1, 2, 3),
    f: Float64Array.of(0.5, 1, 2),
    s: ["x", null, "y"],
    big: BigInt64Array.of(1n, 2n, 9007199254740993n),
  });
  const table = fromArrow(tableFromIPC(tableToIPC(arrow)));
  expect(table.rows()).toEqual([
    { i: 1, f: 0.5, s: "x", big: "1" },
    { i: 2, f: 1, s: null, big: "2" },
    { i: 3, f: 2, s: "y", big: "9007199254740993" },
  ]);
  const coded = new ArrowTable({ c: vectorFromArray(["b", "a", "b"], new Dictionary(new Utf8(), new Int8())) });
  expect(fromArrow(coded).column("c")).toMatchObject({ type: "category", categories: ["b", "a"] });
  const dated = fromArrow(tableFromArrays({ d: [new Date("2020-02-29"), null] }));
  expect(dated.rows()).toEqual([{ d: new Date("2020-02-29") }, { d: null }]);
});

async function numbers(
  pass: AsyncIterable<{ xb: readonly { data: { data(): Promise<ArrayLike<number>> } }[]; dispose(): void }>,
): Promise<number[][]> {
  const found: number[][] = [];
  for await (const batch of pass) {
    found.push(Array.from(await batch.xb[1]!.data.data()));
    batch.dispose();
  }
  return found;
}
