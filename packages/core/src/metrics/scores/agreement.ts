import { labelsOf, ratio } from "./counts.ts";
import type { ScoreValues } from "./scoreFunc.ts";

/** How often each class (row) was predicted as each class (column), `[labels, labels]` row by row. */
export function confusionMatrix(targ: ScoreValues, pred: ScoreValues, labels: readonly number[]): Float64Array {
  const at = new Map(labels.map((label, i) => [label, i]));
  const n = labels.length;
  const counts = new Float64Array(n * n);
  for (let i = 0; i < targ.length; i++) {
    const [t, p] = [at.get(targ[i]!), at.get(pred[i]!)];
    if (t !== undefined && p !== undefined) counts[t * n + p]!++;
  }
  return counts;
}

/** Sums of the rows and the columns of a square table. */
function margins(table: Float64Array, n: number): { rows: Float64Array; columns: Float64Array; total: number } {
  const [rows, columns] = [new Float64Array(n), new Float64Array(n)];
  let total = 0;
  for (const [k, count] of table.entries()) {
    rows[Math.floor(k / n)]! += count;
    columns[k % n]! += count;
    total += count;
  }
  return { rows, columns, total };
}

/** Mean recall over the classes that occur in the targets; `adjusted` puts guessing at 0. */
export function balancedAccuracyScore(targ: ScoreValues, pred: ScoreValues, adjusted: boolean): number | null {
  const labels = labelsOf(targ);
  const n = labels.length;
  if (n === 0) return null;
  const hits = new Map(labels.map((label) => [label, { right: 0, all: 0 }]));
  for (let i = 0; i < targ.length; i++) {
    const count = hits.get(targ[i]!)!;
    count.all++;
    if (pred[i] === targ[i]) count.right++;
  }
  const mean = [...hits.values()].reduce((sum, { right, all }) => sum + right / all, 0) / n;
  if (!adjusted) return mean;
  return n === 1 ? null : (mean - 1 / n) / (1 - 1 / n);
}

/** `1 - Σ w·O / Σ w·E`. */
export function cohenKappaScore(
  targ: ScoreValues,
  pred: ScoreValues,
  weights: "none" | "linear" | "quadratic",
  labels: readonly number[] = labelsOf(targ, pred),
): number | null {
  const n = labels.length;
  const seen = confusionMatrix(targ, pred, labels);
  const { rows, columns, total } = margins(seen, n);
  const weight = { none: (d: number) => (d === 0 ? 0 : 1), linear: (d: number) => d, quadratic: (d: number) => d * d };
  let [observed, expected] = [0, 0];
  for (let t = 0; t < n; t++) {
    for (let p = 0; p < n; p++) {
      const w = weight[weights](Math.abs(t - p));
      observed += w * seen[t * n + p]!;
      expected += (w * rows[t]! * columns[p]!) / total;
    }
  }
  return expected === 0 || total === 0 ? null : 1 - observed / expected;
}

/** `(c·s - Σ p·t) / √((s² - Σ p²)(s² - Σ t²))`; 0 where that is not defined. */
export function matthewsScore(targ: ScoreValues, pred: ScoreValues): number | null {
  if (targ.length === 0) return null;
  const labels = labelsOf(targ, pred);
  const n = labels.length;
  const seen = confusionMatrix(targ, pred, labels);
  const { rows, columns, total } = margins(seen, n);
  let [right, both, predicted, actual] = [0, 0, 0, 0];
  for (let k = 0; k < n; k++) {
    right += seen[k * n + k]!;
    both += rows[k]! * columns[k]!;
    predicted += columns[k]! ** 2;
    actual += rows[k]! ** 2;
  }
  return ratio(right * total - both, Math.sqrt((total ** 2 - predicted) * (total ** 2 - actual)));
}

/** Share of places that differ. */
export function hammingScore(targ: ScoreValues, pred: ScoreValues): number | null {
  let wrong = 0;
  for (let i = 0; i < targ.length; i++) if (targ[i] !== pred[i]) wrong++;
  return targ.length === 0 ? null : wrong / targ.length;
}
