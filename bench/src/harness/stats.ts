import type { Better } from "./benchmark.ts";

/** Where numbers lie. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** The middle number; between the two middle ones for an even count, `NaN` for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? (upper + (sorted[middle - 1] ?? Number.NaN)) / 2 : upper;
}

/** @returns `null` for no values */
export function spread(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * How many times as good as the peer we are, round by round: neighbors in time share the state of the machine, so their
 * quotient is steadier than that of two medians. Rounds that one side missed are left out.
 */
export function roundRatios(
  ours: readonly (number | null)[],
  peer: readonly (number | null)[],
  better: Better,
): number[] {
  return ours.flatMap((our, round) => {
    const their = peer[round] ?? null;
    if (our === null || their === null) return [];
    return [better === "less" ? their / our : our / their];
  });
}
