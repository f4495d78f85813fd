/** Numbers of a whole pass, flat; tables row by row. */
export type ScoreValues = ArrayLike<number>;

/**
 * A score of a whole pass, targets first as in scikit-learn.
 * @param targ - targets
 * @param pred - predictions
 * @param columns - numbers per row of `pred`; 1 if it is flat
 * @returns null where the score is not defined
 */
export type ScoreFunc = (targ: ScoreValues, pred: ScoreValues, columns: number) => number | null;

/** Column `j` of a table. */
export function column(values: ScoreValues, columns: number, j: number): Float64Array {
  return Float64Array.from({ length: values.length / columns }, (_, i) => values[i * columns + j]!);
}

/** Mean, weighted if `weights` are given; null if there is nothing to average or a number that weighs something is null. */
export function meanOf(values: readonly (number | null)[], weights?: ArrayLike<number>): number | null {
  let [sum, total] = [0, 0];
  for (const [i, value] of values.entries()) {
    const weight = weights?.[i] ?? 1;
    if (weight === 0) continue;
    if (value === null) return null;
    sum += weight * value;
    total += weight;
  }
  return total === 0 ? null : sum / total;
}
