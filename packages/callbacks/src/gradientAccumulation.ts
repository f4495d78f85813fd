import { OptionError } from "@layerwise/core";
import { Callback, CancelBatchError, callbackRegistry, type JsonValue } from "@layerwise/core/learner";
import * as tf from "@tensorflow/tfjs-core";

/**
 * Steps only after `nAcc` samples, so that small batches train like a large one. Each batch counts by its size;
 * what exceeds `nAcc` is not carried over, and what is left when the fit ends is forgotten.
 */
export class GradientAccumulation extends Callback {
  static override readonly cbName: string = "gradientAccumulation";
  override readonly order = 6;
  override runValid = false;
  readonly nAcc: number;
  #count = 0;

  /** @param nAcc - samples per step */
  constructor(nAcc = 32) {
    super();
    if (!(nAcc >= 1)) throw new OptionError("GradientAccumulation", { given: `nAcc ${nAcc}`, expected: "at least 1" });
    this.nAcc = nAcc;
  }

  /** Samples since the last step. */
  get count(): number {
    return this.#count;
  }

  override beforeFit(): void {
    this.#count = 0;
    this.learn.opt?.zeroGrad();
  }

  override afterLoss(): void {
    const { learn } = this;
    if (learn.lossGrad) learn.lossGrad = tf.mul<tf.Scalar>(learn.lossGrad, learn.batchSize / this.nAcc);
  }

  override beforeStep(): void {
    const { batchSize } = this.learn;
    this.#giveLossBack();
    this.#count += batchSize;
    if (this.#count < this.nAcc) throw new CancelBatchError(`${this.#count} of ${this.nAcc} samples`);
    this.#count = 0;
  }

  override afterFit(): void {
    this.#count = 0;
    this.learn.opt?.zeroGrad();
  }

  override state(): JsonValue {
    return this.#count;
  }

  override setState(state: JsonValue): void {
    this.#count = Number(state);
  }

  /** Others that look at `lossGrad` from here on see it unscaled. */
  #giveLossBack(): void {
    const { learn } = this;
    const scaled = learn.lossGrad;
    if (scaled === null || scaled === learn.loss || scaled.isDisposed) return;
    learn.lossGrad = tf.mul<tf.Scalar>(scaled, this.nAcc / learn.batchSize);
    scaled.dispose();
  }
}

callbackRegistry.add(GradientAccumulation.cbName, {
  type: GradientAccumulation,
  toArgs: (callback) => ({ nAcc: (callback as GradientAccumulation).nAcc }),
  make: ({ nAcc }) => new GradientAccumulation(nAcc as number),
});
