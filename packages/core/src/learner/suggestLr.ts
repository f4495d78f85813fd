import { OptionError } from "../errors.ts";

/** A suggested rate, and where its dot goes in the picture. */
export interface LrSuggestion {
  lr: number;
  point: { lr: number; loss: number };
}

/** Reads a good learning rate off a finder's curve. */
export type SuggestLr = (lrs: readonly number[], losses: readonly number[]) => LrSuggestion;

/** The middle of the longest falling stretch, a third of the way down. fastai's default. */
export function valley(lrs: readonly number[], losses: readonly number[]): LrSuggestion {
  needPoints("valley", lrs, 3);
  const n = losses.length;
  const lengths = new Array<number>(n).fill(1);
  for (let i = 1; i < n; i++) {
    for (let j = 0; j < i; j++) {
      if (losses[i]! < losses[j]! && lengths[i]! < lengths[j]! + 1) lengths[i] = lengths[j]! + 1;
    }
  }
  const longest = Math.max(...lengths);
  const end = lengths.indexOf(longest);
  const start = end - longest;
  const section = (end - start) / 3;
  const index = start + Math.trunc(section) + Math.trunc(section / 2);
  return at(lrs, losses, index < 0 ? n + index : index);
}

/** A tenth of the rate with the smallest loss. */
export function minimum(lrs: readonly number[], losses: readonly number[]): LrSuggestion {
  needPoints("minimum", lrs, 1);
  const { point } = at(lrs, losses, losses.indexOf(Math.min(...losses)));
  return { lr: point.lr / 10, point };
}

/** Where the loss falls fastest against the logarithm of the rate. */
export function steep(lrs: readonly number[], losses: readonly number[]): LrSuggestion {
  needPoints("steep", lrs, 2);
  const slopes = losses.slice(1).map((loss, i) => (loss - losses[i]!) / (Math.log(lrs[i + 1]!) - Math.log(lrs[i]!)));
  return at(lrs, losses, slopes.indexOf(Math.min(...slopes)));
}

export interface SlideOptions {
  /** Points between the two slopes that are compared. @defaultValue 15 */
  lrDiff?: number;
  /** @defaultValue 0.005 */
  thresh?: number;
  /** The suggestion is multiplied by it. @defaultValue 1 */
  adjustValue?: number;
}

/** Slides back from the end until the slope stops changing. @see https://forums.fast.ai/t/39797 */
export function slide(
  lrs: readonly number[],
  losses: readonly number[],
  { lrDiff = 15, thresh = 0.005, adjustValue = 1 }: SlideOptions = {},
): LrSuggestion {
  needPoints("slide", lrs, lrDiff + 1);
  const n = losses.length;
  const slopes = gradient(losses);
  let right = n - 1;
  let left = right - lrDiff;
  let best = lrs[left]!;
  while (left >= 0 && Math.abs(slopes[right]! - slopes[left]!) > thresh) {
    best = lrs[left]!;
    right -= 1;
    left -= 1;
  }
  const lr = best * adjustValue;
  return { lr, point: { lr, loss: interpolate(Math.log10(lr), lrs.map(Math.log10), losses) } };
}

function at(lrs: readonly number[], losses: readonly number[], index: number): LrSuggestion {
  const lr = lrs[index] ?? Number.NaN;
  return { lr, point: { lr, loss: losses[index] ?? Number.NaN } };
}

function needPoints(name: string, lrs: readonly number[], needed: number): void {
  if (lrs.length >= needed) return;
  throw new OptionError(`lrFind, suggestion "${name}"`, {
    given: `${lrs.length} usable points of the curve`,
    expected: `at least ${needed}`,
    fix: "raise `numIt`, or start at a lower `startLr`: the loss grew or became NaN too early",
  });
}

/** Central differences, one-sided at the ends, unit spacing. */
function gradient(y: readonly number[]): number[] {
  const last = y.length - 1;
  return y.map((_, i) => {
    if (i === 0) return y[1]! - y[0]!;
    if (i === last) return y[last]! - y[last - 1]!;
    return (y[i + 1]! - y[i - 1]!) / 2;
  });
}

function interpolate(x: number, xs: readonly number[], ys: readonly number[]): number {
  const i = xs.findIndex((v) => v >= x);
  if (i < 0) return ys.at(-1)!;
  if (i === 0) return ys[0]!;
  const t = (x - xs[i - 1]!) / (xs[i]! - xs[i - 1]!);
  return ys[i - 1]! + t * (ys[i]! - ys[i - 1]!);
}
