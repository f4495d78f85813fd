import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadLearner, setSeed } from "@layerwise/core";
import { accuracy, accuracyMulti, rmse } from "@layerwise/core/metrics";
import { categoryBlock, multiCategoryBlock, regressionBlock } from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  Categorify,
  FillMissing,
  Normalize,
  TabularDataLoaders,
  type TabularModel,
  tabularConfig,
  tabularLearner,
  writeTable,
} from "../src/index.ts";
import { census, names } from "./adult.ts";

const procs = [Categorify, FillMissing, Normalize];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "layerwise-tabular-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a table of classes", () => {
  test("is read, trained on, exported, and predicts rows as objects", async () => {
    setSeed(3);
    const file = join(folder, "census.csv");
    await writeTable(census(600).drop(["income"]), file);
    const dls = await TabularDataLoaders.fromCsv(file, { yNames: "salary", ...names, procs, seed: 42, bs: 32 });
    const learn = tabularLearner(dls, { metrics: accuracy, layers: [20, 10], lr: 1e-2 });
    await learn.withNoLogging(() => learn.withNoBar(() => learn.fitOneCycle(4)));
    const [loss, share] = (await learn.validate()) as number[];
    expect(share).toBeGreaterThan(0.85);
    const row = { age: 50, workclass: "Private", education: "Doctorate", hours: 40, weight: 70 };
    const { decoded, pred, probs, input } = await learn.predict(row);
    expect(decoded).toBe(">=50k");
    expect(pred).toBe(1);
    expect(probs[1]).toBeGreaterThan(0.6);
    expect(input).toMatchObject({ ...row, age_na: false });

    const again = await loadLearner(await learn.export("census.safetensors"));
    expect((await again.predict(row)).probs).toBeAllclose(probs, { rtol: 1e-6 });
    const test = again.dls.testDl(census(600).take(dls.valid.dataset.to.index).rows(), { withLabels: true });
    expect(((await again.validate({ dl: test })) as number[])[0]).toBeCloseTo(loss!, 4);
    learn.dispose();
    again.dispose();
  });

  test("with a yBlock: integers are classes, and the table shows targets beside predictions", async () => {
    const table = census(100);
    const hours = Array.from(table.column("hours").values, (h) => (h > 35 ? 7 : 3));
    const dls = await TabularDataLoaders.fromDf(
      { ...Object.fromEntries(table.select(names.contNames).entries()), target: hours },
      { yNames: "target", yBlock: categoryBlock<number>(), procs, seed: 1 },
    );
    expect(dls.vocab).toEqual([3, 7]);
    const learn = tabularLearner(dls, { layers: [5] });
    const shown = (await learn.showResults({ maxN: 3 })).toText().split("\n");
    expect(shown[0]!.split(/ +/)).toEqual(["age_na", "age", "hours", "weight", "target", "target_pred"]);
    expect(shown).toHaveLength(5);
    expect((await dls.showBatch({ maxN: 4 })).toText().split("\n")).toHaveLength(6);
    learn.dispose();
  });

  test("rare classes come more often with weights", async () => {
    const table = census(400);
    const dls = await TabularDataLoaders.fromDf(table.drop(["income"]), {
      ...{ ...names, yNames: "salary", procs, seed: 1, bs: 50 },
      wgts: Float32Array.from({ length: 320 }, (_, i) => (i < 10 ? 1 : 0)),
    });
    for await (const batch of dls.train) batch.dispose();
    expect(dls.train.order!.length).toBe(300);
    expect(Math.max(...dls.train.order!)).toBeLessThan(10);
  });
});

describe("a table of numbers", () => {
  test("is a regression, whose outputs stay in yRange", async () => {
    setSeed(1);
    const dls = await TabularDataLoaders.fromDf(census(400).drop(["salary"]), {
      ...{ ...names, yNames: "income", procs, seed: 42 },
    });
    expect(dls.c).toBe(1);
    expect(dls.lossFunc).toMatchObject({ name: "MSELossFlat" });
    const learn = tabularLearner(dls, { yRange: [-20, 80], metrics: rmse, layers: [20], lr: 2e-2 });
    const before = (await learn.validate()) as number[];
    await learn.withNoLogging(() => learn.withNoBar(() => learn.fitOneCycle(5)));
    const after = (await learn.validate()) as number[];
    expect(after[1]!).toBeLessThan(before[1]! / 2);
    const { decoded, pred } = await learn.predict(dls.valid.dataset.get(0));
    expect(decoded).toBeGreaterThan(-20);
    expect(pred).toEqual([decoded]);
    learn.dispose();
  });

  test("may have several targets", async () => {
    const dls = await TabularDataLoaders.fromDf(census(200), {
      ...{ catNames: ["education", "workclass"], contNames: ["age"], yNames: ["hours", "income"], procs },
      yBlock: regressionBlock<number[]>(),
    });
    const learn = tabularLearner(dls, { layers: [4] });
    expect((await learn.predict({ age: 40, education: "Masters", workclass: "Private" })).decoded).toHaveLength(2);
    const { preds, targs } = await learn.getPreds();
    expect([preds.shape, targs!.shape]).toEqual([
      [40, 2],
      [40, 2],
    ]);
    learn.dispose();
  });
});

test("yes-or-no targets in columns of their own are several labels", async () => {
  const table = census(200);
  const rows = table
    .rows()
    .map(({ income: _, salary, ...row }) => ({ ...row, rich: salary === ">=50k", old: Number(row.age) > 50 }));
  const dls = await TabularDataLoaders.fromDf(rows, {
    ...{ ...names, yNames: ["rich", "old"], procs, bs: 20 },
    yBlock: multiCategoryBlock({ encoded: true, vocab: ["rich", "old"] }),
  });
  const learn = tabularLearner(dls, { layers: [8], metrics: accuracyMulti });
  await learn.withNoLogging(() => learn.withNoBar(() => learn.fit(1)));
  const { decoded, probs } = await learn.predict(rows[0]);
  expect(probs).toHaveLength(2);
  expect(decoded).toEqual(["rich", "old"].filter((_, i) => probs[i]! > 0.5));
  learn.dispose();
});

describe("loaders", () => {
  const make = (options = {}) =>
    TabularDataLoaders.fromDf(census(300).drop(["income"]), {
      ...names,
      yNames: "salary",
      procs,
      seed: 42,
      ...options,
    });

  test("give each training row once, in an order that the seed repeats", async () => {
    const { train } = await make({ bs: 7, dropLast: false });
    const ids: number[][] = [];
    for (const seed of [5, 5, 6]) {
      for await (const batch of train.iterate({ seed })) batch.dispose();
      ids.push([...train.order!]);
    }
    expect([...ids[0]!].sort((a, b) => a - b)).toEqual(Array.from({ length: 240 }, (_, i) => i));
    expect(ids[1]).toEqual(ids[0]);
    expect(ids[2]).not.toEqual(ids[0]);
  });

  test("go on in the middle of a pass, with the rows that were left", async () => {
    const { train } = await make({ bs: 10 });
    const whole: number[][] = [];
    for await (const batch of train.iterate({ seed: 1 })) {
      whole.push([...(await batch.xb[1]!.data.data())]);
      batch.dispose();
    }
    let at = 20;
    for await (const batch of train.iterate({ seed: 1, startBatch: at })) {
      expect([...(await batch.xb[1]!.data.data())]).toEqual(whole[at++]);
      batch.dispose();
    }
    expect(at).toBe(24);
  });

  test("decode to the rows of the table", async () => {
    const table = census(300);
    const dls = await make();
    using batch = await dls.valid.oneBatch();
    const samples = await dls.valid.decodeBatch(batch, { maxN: 60 });
    samples.forEach(({ x, y }, i) => {
      const { salary, income: _, age, workclass, ...row } = table.row(dls.valid.dataset.to.index[i]!);
      expect(y).toBe(salary);
      expect(x).toMatchObject({
        ...row,
        workclass: workclass ?? "#na#",
        weight: expect.closeTo(row.weight as number, 3),
      });
      expect(x.age_na).toBe(age === null);
      if (age !== null) expect(x.age).toBe(age);
    });
  });

  test("unseen and missing categories are #na#, and targets are not needed", async () => {
    const dls = await make();
    const loader = dls.testDl([{ age: 30, workclass: "Astronaut", education: null, hours: 40, weight: 60 }]);
    using batch = await loader.oneBatch();
    expect(await batch.xb[0]!.data.array()).toEqual([[0, 0, 1]]);
    expect(batch.yb).toEqual([]);
    expect(loader.bs).toBe(dls.valid.bs);
  });

  test("leave no tensors behind", async () => {
    const dls = await make();
    const before = tf.memory().numTensors;
    for await (const batch of dls.train) batch.dispose();
    await dls.showBatch();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("a table of categories only, or of numbers only, trains too", async () => {
    for (const only of [{ contNames: [] }, { catNames: [], procs: [FillMissing, Normalize].map((P) => new P()) }]) {
      const noCol = "procs" in only ? { ...only, procs: [new FillMissing({ addCol: false }), Normalize] } : only;
      const dls = await make(noCol);
      const learn = tabularLearner(dls, { layers: [4], config: tabularConfig({ ps: 0.1, embedP: 0.1 }) });
      await learn.withNoLogging(() => learn.withNoBar(() => learn.fit(1)));
      expect((learn.model as TabularModel).embeds.length).toBe(dls.to.catNames.length);
      expect((await learn.getPreds()).preds.shape).toEqual([60, 2]);
      learn.dispose();
    }
  });
});
