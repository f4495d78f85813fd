import { OptionError } from "../errors.ts";
import { drawn, normalDraw, skipsInit, uniformDraw } from "./draws.ts";
import type { Weight } from "./parameter.ts";

export interface TruncatedNormalOptions {
  /** @defaultValue 0 */
  mean?: number;
  /** @defaultValue 1 */
  std?: number;
  /** Smallest number that may be drawn. @defaultValue -2 */
  low?: number;
  /** Largest number that may be drawn. @defaultValue 2 */
  high?: number;
}

/**
 * Normal numbers, those beyond `low` and `high` drawn again, as `torch.nn.init.trunc_normal_` does.
 * fastai's `truncNormal` folds them back instead.
 */
export function truncatedNormal(weight: Weight, options: TruncatedNormalOptions = {}): void {
  const { mean = 0, std = 1, low = -2, high = 2 } = options;
  if (!(std > 0) || !(low < high)) {
    throw new OptionError("truncatedNormal", {
      given: `std ${std}, low ${low}, high ${high}`,
      expected: "a positive std, and low below high",
    });
  }
  if (skipsInit()) return;
  const inside = normalShare((high - mean) / std) - normalShare((low - mean) / std);
  const draw = inside > 0.3 ? redrawOutside : rejectFlat;
  weight.assign(drawn(weight.shape, (values) => draw(values, { mean, std, low, high }), weight.layout));
}

/** Draws whole tensors of normal numbers and takes from each what is still missing. */
function redrawOutside(values: Float32Array, { mean, std, low, high }: Required<TruncatedNormalOptions>): void {
  const normal = normalDraw(mean, std);
  const [first, last] = [Math.fround(low), Math.fround(high)];
  const isOutside = (value: number) => value < first || value > last;
  const next = new Float32Array(values.length);
  normal(values);
  while (values.some(isOutside)) {
    normal(next);
    for (let i = 0; i < values.length; i++) if (isOutside(values[i]!)) values[i] = next[i]!;
  }
}

/** Draws evenly between the limits and keeps each number in proportion to its density: for narrow limits in a tail. */
function rejectFlat(values: Float32Array, { mean, std, low, high }: Required<TruncatedNormalOptions>): void {
  const even = uniformDraw(low, high);
  const chance = uniformDraw();
  const peak = -0.5 * ((Math.max(low, Math.min(mean, high)) - mean) / std) ** 2;
  const [next, chances] = [new Float32Array(values.length), new Float32Array(values.length)];
  let pending = Array.from(values, (_, i) => i);
  while (pending.length > 0) {
    even(next);
    chance(chances);
    for (const i of pending) values[i] = next[i]!;
    pending = pending.filter((i) => Math.log(chances[i]!) > -0.5 * ((next[i]! - mean) / std) ** 2 - peak);
  }
}

/** Share of normal numbers below `x`, to about 1e-7. @see Abramowitz & Stegun 7.1.26 */
function normalShare(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const poly = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592].reduce((sum, c) => sum * t + c, 0);
  const above = (poly * t * Math.exp(-z * z)) / 2;
  return x > 0 ? 1 - above : above;
}
