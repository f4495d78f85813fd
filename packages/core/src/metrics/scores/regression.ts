import type { ScoreValues } from "./scoreFunc.ts";

/** Mean of `term` over pairs; null for none. */
function meanPair(targ: ScoreValues, pred: ScoreValues, term: (t: number, p: number) => number): number | null {
  let sum = 0;
  for (let i = 0; i < targ.length; i++) sum += term(targ[i]!, pred[i]!);
  return targ.length === 0 ? null : sum / targ.length;
}

function mean(values: ScoreValues): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

function squaresAround(values: ScoreValues, center: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - center) ** 2;
  return sum;
}

/** `1 - missed / spread`; constant targets give 1 if nothing was missed, else 0. */
function explained(missed: number, spread: number): number {
  if (spread !== 0) return 1 - missed / spread;
  return missed === 0 ? 1 : 0;
}

export function rmseScore(targ: ScoreValues, pred: ScoreValues): number | null {
  const mse = meanPair(targ, pred, (t, p) => (p - t) ** 2);
  return mse === null ? null : Math.sqrt(mse);
}

/** Root of the mean square of `(e^t - e^p) / e^t`. */
export function expRmspeScore(targ: ScoreValues, pred: ScoreValues): number | null {
  const mspe = meanPair(targ, pred, (t, p) => (1 - Math.exp(p - t)) ** 2);
  return mspe === null ? null : Math.sqrt(mspe);
}

export function explainedVarianceScore(targ: ScoreValues, pred: ScoreValues): number | null {
  if (targ.length === 0) return null;
  const errors = Float64Array.from({ length: targ.length }, (_, i) => targ[i]! - pred[i]!);
  return explained(squaresAround(errors, mean(errors)), squaresAround(targ, mean(targ)));
}

/** Not defined for fewer than two targets. */
export function r2Score(targ: ScoreValues, pred: ScoreValues): number | null {
  if (targ.length < 2) return null;
  const missed = meanPair(targ, pred, (t, p) => (t - p) ** 2)! * targ.length;
  return explained(missed, squaresAround(targ, mean(targ)));
}

/** Not defined if either side is constant. */
export function pearsonScore(targ: ScoreValues, pred: ScoreValues): number | null {
  if (targ.length < 2) return null;
  const [meanT, meanP] = [mean(targ), mean(pred)];
  const both = meanPair(targ, pred, (t, p) => (t - meanT) * (p - meanP))! * targ.length;
  const spread = Math.sqrt(squaresAround(targ, meanT)) * Math.sqrt(squaresAround(pred, meanP));
  return spread === 0 ? null : Math.max(-1, Math.min(1, both / spread));
}

/** Pearson's correlation of ranks; equal numbers share their mean rank. */
export function spearmanScore(targ: ScoreValues, pred: ScoreValues): number | null {
  return pearsonScore(ranks(targ), ranks(pred));
}

function ranks(values: ScoreValues): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const rank = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let k = from; k < to; k++) rank[order[k]!] = (from + 1 + to) / 2;
    from = to;
  }
  return rank;
}
