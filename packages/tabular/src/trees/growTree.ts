import type { Rng } from "@layerwise/core";

/** A node of a tree: a question about a column, or, without children, an answer. */
export interface TreeNode {
  /** Mean of the targets that came here. */
  readonly value: number;
  /** How many rows came here. */
  readonly count: number;
  /** Sum of squared distances of the targets from `value`. */
  readonly squares: number;
  /** Position of the column that is asked for; -1 for a leaf. */
  column: number;
  /** Rows with at most this value go left. */
  threshold: number;
  left: TreeNode | null;
  right: TreeNode | null;
}

export interface GrowOptions {
  /** Fewest rows in a leaf. */
  minSamplesLeaf: number;
  /** Most leaves; the split that helps most comes first. */
  maxLeafNodes: number;
  /** Part of the columns that are looked at for each split. */
  maxFeatures: number;
}

interface Split {
  column: number;
  threshold: number;
  /** How much the split takes off the squares. */
  gain: number;
}

interface Candidate {
  node: TreeNode;
  rows: Uint32Array;
  split: Split;
}

/** Grows a regression tree by squared error, the best split first. @see Breiman et al. 1984 */
export function growTree(
  columns: readonly ArrayLike<number>[],
  targets: ArrayLike<number>,
  rows: Uint32Array,
  options: GrowOptions,
  random: Rng,
): TreeNode {
  const root = makeNode(targets, rows);
  const open: Candidate[] = [];
  const consider = (node: TreeNode, own: Uint32Array): void => {
    const split = bestSplit(columns, targets, own, node, options, random);
    if (split !== null) insert(open, { node, rows: own, split });
  };
  consider(root, rows);
  for (let leaves = 1; leaves < options.maxLeafNodes && open.length > 0; leaves++) {
    const { node, rows: own, split } = open.pop()!;
    const values = columns[split.column]!;
    const left = own.filter((row) => values[row]! <= split.threshold);
    const right = own.filter((row) => values[row]! > split.threshold);
    Object.assign(node, { column: split.column, threshold: split.threshold });
    node.left = makeNode(targets, left);
    node.right = makeNode(targets, right);
    consider(node.left, left);
    consider(node.right, right);
  }
  return root;
}

/** The leaf that a row ends in, by the path to it. */
export function pathOf(root: TreeNode, columns: readonly ArrayLike<number>[], row: number): TreeNode[] {
  const path = [root];
  for (let node = root; node.left !== null && node.right !== null; path.push(node)) {
    node = columns[node.column]![row]! <= node.threshold ? node.left : node.right;
  }
  return path;
}

/** What the tree says of a row. */
export function predictRow(root: TreeNode, columns: readonly ArrayLike<number>[], row: number): number {
  let node = root;
  while (node.left !== null && node.right !== null) {
    node = columns[node.column]![row]! <= node.threshold ? node.left : node.right;
  }
  return node.value;
}

/** Every node below and including `root`. */
export function* nodesOf(root: TreeNode): Generator<TreeNode> {
  const stack = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    yield node;
    if (node.right !== null) stack.push(node.right);
    if (node.left !== null) stack.push(node.left);
  }
}

function makeNode(targets: ArrayLike<number>, rows: Uint32Array): TreeNode {
  let sum = 0;
  for (const row of rows) sum += targets[row]!;
  const value = sum / rows.length;
  let squares = 0;
  for (const row of rows) squares += (targets[row]! - value) ** 2;
  return { value, count: rows.length, squares, column: -1, threshold: 0, left: null, right: null };
}

/** Keeps the candidate that helps most at the end. */
function insert(open: Candidate[], candidate: Candidate): void {
  let [low, high] = [0, open.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (open[middle]!.split.gain < candidate.split.gain) low = middle + 1;
    else high = middle;
  }
  open.splice(low, 0, candidate);
}

function bestSplit(
  columns: readonly ArrayLike<number>[],
  targets: ArrayLike<number>,
  rows: Uint32Array,
  node: TreeNode,
  { minSamplesLeaf, maxFeatures }: GrowOptions,
  random: Rng,
): Split | null {
  if (rows.length < 2 * minSamplesLeaf || node.squares <= 1e-12 * Math.abs(node.value) * rows.length) return null;
  const count = Math.max(1, Math.round(maxFeatures * columns.length));
  const tried = count < columns.length ? random.permutation(columns.length).slice(0, count) : columns.keys();
  let best: Split | null = null;
  for (const column of tried) {
    const split = splitOf(columns[column]!, targets, rows, node, minSamplesLeaf);
    if (split !== null && split.gain > (best?.gain ?? 1e-12)) best = { ...split, column };
  }
  return best;
}

/** The best threshold of one column: halfway between two values next to each other. */
function splitOf(
  values: ArrayLike<number>,
  targets: ArrayLike<number>,
  rows: Uint32Array,
  node: TreeNode,
  minSamplesLeaf: number,
): Omit<Split, "column"> | null {
  const order = sortedBy(values, rows);
  const total = node.value * rows.length;
  let [sum, gain, threshold] = [0, 0, Number.NaN];
  for (let i = 1; i < order.length; i++) {
    sum += targets[order[i - 1]!]!;
    const [below, above] = [values[order[i - 1]!]!, values[order[i]!]!];
    if (below === above || i < minSamplesLeaf || order.length - i < minSamplesLeaf) continue;
    // squares saved: nLeft mLeft² + nRight mRight² - n m²
    const saved = (sum * sum) / i + ((total - sum) * (total - sum)) / (order.length - i) - total * node.value;
    if (saved > gain) [gain, threshold] = [saved, below + (above - below) / 2];
  }
  return Number.isNaN(threshold) ? null : { gain, threshold };
}

/** Rows by the value that they have. */
function sortedBy(values: ArrayLike<number>, rows: Uint32Array): Uint32Array {
  const keys = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) keys[i] = values[rows[i]!]!;
  const places = new Uint32Array(rows.length);
  for (let i = 0; i < places.length; i++) places[i] = i;
  places.sort((a, b) => keys[a]! - keys[b]!);
  for (let i = 0; i < places.length; i++) places[i] = rows[places[i]!]!;
  return places;
}
