import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { OptionError } from "../errors.ts";
import { Metric, type MetricInput } from "./metric.ts";

/** Options of {@link OptimMetric}. */
export interface OptimMetricOptions {
  /** Where to look. */
  bounds: readonly [low: number, high: number];
  /** How exactly to find the argument. @defaultValue 0.01 */
  tol?: number;
  /** Look for the largest value; false: for the smallest. @defaultValue true */
  maximize?: boolean;
  /** Column title. @defaultValue "opt" and the metric's name */
  name?: string;
}

/**
 * The best value a metric reaches over one of its arguments, such as a threshold:
 * `optimMetric((thresh) => f1ScoreMulti({ thresh }), { bounds: [0.2, 0.8] })`. `best` holds where that was.
 */
export class OptimMetric extends Metric {
  readonly name: string;
  readonly #make: (argument: number) => Metric;
  readonly #options: Required<Omit<OptimMetricOptions, "name">>;
  #batches: MetricInput[] = [];
  #best: { argument: number; value: number } | null = null;

  constructor(make: (argument: number) => Metric, options: OptimMetricOptions) {
    super();
    checkOptions("optimMetric", options, { bounds: true, tol: true, maximize: true, name: true });
    const { bounds, tol = 0.01, maximize = true, name } = options;
    const [low, high] = bounds ?? [];
    if (!(low < high && Number.isFinite(low) && Number.isFinite(high) && tol > 0)) {
      throw new OptionError("optimMetric", {
        given: `bounds [${low}, ${high}], tol ${tol}`,
        expected: "a lower and a higher bound, and a tol above 0",
      });
    }
    this.#make = make;
    this.#options = { bounds, tol, maximize };
    const inner = make(low).name;
    this.name = name ?? `opt${inner.charAt(0).toUpperCase()}${inner.slice(1)}`;
  }

  /** Best argument and value of the latest `value()`. */
  get best(): { readonly argument: number; readonly value: number } | null {
    return this.#best;
  }

  reset(): void {
    for (const { pred, loss, yb } of this.#batches) tf.dispose([pred, loss, ...yb]);
    this.#batches = [];
  }

  accumulate(input: MetricInput): void {
    const own = (x: tf.Tensor) => tf.keep(tf.clone(x));
    this.#batches.push({ ...input, pred: own(input.pred), loss: own(input.loss), yb: input.yb.map(own) });
  }

  async value(): Promise<number | null> {
    this.#best = null;
    if (this.#batches.length === 0) return null;
    const { bounds, tol, maximize } = this.#options;
    const sign = maximize ? -1 : 1;
    const cost = async (argument: number) => {
      const value = await this.#valueAt(argument);
      return value === null ? Number.POSITIVE_INFINITY : sign * value;
    };
    const { x, y } = await minimizeBounded(cost, bounds, tol);
    if (!Number.isFinite(y)) return null;
    this.#best = { argument: x, value: sign * y };
    return this.#best.value;
  }

  async #valueAt(argument: number): Promise<number | null> {
    const metric = this.#make(argument);
    try {
      for (const batch of this.#batches) metric.accumulate(batch);
      return await metric.value();
    } finally {
      metric.dispose();
    }
  }
}

/** {@link OptimMetric} without `new`. */
export function optimMetric(make: (argument: number) => Metric, options: OptimMetricOptions): OptimMetric {
  return new OptimMetric(make, options);
}

/**
 * Smallest value of `f` between bounds: golden sections, and parabolas where they help.
 * @see Brent 1973, "Algorithms for Minimization without Derivatives", chapter 5
 */
export async function minimizeBounded(
  f: (x: number) => Promise<number>,
  [low, high]: readonly [number, number],
  tol: number,
  maxSteps = 500,
): Promise<{ x: number; y: number }> {
  const golden = (3 - Math.sqrt(5)) / 2;
  const rootEps = Math.sqrt(2.2e-16);
  let [a, b] = [low, high];
  let x = a + golden * (b - a);
  let y = await f(x);
  let [second, ySecond, third, yThird] = [x, y, x, y];
  let [step, stepBefore] = [0, 0];
  for (let i = 1; i < maxSteps; i++) {
    const middle = (a + b) / 2;
    const tol1 = rootEps * Math.abs(x) + tol / 3;
    if (Math.abs(x - middle) <= 2 * tol1 - (b - a) / 2) break;
    let useGolden = true;
    if (Math.abs(stepBefore) > tol1) {
      let r = (x - second) * (y - yThird);
      let q = (x - third) * (y - ySecond);
      let p = (x - third) * q - (x - second) * r;
      q = 2 * (q - r);
      if (q > 0) p = -p;
      q = Math.abs(q);
      r = stepBefore;
      stepBefore = step;
      if (Math.abs(p) < Math.abs(0.5 * q * r) && p > q * (a - x) && p < q * (b - x)) {
        step = p / q;
        const at = x + step;
        if (at - a < 2 * tol1 || b - at < 2 * tol1) step = middle >= x ? tol1 : -tol1;
        useGolden = false;
      }
    }
    if (useGolden) {
      stepBefore = x >= middle ? a - x : b - x;
      step = golden * stepBefore;
    }
    const at = x + (step >= 0 ? 1 : -1) * Math.max(Math.abs(step), tol1);
    const value = await f(at);
    if (value <= y) {
      if (at >= x) a = x;
      else b = x;
      [third, yThird, second, ySecond, x, y] = [second, ySecond, x, y, at, value];
    } else {
      if (at < x) a = at;
      else b = at;
      if (value <= ySecond || second === x) [third, yThird, second, ySecond] = [second, ySecond, at, value];
      else if (value <= yThird || third === x || third === second) [third, yThird] = [at, value];
    }
  }
  return { x, y };
}
