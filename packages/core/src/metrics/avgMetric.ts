import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { OptionError } from "../errors.ts";
import { Metric, type MetricInput } from "./metric.ts";

/** A number per batch: the mean over its items, a scalar. `metricName` is its column title, if not the function's name. */
export interface MetricFunc {
  (pred: tf.Tensor, ...targets: tf.Tensor[]): tf.Tensor;
  readonly metricName?: string;
}

/** Gives a function the column title that it keeps when a bundler shortens its name. */
export function metricFunc(metricName: string, func: MetricFunc): MetricFunc {
  return Object.assign(func, { metricName });
}

/** Mean over the data of a number per batch, `Σ number · batch size / Σ batch size`; the sum stays on the device. */
export abstract class BatchMean extends Metric {
  #sum: tf.Tensor | null = null;
  #count = 0;

  /** The batch's number, a scalar. Runs inside `tf.tidy`. */
  protected abstract batchMean(input: MetricInput): tf.Tensor;

  reset(): void {
    this.#sum?.dispose();
    this.#sum = null;
    this.#count = 0;
  }

  accumulate(input: MetricInput): void {
    const before = this.#sum;
    this.#sum = tf.tidy(() => {
      const sum = tf.mul(this.batchMean(input), input.batchSize);
      return tf.keep(before ? tf.add(before, sum) : sum);
    });
    before?.dispose();
    this.#count += input.batchSize;
  }

  async value(): Promise<number | null> {
    if (this.#sum === null || this.#count === 0) return null;
    return (await this.#sum.data())[0]! / this.#count;
  }
}

/** Mean of `func` over the data, each batch counted by its size. */
export class AvgMetric extends BatchMean {
  readonly name: string;
  readonly func: MetricFunc;

  constructor(func: MetricFunc, { name = func.metricName ?? (func.name || "metric") }: { name?: string } = {}) {
    super();
    this.func = func;
    this.name = name;
  }

  protected batchMean({ pred, yb }: MetricInput): tf.Tensor {
    const mean = this.func(pred, ...yb);
    if (mean instanceof tf.Tensor && mean.size === 1) return tf.cast(tf.reshape(mean, []), "float32");
    throw new OptionError(`metric "${this.name}"`, {
      given: mean instanceof tf.Tensor ? `a tensor [${mean.shape}]` : `a ${typeof mean}`,
      expected: "one number per batch, as a scalar tensor",
      fix: "take the mean over the batch before returning",
    });
  }
}

/** Mean of the loss over the data, each batch counted by its size. */
export class AvgLoss extends BatchMean {
  readonly name: string = "loss";

  protected batchMean({ loss }: MetricInput): tf.Tensor {
    return tf.mean(loss);
  }
}

/** Options of {@link AvgSmoothLoss}. */
export interface AvgSmoothLossOptions {
  /** Share of the past in each update, 0 up to but not 1. @defaultValue 0.98 */
  beta?: number;
}

/** Exponentially weighted mean of the training loss, corrected for its start at 0; lives on the device. */
export class AvgSmoothLoss extends Metric {
  readonly name: string = "loss";
  readonly beta: number;
  #mean: tf.Tensor | null = null;
  #count = 0;

  constructor(options: AvgSmoothLossOptions = {}) {
    super();
    checkOptions("AvgSmoothLoss", options, { beta: true });
    const { beta = 0.98 } = options;
    if (!(beta >= 0 && beta < 1)) {
      throw new OptionError("AvgSmoothLoss", { given: `beta ${beta}`, expected: "a number from 0 up to but not 1" });
    }
    this.beta = beta;
  }

  /** Batches seen. */
  get count(): number {
    return this.#count;
  }

  reset(): void {
    this.#mean?.dispose();
    this.#mean = null;
    this.#count = 0;
  }

  accumulate({ loss }: MetricInput): void {
    const before = this.#mean;
    this.#mean = tf.tidy(() => {
      const now = tf.mul(tf.mean(loss), 1 - this.beta);
      return tf.keep(before ? tf.add(tf.mul(before, this.beta), now) : now);
    });
    before?.dispose();
    this.#count++;
  }

  /** The smoothed loss as a scalar on the device, the caller's; null before the first batch. */
  current(): tf.Tensor | null {
    return this.#mean && tf.div(this.#mean, 1 - this.beta ** this.#count);
  }

  async value(): Promise<number | null> {
    if (this.#mean === null) return null;
    const debias = 1 - this.beta ** this.#count;
    return (await this.#mean.data())[0]! / debias;
  }
}
