import { describe, expect, test } from "vitest";
import { Categorify, FillMissing, RandomForest, spearman, Table, TabularTable, treeData } from "../src/index.ts";
import { census, names } from "./adult.ts";

const small = { names: ["x"], columns: [[1, 2, 3, 4]], targets: [1, 1, 3, 5] };

describe("one tree", () => {
  test("asks the question that takes most off the squared error, halfway between two values", () => {
    const { trees } = RandomForest.tree(small, { maxLeafNodes: 2 });
    expect(trees[0]).toMatchObject({ column: 0, threshold: 2.5, value: 2.5, squares: 11, count: 4 });
    expect([trees[0]!.left!.value, trees[0]!.right!.value]).toEqual([1, 4]);
    expect(trees[0]!.squares - trees[0]!.left!.squares - trees[0]!.right!.squares).toBe(9);
  });

  test("explains a prediction by the columns on its path", () => {
    const tree = RandomForest.tree(small, { maxLeafNodes: 2 });
    expect(tree.explain(small, 3)).toEqual({ prediction: 4, bias: 2.5, contributions: { x: 1.5 } });
  });

  test("learns every row by heart if nothing stops it, and keeps leaves large if asked", () => {
    const data = treeData(table());
    const full = RandomForest.tree(data);
    expect(full.predict(data)).toBeAllclose(Array.from(data.targets), { atol: 1e-9 });
    const coarse = RandomForest.tree(data, { minSamplesLeaf: 25 });
    expect(coarse.leafCount).toBeLessThan(300 / 25);
    const leaves = [...leavesOf(coarse.trees[0]!)];
    expect(Math.min(...leaves)).toBeGreaterThanOrEqual(25);
    expect(leaves.reduce((a, b) => a + b, 0)).toBe(300);
  });
});

describe("a forest", () => {
  const data = treeData(table());
  const forest = RandomForest.fit(data, { seed: 1, nEstimators: 30 });

  test("judges itself by the rows that its trees did not draw", () => {
    expect(forest.oobScore()).toBeGreaterThan(0.8);
    const fitted = forest.predict(data);
    const trainRmse = Math.sqrt(fitted.reduce((sum, p, i) => sum + (p - data.targets[i]!) ** 2, 0) / fitted.length);
    expect(forest.oobRmse()).toBeGreaterThan(trainRmse);
    const single = RandomForest.fit(data, { seed: 3, nEstimators: 1 });
    const unseen = single.oobPrediction.filter((p) => !Number.isNaN(p)).length / 300;
    expect(Math.abs(unseen - 1 / Math.E)).toBeLessThan(0.08);
  });

  test("finds what matters, and adds up to its prediction", () => {
    const importance = forest.featureImportance();
    expect(Object.values(importance).reduce((a, b) => a + b, 0)).toBeCloseTo(1);
    expect(Object.keys(importance)[0]).toBe("education");
    expect(importance.hours!).toBeLessThan(0.1);
    const { prediction, bias, contributions } = forest.explain(data, 7);
    expect(prediction).toBeCloseTo(forest.predict(data)[7]!);
    expect(bias + Object.values(contributions).reduce((a, b) => a + b, 0)).toBeCloseTo(prediction);
    expect(forest.spread(data).every((s) => s >= 0)).toBe(true);
  });

  test("is the same for the same seed", () => {
    const again = RandomForest.fit(data, { seed: 1, nEstimators: 30 });
    expect(again.oobPrediction).toEqual(forest.oobPrediction);
  });

  test("cannot judge one tree out of bag, and refuses options out of range", () => {
    expect(() => RandomForest.tree(small).oobScore()).toThrow(/did not draw/);
    expect(() => RandomForest.fit(small, { maxFeatures: 0 })).toThrow(/maxFeatures/);
  });
});

test("Spearman's correlation goes by order", () => {
  expect(spearman([1, 2, 3, 4], [1, 3, 2, 4])).toBeCloseTo(0.8);
  expect(spearman([1, 2, 3], [10, 100, 1000])).toBeCloseTo(1);
});

test("gaps among the inputs are named", () => {
  const gaps = new TabularTable(Table.fromColumns({ x: [1, null], y: [1, 2] }), { contNames: ["x"], yNames: "y" });
  expect(() => treeData(gaps)).toThrow(/"x", row 1.*FillMissing/);
});

function table(): TabularTable {
  return new TabularTable(census(300).drop(["salary"]), {
    ...names,
    yNames: "income",
    procs: [Categorify, FillMissing],
  });
}

function* leavesOf(node: RandomForest["trees"][number]): Generator<number> {
  if (node.left === null || node.right === null) return yield node.count;
  yield* leavesOf(node.left);
  yield* leavesOf(node.right);
}
