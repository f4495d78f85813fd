import { join } from "node:path";
import { Rng, setSeed, useBackend } from "@layerwise/core";
import {
  Categorify,
  Column,
  FillMissing,
  Normalize,
  readTable,
  Table,
  TabularDataLoaders,
  TabularTable,
  writeTable,
} from "@layerwise/tabular";
import { defineBenchmark } from "./harness/benchmark.ts";
import { ourVersions } from "./harness/versions.ts";

const CLASSES = [9, 16, 7, 15, 6, 5, 42, 2]; // as many as in the columns of the Adult data
const CONTS = 6;

/** Made-up people: texts with a few different values, and numbers, of which two columns have gaps. */
function people(rows: number): Table {
  const random = new Rng(1);
  const cats = CLASSES.map((count, i): [string, Column] => {
    const codes = Int32Array.from({ length: rows }, () => random.uint32() % count);
    return [
      `cat${i}`,
      new Column(
        "string",
        codes,
        Array.from({ length: count }, (_, k) => `value ${k}`),
      ),
    ];
  });
  const conts = Array.from({ length: CONTS }, (_, i): [string, Column] => {
    const value = () => (i < 2 && random.uint32() % 50 === 0 ? Number.NaN : (random.uint32() % 100_000) / 100);
    return [`cont${i}`, new Column("float", Float64Array.from({ length: rows }, value))];
  });
  const target = new Column(
    "string",
    Int32Array.from({ length: rows }, () => random.uint32() % 2),
    ["no", "yes"],
  );
  return new Table([...cats, ...conts, ["y", target]]);
}

/** Rows per second, once per pass; one more pass before them warms up. */
async function timed(rows: number, passes: number, work: () => unknown): Promise<number[]> {
  const samples: number[] = [];
  for (let pass = 0; pass <= passes; pass++) {
    const start = performance.now();
    await work();
    samples.push(rows / ((performance.now() - start) / 1000));
  }
  return samples.slice(1);
}

export default defineBenchmark({
  name: "tables",
  about:
    "A table of 8 categorical and 6 continuous columns: reading CSV, Categorify + FillMissing + Normalize, batches",
  unit: "rows/s",
  better: "more",
  peers: { fastai: "tablesPeer.py" },
  params: (scale) => ({
    rows: scale === "quick" ? 20_000 : scale === "full" ? 1_000_000 : 300_000,
    bs: 64,
    /** The peer makes no more batches than this in a pass: it takes long. */
    peerBatches: 500,
    passes: scale === "quick" ? 1 : 3,
  }),
  async prepare({ folder, params }) {
    await writeTable(people(params.rows), join(folder, "people.csv"));
    return params;
  },
  async ours({ folder, params: { rows, bs, passes } }) {
    await useBackend();
    setSeed(42);
    const file = join(folder, "people.csv");
    const table = await readTable(file);
    const [catNames, contNames] = ["cat", "cont"].map((kind) => table.names.filter((name) => name.startsWith(kind)));
    const all = Array.from({ length: rows }, (_, i) => i);
    const splits = [all.slice(rows / 5), all.slice(0, rows / 5)];
    const options = { catNames: catNames!, contNames: contNames!, yNames: "y", splits };
    const process = () => new TabularTable(table, { ...options, procs: [Categorify, FillMissing, Normalize] });
    const { train } = await TabularDataLoaders.fromTable(process(), { bs });
    const samples = {
      "read CSV": await timed(rows, passes, () => readTable(file)),
      process: await timed(rows, passes, process),
      batches: await timed(train.itemCount, passes, async () => {
        for await (const batch of train) batch.dispose();
      }),
    };
    return { samples, versions: await ourVersions() };
  },
});
