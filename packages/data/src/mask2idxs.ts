import { DataError } from "@layerwise/core";

/** Some of `n` items: positions, one boolean per item, or a range from `start` up to, without, `stop`. */
export type Split = readonly number[] | readonly boolean[] | { readonly start?: number; readonly stop?: number };

/**
 * Positions of the items that are meant.
 * @throws {@link DataError} for a position that is none, or a mask of another length
 */
export function mask2idxs(split: Split, n: number): readonly number[] {
  if ("start" in split || "stop" in split) {
    const { start = 0, stop = n } = split;
    return mask2idxs(
      Array.from({ length: Math.max(0, stop - start) }, (_, i) => start + i),
      n,
    );
  }
  const list = split as readonly number[] | readonly boolean[];
  if (typeof list[0] === "boolean") {
    if (list.length === n) return list.flatMap((chosen, i) => (chosen ? [i] : []));
    throw new DataError("splits", { given: `a mask of ${list.length} for ${n} items`, expected: "one entry per item" });
  }
  const indices = list as readonly number[];
  const bad = indices.find((i) => !Number.isInteger(i) || i < 0 || i >= n);
  if (bad === undefined) return indices;
  throw new DataError("splits", { given: `position ${bad} for ${n} items`, expected: `positions from 0 to ${n - 1}` });
}
