import { column, meanOf, type ScoreValues } from "./scoreFunc.ts";

/** One threshold: how many positives and negatives score at least as high. */
interface Step {
  positives: number;
  negatives: number;
}

/** Counts at each different score, highest first; equal scores form one threshold. */
function steps(positive: ArrayLike<boolean>, score: ScoreValues): Step[] {
  const order = Array.from({ length: score.length }, (_, i) => i).sort((a, b) => score[b]! - score[a]!);
  const found: Step[] = [];
  let [positives, negatives] = [0, 0];
  for (const [k, i] of order.entries()) {
    if (positive[i]) positives++;
    else negatives++;
    const next = order[k + 1];
    if (next === undefined || score[next] !== score[i]) found.push({ positives, negatives });
  }
  return found;
}

function is(targ: ScoreValues, label: number): boolean[] {
  return Array.from(targ, (t) => t === label);
}

/**
 * Area under the ROC curve; equal scores count half.
 * @param maxFpr - area up to this false positive rate only, rescaled so that guessing stays at 0.5 (McClish 1989)
 * @returns null if the targets are all alike
 */
export function rocAucScore(targ: ScoreValues, score: ScoreValues, posLabel = 1, maxFpr = 1): number | null {
  return areaUnderRoc(is(targ, posLabel), score, maxFpr);
}

function areaUnderRoc(positive: ArrayLike<boolean>, score: ScoreValues, maxFpr = 1): number | null {
  const curve = steps(positive, score);
  const last = curve[curve.length - 1];
  if (!last || last.positives === 0 || last.negatives === 0) return null;
  let [area, fpr, tpr] = [0, 0, 0];
  for (const step of curve) {
    let [nextFpr, nextTpr] = [step.negatives / last.negatives, step.positives / last.positives];
    const beyond = nextFpr > maxFpr;
    if (beyond) {
      nextTpr = tpr + ((nextTpr - tpr) * (maxFpr - fpr)) / (nextFpr - fpr);
      nextFpr = maxFpr;
    }
    area += ((nextFpr - fpr) * (tpr + nextTpr)) / 2;
    [fpr, tpr] = [nextFpr, nextTpr];
    if (beyond) break;
  }
  if (maxFpr === 1) return area;
  const guessing = maxFpr ** 2 / 2;
  return (1 + (area - guessing) / (maxFpr - guessing)) / 2;
}

/** `Σ (R_n - R_{n-1})·P_n` over falling thresholds; 0 without positives. */
export function averagePrecisionScore(targ: ScoreValues, score: ScoreValues, posLabel = 1): number | null {
  if (targ.length === 0) return null;
  const curve = steps(is(targ, posLabel), score);
  const all = curve[curve.length - 1]!.positives;
  if (all === 0) return 0;
  let [sum, before] = [0, 0];
  for (const { positives, negatives } of curve) {
    sum += ((positives - before) / all) * (positives / (positives + negatives));
    before = positives;
  }
  return sum;
}

/** How areas or precisions of several columns become one. */
export type RankAverage = "macro" | "micro" | "weighted" | "samples";

/** One ranking score per label (column) of a table of targets 0 or 1, averaged. */
export function scoreRankings(
  targ: ScoreValues,
  score: ScoreValues,
  columns: number,
  average: RankAverage,
  each: (targ: ScoreValues, score: ScoreValues) => number | null,
): number | null {
  if (average === "micro") return each(targ, score);
  if (average === "samples") {
    const rows = Array.from({ length: targ.length / columns }, (_, i) => i * columns);
    const part = (values: ScoreValues, at: number) => Array.prototype.slice.call(values, at, at + columns) as number[];
    return meanOf(rows.map((at) => each(part(targ, at), part(score, at))));
  }
  const labels = [...Array(columns).keys()];
  const targets = labels.map((j) => column(targ, columns, j));
  const scores = targets.map((t, j) => each(t, column(score, columns, j)));
  const positives = targets.map((t) => t.reduce((sum, v) => sum + v, 0));
  if (average === "macro") return meanOf(scores);
  return positives.some((n) => n > 0) ? meanOf(scores, positives) : 0;
}

/**
 * Area under the ROC curve of several classes: each against the rest, or the mean over pairs of classes.
 * @param targ - class indices
 * @param score - one number per class, row by row
 * @returns null if a class does not occur in `targ`
 */
export function rocAucOfClasses(
  targ: ScoreValues,
  score: ScoreValues,
  columns: number,
  { multiClass, average }: { multiClass: "ovr" | "ovo"; average: "macro" | "micro" | "weighted" },
): number | null {
  const labels = [...Array(columns).keys()];
  if (!labels.every((c) => Array.prototype.includes.call(targ, c))) return null;
  const scores = labels.map((c) => column(score, columns, c));
  if (multiClass === "ovr") {
    if (average === "micro") {
      const positive = Array.from(score, (_, i) => targ[Math.floor(i / columns)] === i % columns);
      return areaUnderRoc(positive, score);
    }
    const counts = labels.map((c) => is(targ, c).filter(Boolean).length);
    const areas = labels.map((c) => rocAucScore(targ, scores[c]!, c));
    return meanOf(areas, average === "weighted" ? counts : undefined);
  }
  const areas: (number | null)[] = [];
  const sizes: number[] = [];
  for (const a of labels) {
    for (const b of labels.slice(a + 1)) {
      const rows = Array.from(targ, (_, i) => i).filter((i) => targ[i] === a || targ[i] === b);
      const pair = rows.map((i) => targ[i]!);
      const area = (c: number) =>
        rocAucScore(
          pair,
          rows.map((i) => scores[c]![i]!),
          c,
        );
      areas.push(meanOf([area(a), area(b)]));
      sizes.push(rows.length);
    }
  }
  return meanOf(areas, average === "weighted" ? sizes : undefined);
}
