import { type Figure, heatMap } from "@layerwise/plot";
import type { TabularTable } from "../tabularTable.ts";

/** Columns that say nearly the same, and how much. */
export interface RankCorrelation {
  readonly names: readonly string[];
  /** Spearman's correlation of each pair, rounded to 4 decimals. */
  readonly matrix: readonly (readonly number[])[];
  /** Pairs of groups in the order in which average linkage joins them, by distance `1 - correlation`. */
  readonly merges: readonly { readonly members: readonly string[]; readonly distance: number }[];
  readonly figure: Figure;
}

/**
 * Finds redundant columns: which pairs have the same order of rows, and which groups of columns lie close together.
 * Categories count as numbers, in their order.
 */
export function clusterColumns(to: TabularTable<unknown>): RankCorrelation {
  const { names } = to.xs;
  const ranks = names.map((name) => ranksOf(to.xs.column(name).values));
  const matrix = ranks.map((a) => ranks.map((b) => Math.round(correlation(a, b) * 10_000) / 10_000));
  const figure = heatMap({
    values: matrix,
    xLabels: names,
    yLabels: names,
    title: "Rank correlation",
    domain: [-1, 1],
    annotate: (value) => value.toFixed(2),
  });
  return { names, matrix, merges: averageLinkage(names, matrix), figure };
}

/** Rank correlation of two lists of numbers. @see Spearman 1904 */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return correlation(ranksOf(a), ranksOf(b));
}

/** Ranks from 1; equal values share the mean of theirs. */
function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) ranks[order[i]!] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}

/** Pearson's correlation; 0 with a constant. */
function correlation(a: Float64Array, b: Float64Array): number {
  const mean = (values: Float64Array) => values.reduce((x, y) => x + y, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]! - ma, b[i]! - mb];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb);
}

function averageLinkage(names: readonly string[], matrix: readonly (readonly number[])[]): RankCorrelation["merges"] {
  let groups = names.map((_, i) => [i]);
  const merges: { members: string[]; distance: number }[] = [];
  const between = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, i) => b.reduce((s, j) => s + 1 - matrix[i]![j]!, sum), 0) / (a.length * b.length);
  while (groups.length > 1) {
    let best = { a: groups[0]!, b: groups[1]!, distance: Number.POSITIVE_INFINITY };
    groups.forEach((a, i) => {
      for (const b of groups.slice(i + 1)) {
        const distance = between(a, b);
        if (distance < best.distance) best = { a, b, distance };
      }
    });
    const members = [...best.a, ...best.b];
    merges.push({ members: members.map((i) => names[i]!), distance: best.distance });
    groups = [...groups.filter((group) => group !== best.a && group !== best.b), members];
  }
  return merges;
}
