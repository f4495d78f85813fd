import { Learner } from "@layerwise/core";
import { CrossEntropyLossFlat, MSELossFlat } from "@layerwise/core/losses";
import { Module } from "@layerwise/core/nn";
import { categoryBlock } from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import {
  Categorify,
  classWeights,
  clusterColumns,
  embeddingsOf,
  embedTable,
  FillMissing,
  Normalize,
  partialDependence,
  permutationImportance,
  TabularDataLoaders,
  type TabularModel,
  TabularTable,
  tabularLearner,
} from "../src/index.ts";
import { census, names } from "./adult.ts";

/** Twice the first number, whatever the others are. */
class Twice extends Module<[tf.Tensor, tf.Tensor]> {
  override forward(_cats: tf.Tensor, conts: tf.Tensor): tf.Tensor {
    return tf.tidy(() => tf.mul(tf.slice(conts, [0, 0], [-1, 1]), 2));
  }
}

/** Product of two numbers. */
class Product extends Module<[tf.Tensor, tf.Tensor]> {
  override forward(_cats: tf.Tensor, conts: tf.Tensor): tf.Tensor {
    return tf.tidy(() => tf.prod(conts, 1, true));
  }
}

const rows = { a: [0, 1, 2, 3, 4], b: [9, 2, 4, 2, 4], y: [0, 2, 4, 6, 8] };

async function learner(model: Module<[tf.Tensor, tf.Tensor]>): Promise<Learner<never, never>> {
  const options = { contNames: ["a", "b"], yNames: "y", validIdx: [1, 2, 3, 4], bs: 2, dropLast: false };
  const dls = await TabularDataLoaders.fromDf(rows, options);
  return new Learner(dls, model, { lossFunc: new MSELossFlat() }) as never;
}

describe("permutationImportance", () => {
  test("is what shuffling a column costs, nothing for one that is not used", async () => {
    const learn = await learner(new Twice());
    const found = await permutationImportance(learn, { seed: 5, repeats: 8 });
    expect(found.map(({ column }) => column)).toEqual(["a", "b"]);
    expect(found[0]!.importance).toBeGreaterThan(1);
    expect(found[1]).toEqual({ column: "b", importance: 0, std: 0 });
    await expect(permutationImportance(learn, { metric: 1 })).rejects.toThrow(/metric 1/);
  });
});

describe("partialDependence", () => {
  test("is the mean prediction with one value in all rows", async () => {
    const learn = await learner(new Product());
    const { values, means } = await partialDependence(learn, "a", { grid: [2, 0] });
    expect(values).toEqual([2, 0]);
    expect(means).toBeAllclose([6, 0]); // b is 2, 4, 2, 4
    const even = await partialDependence(learn, "b");
    expect(even.values).toHaveLength(20);
    expect([even.values[0], even.values[19]]).toEqual([2, 4]);
    await expect(partialDependence(learn, "c")).rejects.toThrow(/"c"/);
  });

  test("goes through processors: categories by name, numbers in their own unit", async () => {
    const dls = await TabularDataLoaders.fromDf(census(200).drop(["income"]), {
      ...{ ...names, yNames: "salary", procs: [Categorify, FillMissing, Normalize], seed: 1 },
    });
    const learn = tabularLearner(dls, { layers: [5] });
    const { values, means, figure } = await partialDependence(learn, "education");
    expect(values).toEqual(["11th", "Bachelors", "Doctorate", "HS-grad", "Masters"]);
    expect(means.every((p) => p > 0 && p < 1)).toBe(true);
    expect(await figure.toSvg()).toContain("Doctorate");
    const { to } = dls.valid.dataset;
    const [age] = to.processing.encodeColumn("age", census(1, 1).column("age")).values;
    const { mean, std } = (to.processing.procs.find((p) => p instanceof Normalize) as Normalize).stats.get("age")!;
    expect(age).toBeCloseTo((Number(census(1, 1).row(0).age) - mean) / std, 4);
    learn.dispose();
  });
});

test("embeddings come by class, and replace categories in a table", async () => {
  const dls = await TabularDataLoaders.fromDf(census(100).drop(["income"]), {
    ...{ ...names, yNames: "salary", procs: [Categorify, FillMissing], seed: 1 },
  });
  const learn = tabularLearner(dls, { embSzs: { education: 2 }, layers: [4] });
  const found = await embeddingsOf(learn);
  expect(found.education!.classes[0]).toBe("#na#");
  expect(found.education!.vectors).toHaveLength(6);
  const table = embedTable(dls.to, { education: found.education! });
  expect(table.names.slice(0, 4)).toEqual(["workclass", "education_0", "education_1", "age_na"]);
  const weight = (await (learn.model as TabularModel).embeds.at(1).weight.value.array()) as number[][];
  const id = dls.to.cats.column("education").values[3]!;
  expect([table.column("education_0").values[3], table.column("education_1").values[3]]).toBeAllclose(weight[id]!);
  learn.dispose();
});

test("class weights make up for rare classes", async () => {
  const to = new TabularTable({ x: [1, 2, 3, 4], y: ["a", "a", "a", "b"] }, { contNames: ["x"], yNames: "y" });
  expect(classWeights(to)).toBeAllclose([4 / 6, 2]);
  expect(new CrossEntropyLossFlat({ weight: classWeights(to) }).weight).toHaveLength(2);
  const numbers = new TabularTable({ x: [1, 2], y: [1, 2] }, { contNames: ["x"], yNames: "y" });
  expect(() => classWeights(numbers)).toThrow(/categoryBlock/);
  const ids = new TabularTable({ x: [1, 2], y: [1, 2] }, { contNames: ["x"], yNames: "y", yBlock: categoryBlock() });
  expect(classWeights(ids)).toEqual([1, 1]);
});

test("redundant columns are joined first", () => {
  const x = Array.from({ length: 50 }, (_, i) => (i * 37) % 50);
  const to = new TabularTable(
    { x, twice: x.map((v) => v * v), other: x.map((v) => (v * 23) % 50), y: x },
    { contNames: ["x", "twice", "other"], yNames: "y" },
  );
  const { merges, matrix } = clusterColumns(to);
  expect(merges[0]).toEqual({ members: ["x", "twice"], distance: 0 });
  expect(matrix[0]![1]).toBe(1);
  expect(merges).toHaveLength(2);
});
