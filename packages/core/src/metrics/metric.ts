import * as tf from "@tensorflow/tfjs-core";
import type { LossFunc } from "../losses/baseLoss.ts";

/** What a metric sees of one batch. */
export interface MetricInput {
  readonly pred: tf.Tensor;
  readonly yb: readonly tf.Tensor[];
  /** The batch's loss, any reduction. */
  readonly loss: tf.Tensor;
  readonly lossFunc: LossFunc;
  readonly training: boolean;
  readonly batchSize: number;
}

/**
 * A number about a whole pass over the data. `reset` before the pass, `accumulate` after each batch (synchronous, reads
 * nothing back), `value` once at the end. What it keeps are sums and counts, or the outputs themselves, so the value
 * does not depend on how the data was cut into batches unless a metric says so.
 */
export abstract class Metric {
  /** Column title; also the name callbacks watch it by. */
  abstract readonly name: string;

  /** Forgets everything, and frees it. */
  abstract reset(): void;

  /** Takes in one batch. The tensors stay the caller's. */
  abstract accumulate(input: MetricInput): void;

  /** @returns null if nothing was seen, or if the number is not defined for what was seen */
  abstract value(): Promise<number | null>;

  /**
   * The metric of one set of predictions and targets. Forgets what was accumulated before.
   * @param pred - as this metric's `accumulate` takes them
   */
  async score(pred: tf.Tensor, ...targets: tf.Tensor[]): Promise<number | null> {
    const loss = tf.scalar(0);
    this.reset();
    try {
      const batchSize = targets[0]?.shape[0] ?? pred.shape[0] ?? 1;
      this.accumulate({ pred, yb: targets, loss, lossFunc: () => loss, training: false, batchSize });
      return await this.value();
    } finally {
      loss.dispose();
      this.reset();
    }
  }

  dispose(): void {
    this.reset();
  }
}

/** A metric of the moment: its value is whatever `func` returns; it accumulates nothing. */
export class ValueMetric extends Metric {
  readonly name: string;
  readonly #func: () => number | null | Promise<number | null>;

  constructor(func: () => number | null | Promise<number | null>, { name }: { name: string }) {
    super();
    this.#func = func;
    this.name = name;
  }

  reset(): void {}

  accumulate(): void {}

  async value(): Promise<number | null> {
    return this.#func();
  }
}
