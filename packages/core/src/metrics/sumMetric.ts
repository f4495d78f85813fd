import * as tf from "@tensorflow/tfjs-core";
import { Metric, type MetricInput } from "./metric.ts";

/**
 * A metric made of sums over the data: a short vector per batch stays on the device, and `value` adds them up in
 * float64, so that counts of many pixels stay exact.
 */
export abstract class SumMetric extends Metric {
  #perBatch: tf.Tensor1D[] = [];

  /** Sums of one batch. Runs inside `tf.tidy`. */
  protected abstract sums(input: MetricInput): tf.Tensor1D;

  /** The metric from the sums of the whole pass. */
  protected abstract finish(sums: Float64Array): number | null;

  reset(): void {
    tf.dispose(this.#perBatch);
    this.#perBatch = [];
  }

  accumulate(input: MetricInput): void {
    this.#perBatch.push(tf.keep(tf.tidy(() => this.sums(input))));
  }

  async value(): Promise<number | null> {
    const [first] = this.#perBatch;
    if (first === undefined) return null;
    const all = tf.concat(this.#perBatch);
    try {
      const total = new Float64Array(first.size);
      for (const [i, v] of (await all.data()).entries()) total[i % total.length]! += v;
      return this.finish(total);
    } finally {
      all.dispose();
    }
  }
}
