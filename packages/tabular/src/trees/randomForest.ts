import { checkOptions, type KnownOptions, OptionError, Rng, rng, StateError } from "@layerwise/core";
import { growTree, nodesOf, pathOf, predictRow, type TreeNode } from "./growTree.ts";
import type { TreeData } from "./treeData.ts";

export interface DecisionTreeOptions {
  /** Fewest rows in a leaf. @defaultValue 1 */
  minSamplesLeaf?: number;
  /** Most leaves. @defaultValue no limit */
  maxLeafNodes?: number;
  /** Part of the columns, 0…1, that are looked at for each split. @defaultValue 1 */
  maxFeatures?: number;
  /** An integer for a forest that is always the same. */
  seed?: number;
}

export interface RandomForestOptions extends DecisionTreeOptions {
  /** Trees. @defaultValue 40 */
  nEstimators?: number;
  /** Most rows that a tree draws, with replacement. @defaultValue 200,000 */
  maxSamples?: number;
}

/** A prediction and where it comes from: `prediction = bias + sum of contributions`. */
export interface TreeExplanation {
  readonly prediction: number;
  /** Mean of the training targets. */
  readonly bias: number;
  /** By column. */
  readonly contributions: Readonly<Record<string, number>>;
}

const TREE: KnownOptions<DecisionTreeOptions> = {
  minSamplesLeaf: true,
  maxLeafNodes: true,
  maxFeatures: true,
  seed: true,
};

/**
 * Many regression trees, each grown on rows drawn with replacement and asked about a random part of the columns at each
 * split; their mean predicts. Targets of two classes, 0 and 1, make it a classifier that gives probabilities.
 * @see Breiman 2001, "Random forests"
 */
export class RandomForest {
  readonly names: readonly string[];
  readonly trees: readonly TreeNode[];
  /** For each training row the mean of the trees that did not draw it; NaN where all did. */
  readonly oobPrediction: Float64Array;
  readonly #targets: ArrayLike<number>;

  private constructor(
    names: readonly string[],
    trees: readonly TreeNode[],
    oob: Float64Array,
    targets: ArrayLike<number>,
  ) {
    this.names = names;
    this.trees = trees;
    this.oobPrediction = oob;
    this.#targets = targets;
  }

  /** Grows a forest. @throws {@link OptionError} for options out of range */
  static fit(data: TreeData, options: RandomForestOptions = {}): RandomForest {
    checkOptions("RandomForest", options, { ...TREE, nEstimators: true, maxSamples: true });
    const { nEstimators = 40, maxSamples = 200_000, minSamplesLeaf = 5, maxFeatures = 0.5 } = options;
    const grow = checked({ ...options, minSamplesLeaf, maxFeatures }, nEstimators);
    const { columns, targets, names } = data;
    const n = targets.length;
    const random = new Rng(options.seed ?? rng().uint32());
    const [sums, counts] = [new Float64Array(n), new Uint32Array(n)];
    const trees = Array.from({ length: nEstimators }, () => {
      const rows = Uint32Array.from({ length: Math.min(n, maxSamples) }, () => random.integer(0, n));
      const tree = growTree(columns, targets, rows, grow, random);
      const drawn = new Uint8Array(n);
      for (const row of rows) drawn[row] = 1;
      for (let row = 0; row < n; row++) {
        if (drawn[row] === 1) continue;
        sums[row]! += predictRow(tree, columns, row);
        counts[row]! += 1;
      }
      return tree;
    });
    return new RandomForest(
      names,
      trees,
      sums.map((sum, i) => sum / counts[i]!),
      targets,
    );
  }

  /** One tree, grown on every row once. */
  static tree(data: TreeData, options: DecisionTreeOptions = {}): RandomForest {
    checkOptions("RandomForest.tree", options, TREE);
    const { columns, targets, names } = data;
    const rows = Uint32Array.from({ length: targets.length }, (_, i) => i);
    const random = new Rng(options.seed ?? 0);
    const tree = growTree(columns, targets, rows, checked(options, 1), random);
    return new RandomForest(names, [tree], new Float64Array(targets.length).fill(Number.NaN), targets);
  }

  /** What each tree says of each row, `[tree][row]`. */
  predictTrees({ columns }: Pick<TreeData, "columns">): Float64Array[] {
    const n = columns[0]?.length ?? 0;
    return this.trees.map((tree) => Float64Array.from({ length: n }, (_, row) => predictRow(tree, columns, row)));
  }

  /** Means over the trees. */
  predict(data: Pick<TreeData, "columns">): Float64Array {
    return meanOf(this.predictTrees(data));
  }

  /** How much the trees disagree on each row: the standard deviation of what they say. */
  spread(data: Pick<TreeData, "columns">): Float64Array {
    const each = this.predictTrees(data);
    const mean = meanOf(each);
    return mean.map((m, row) =>
      Math.sqrt(each.reduce((sum, values) => sum + (values[row]! - m) ** 2, 0) / each.length),
    );
  }

  /** Share of the targets' variance that the out-of-bag predictions explain. @throws {@link StateError} for one tree */
  oobScore(): number {
    const { predicted, actual } = this.#oob();
    const mean = actual.reduce((a, b) => a + b, 0) / actual.length;
    const squares = (from: (i: number) => number) => actual.reduce((sum, y, i) => sum + (y - from(i)) ** 2, 0);
    return 1 - squares((i) => predicted[i]!) / squares(() => mean);
  }

  /** Root of the mean squared error of the out-of-bag predictions. @throws {@link StateError} for one tree */
  oobRmse(): number {
    const { predicted, actual } = this.#oob();
    return Math.sqrt(actual.reduce((sum, y, i) => sum + (y - predicted[i]!) ** 2, 0) / actual.length);
  }

  /** How much of the squared error the splits on each column take away: shares that add up to 1, the largest first. */
  featureImportance(): Record<string, number> {
    const shares = new Float64Array(this.names.length);
    for (const tree of this.trees) {
      const own = new Float64Array(this.names.length);
      for (const { column, squares, left, right } of nodesOf(tree)) {
        if (left !== null && right !== null) own[column]! += squares - left.squares - right.squares;
      }
      const total = own.reduce((a, b) => a + b, 0);
      for (let i = 0; i < own.length; i++) shares[i]! += total > 0 ? own[i]! / total / this.trees.length : 0;
    }
    const total = shares.reduce((a, b) => a + b, 0);
    const entries = this.names.map((name, i): [string, number] => [name, total > 0 ? shares[i]! / total : 0]);
    return Object.fromEntries(entries.sort((a, b) => b[1] - a[1]));
  }

  /** Takes the prediction for one row apart into what each column adds to the mean, on the way to the leaf. */
  explain({ columns }: Pick<TreeData, "columns">, row: number): TreeExplanation {
    const parts = new Float64Array(this.names.length);
    let [bias, prediction] = [0, 0];
    for (const tree of this.trees) {
      const path = pathOf(tree, columns, row);
      bias += tree.value / this.trees.length;
      prediction += path.at(-1)!.value / this.trees.length;
      for (let i = 1; i < path.length; i++) {
        parts[path[i - 1]!.column]! += (path[i]!.value - path[i - 1]!.value) / this.trees.length;
      }
    }
    return { prediction, bias, contributions: Object.fromEntries(this.names.map((name, i) => [name, parts[i]!])) };
  }

  /** Number of leaves of all trees. */
  get leafCount(): number {
    return this.trees.reduce((sum, tree) => sum + [...nodesOf(tree)].filter(({ left }) => left === null).length, 0);
  }

  #oob(): { predicted: number[]; actual: number[] } {
    const rows = Array.from(this.oobPrediction.keys()).filter((i) => !Number.isNaN(this.oobPrediction[i]));
    if (rows.length > 0) {
      return { predicted: rows.map((i) => this.oobPrediction[i]!), actual: rows.map((i) => this.#targets[i]!) };
    }
    throw new StateError("RandomForest", {
      given: "trees that have seen every row",
      expected: "rows that some tree did not draw",
      fix: "grow a forest with `RandomForest.fit`",
    });
  }
}

function meanOf(each: readonly Float64Array[]): Float64Array {
  const [first] = each;
  return (first ?? new Float64Array(0)).map(
    (_, row) => each.reduce((sum, values) => sum + values[row]!, 0) / each.length,
  );
}

function checked(
  options: DecisionTreeOptions,
  nEstimators: number,
): {
  minSamplesLeaf: number;
  maxLeafNodes: number;
  maxFeatures: number;
} {
  const { minSamplesLeaf = 1, maxLeafNodes = Number.POSITIVE_INFINITY, maxFeatures = 1 } = options;
  if (minSamplesLeaf >= 1 && maxLeafNodes >= 1 && maxFeatures > 0 && maxFeatures <= 1 && nEstimators >= 1) {
    return { minSamplesLeaf, maxLeafNodes, maxFeatures };
  }
  throw new OptionError("RandomForest", {
    given: JSON.stringify({ nEstimators, minSamplesLeaf, maxLeafNodes, maxFeatures }),
    expected: "whole numbers of at least 1, and maxFeatures in 0…1",
  });
}
