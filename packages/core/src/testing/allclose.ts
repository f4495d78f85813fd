import * as tf from "@tensorflow/tfjs-core";

/** Numbers in any arrangement: a tensor, an array, arrays of arrays, one number. */
export type Numbers = ArrayLike<number> | tf.Tensor | number | readonly Numbers[];

export interface Tolerance {
  /** Share of the expected number that the other one may be off. @defaultValue 1e-5 */
  rtol?: number;
  /** What it may be off in any case. @defaultValue 1e-6 */
  atol?: number;
}

/** What a comparison found, as matchers of Vitest and Jest return it. */
export interface AllcloseResult {
  pass: boolean;
  message: () => string;
}

/**
 * Compares number by number: `|a - b| <= atol + rtol * |b|`; NaN equals NaN. Shapes are not compared, counts are.
 * @param received - `a`
 * @param expected - `b`
 */
export function allclose(received: Numbers, expected: Numbers, tolerance: Tolerance = {}): AllcloseResult {
  const { rtol = 1e-5, atol = 1e-6 } = tolerance;
  const a = flatten(received);
  const b = flatten(expected);
  if (a.length !== b.length) {
    return { pass: false, message: () => `got ${a.length} numbers, expected ${b.length}` };
  }
  let worst = -1;
  let excess = 0;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (Object.is(x, y) || x === y || (Number.isNaN(x) && Number.isNaN(y))) continue;
    const over = Math.abs(x - y) - (atol + rtol * Math.abs(y));
    if (!(over <= 0) && !(over <= excess)) {
      worst = i;
      excess = over;
    }
  }
  return {
    pass: worst < 0,
    message: () =>
      worst < 0
        ? "every number is close"
        : `at ${worst} of ${a.length}: got ${a[worst]}, expected ${b[worst]} (rtol ${rtol}, atol ${atol})`,
  };
}

/**
 * Throws unless all numbers are close; for any test runner, `node:assert` style.
 * @throws Error that names the number which is furthest off
 */
export function assertAllclose(received: Numbers, expected: Numbers, tolerance: Tolerance = {}): void {
  const { pass, message } = allclose(received, expected, tolerance);
  if (!pass) throw new Error(message());
}

/** For `expect.extend(allcloseMatchers)` of Vitest or Jest. */
export const allcloseMatchers: { toBeAllclose: typeof allclose } = { toBeAllclose: allclose };

/** The matcher's type: `declare module "vitest" { interface Matchers<T> extends AllcloseMatchers<T> {} }`. */
export interface AllcloseMatchers<R = unknown> {
  /** Number by number `|a - b| <= atol + rtol * |b|`; NaN equals NaN. Defaults: rtol 1e-5, atol 1e-6. */
  toBeAllclose(expected: Numbers, tolerance?: Tolerance): R;
}

function flatten(x: Numbers): number[] {
  if (typeof x === "number") return [x];
  if (x instanceof tf.Tensor) return Array.from(x.dataSync());
  return Array.from(x as ArrayLike<number | Numbers>).flatMap((v) => (typeof v === "number" ? [v] : flatten(v)));
}
