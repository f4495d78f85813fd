import { DataError, OptionError } from "../../errors.ts";
import { meanOf, type ScoreValues } from "./scoreFunc.ts";

/** How the scores of several classes become one: of class `posLabel` only, their mean, that of pooled counts, … */
export type Average = "binary" | "macro" | "micro" | "weighted" | "samples";

/** Counts of one class: predicted and true, predicted, true. */
export interface ClassCounts {
  hits: number;
  predicted: number;
  actual: number;
}

/** A score from the counts of one class. */
export type CountScore = (counts: ClassCounts) => number;

/** `a / b`, and 0 for `0 / 0`. */
export function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}

/** Every class that occurs, in order. */
export function labelsOf(...all: ScoreValues[]): number[] {
  const seen = new Set<number>();
  for (const values of all) for (let i = 0; i < values.length; i++) seen.add(values[i]!);
  return [...seen].sort((a, b) => a - b);
}

/** Counts of each of `labels` over class indices. */
export function countsByLabel(targ: ScoreValues, pred: ScoreValues, labels: readonly number[]): ClassCounts[] {
  const counts = new Map(labels.map((label) => [label, { hits: 0, predicted: 0, actual: 0 }]));
  for (let i = 0; i < targ.length; i++) {
    const [actual, predicted] = [counts.get(targ[i]!), counts.get(pred[i]!)];
    if (actual) actual.actual++;
    if (predicted) predicted.predicted++;
    if (actual && actual === predicted) actual.hits++;
  }
  return [...counts.values()];
}

/** Counts over yes-or-no tables, per label (column) or per sample (row). */
export function countsOfTable(
  targ: ScoreValues,
  pred: ScoreValues,
  columns: number,
  per: "label" | "sample",
): ClassCounts[] {
  const length = per === "label" ? columns : targ.length / columns;
  const counts: ClassCounts[] = Array.from({ length }, () => ({ hits: 0, predicted: 0, actual: 0 }));
  for (let i = 0; i < targ.length; i++) {
    const at = counts[per === "label" ? i % columns : Math.floor(i / columns)]!;
    const [yes, said] = [targ[i]! > 0.5, pred[i]! > 0.5];
    if (yes) at.actual++;
    if (said) at.predicted++;
    if (yes && said) at.hits++;
  }
  return counts;
}

/** One number from the counts of several classes. */
export function averageCounts(
  counts: readonly ClassCounts[],
  average: "macro" | "micro" | "weighted" | "samples",
  score: CountScore,
): number | null {
  if (counts.length === 0) return null;
  if (average === "micro") {
    const pooled = { hits: 0, predicted: 0, actual: 0 };
    for (const { hits, predicted, actual } of counts) {
      pooled.hits += hits;
      pooled.predicted += predicted;
      pooled.actual += actual;
    }
    return score(pooled);
  }
  if (average !== "weighted") return meanOf(counts.map(score));
  return (
    meanOf(
      counts.map(score),
      counts.map(({ actual }) => actual),
    ) ?? 0
  );
}

/** Options of scores over class indices. */
export interface ClassScoreOptions {
  /** @defaultValue "binary" */
  average?: Exclude<Average, "samples">;
  /** The class that counts as positive with `average: "binary"`. @defaultValue 1 */
  posLabel?: number;
  /** Classes to average over. @defaultValue those that occur */
  labels?: readonly number[];
}

/**
 * @throws {@link DataError} for more than two classes with `average: "binary"`
 */
export function scoreClasses(
  name: string,
  score: CountScore,
  { average = "binary", posLabel = 1, labels }: ClassScoreOptions,
): (targ: ScoreValues, pred: ScoreValues) => number | null {
  checkAverage(name, average, ["binary", "macro", "micro", "weighted"]);
  return (targ, pred) => {
    const seen = labelsOf(targ, pred);
    if (average !== "binary") return averageCounts(countsByLabel(targ, pred, labels ?? seen), average, score);
    if (seen.length > 2) {
      throw new DataError(name, {
        given: `${seen.length} classes with average "binary"`,
        expected: "two classes, or another average",
        fix: `write \`${name}({ average: "macro" })\` for the mean over all classes`,
      });
    }
    return score(countsByLabel(targ, pred, [posLabel])[0]!);
  };
}

/** Options of scores over yes-or-no tables. */
export interface LabelScoreOptions {
  /** @defaultValue "macro" */
  average?: Exclude<Average, "binary">;
}

export function scoreLabels(name: string, score: CountScore, { average = "macro" }: LabelScoreOptions) {
  checkAverage(name, average, ["macro", "micro", "weighted", "samples"]);
  return (targ: ScoreValues, pred: ScoreValues, columns: number): number | null =>
    averageCounts(countsOfTable(targ, pred, columns, average === "samples" ? "sample" : "label"), average, score);
}

/** @throws {@link OptionError} */
export function checkAverage(name: string, average: string, allowed: readonly string[]): void {
  if (allowed.includes(average)) return;
  const names = allowed.map((a) => `"${a}"`).join(", ");
  throw new OptionError(name, { given: `average "${average}"`, expected: `one of ${names}` });
}

export const precisionOf: CountScore = ({ hits, predicted }) => ratio(hits, predicted);
export const recallOf: CountScore = ({ hits, actual }) => ratio(hits, actual);
export const jaccardOf: CountScore = ({ hits, predicted, actual }) => ratio(hits, predicted + actual - hits);
/** `(1 + b²) P R / (b² P + R)`, by counts. */
export function fBetaOf(beta: number): CountScore {
  return ({ hits, predicted, actual }) => ratio((1 + beta ** 2) * hits, beta ** 2 * actual + predicted);
}
