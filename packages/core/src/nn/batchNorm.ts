import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { checkWhole } from "../checkWhole.ts";
import { fmtShape, ShapeError } from "../errors.ts";
import { batchNormTrain } from "../fused/index.ts";
import { filled } from "./draws.ts";
import { Module } from "./module.ts";
import { Buffer, Parameter } from "./parameter.ts";

export interface BatchNormOptions {
  /** Added to the variance. @defaultValue 1e-5 */
  eps?: number;
  /** Share of the new batch in the running statistics. @defaultValue 0.1 */
  momentum?: number;
  /** Learn a scale and an offset per channel. @defaultValue true */
  affine?: boolean;
}

/**
 * Batch norm over the last axis, by PyTorch's rules: the batch is normalized by its biased variance, the running
 * variance takes in the unbiased one.
 * @see Ioffe & Szegedy 2015, https://arxiv.org/abs/1502.03167
 */
export abstract class BatchNormBase extends Module {
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number;
  weight: Parameter | null;
  bias: Parameter | null;
  runningMean: Buffer;
  runningVar: Buffer;
  protected abstract get ranks(): readonly number[];

  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super();
    checkWhole(new.target.name, "numFeatures", numFeatures, 1);
    checkOptions(new.target.name, options, { eps: true, momentum: true, affine: true });
    const { eps = 1e-5, momentum = 0.1, affine = true } = options;
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.momentum = momentum;
    this.weight = affine ? new Parameter(filled([numFeatures], 1)) : null;
    this.bias = affine ? new Parameter(filled([numFeatures], 0)) : null;
    this.runningMean = new Buffer(filled([numFeatures], 0));
    this.runningVar = new Buffer(filled([numFeatures], 1));
  }

  override forward(x: tf.Tensor): tf.Tensor {
    this.#check(x);
    const weight = this.weight?.value ?? null;
    const bias = this.bias?.value ?? null;
    if (!this.training) return this.#normalize(x, weight, bias);
    return tf.tidy(() => {
      const { y, mean, variance } = batchNormTrain(x, weight, bias, this.eps);
      this.#track(mean, variance, x.size / this.numFeatures);
      return y;
    });
  }

  #normalize(x: tf.Tensor, weight: tf.Tensor | null, bias: tf.Tensor | null): tf.Tensor {
    const mean = this.runningMean.value as tf.Tensor1D;
    const variance = this.runningVar.value as tf.Tensor1D;
    const offset = (bias ?? undefined) as tf.Tensor1D | undefined;
    return tf.batchNorm(x, mean, variance, offset, (weight ?? undefined) as tf.Tensor1D | undefined, this.eps);
  }

  #track(mean: tf.Tensor, variance: tf.Tensor, count: number): void {
    const keep = 1 - this.momentum;
    const unbiased = (this.momentum * count) / (count - 1);
    this.runningMean.assign(tf.add(tf.mul(this.runningMean.value, keep), tf.mul(mean, this.momentum)));
    this.runningVar.assign(tf.add(tf.mul(this.runningVar.value, keep), tf.mul(variance, unbiased)));
  }

  #check(x: tf.Tensor): void {
    const where = this.constructor.name;
    const given = `input ${fmtShape(x.shape)}`;
    if (!this.ranks.includes(x.rank) || x.shape.at(-1) !== this.numFeatures) {
      const expected = `${this.numFeatures} channels on the last of ${this.ranks.join(" or ")} axes`;
      throw new ShapeError(where, { given, expected });
    }
    if (this.training && x.size <= this.numFeatures) {
      throw new ShapeError(where, {
        given,
        expected: "more than one number per channel while training",
        fix: "use a batch size above 1 and drop a last batch of one item (`dropLast: true`)",
      });
    }
  }
}

/** Batch norm of features `[N, C]` or sequences `[N, L, C]`. */
export class BatchNorm1d extends BatchNormBase {
  protected override get ranks(): readonly number[] {
    return [2, 3];
  }
}

/** Batch norm of pictures, `[N, H, W, C]`. */
export class BatchNorm2d extends BatchNormBase {
  protected override get ranks(): readonly number[] {
    return [4];
  }
}

/** Batch norm of volumes, `[N, D, H, W, C]`. */
export class BatchNorm3d extends BatchNormBase {
  protected override get ranks(): readonly number[] {
    return [5];
  }
}

/** Batch norm of the last axis, whatever comes before it. */
export class BatchNorm1dFlat extends BatchNorm1d {
  override forward(x: tf.Tensor): tf.Tensor {
    if (x.rank === 2) return super.forward(x);
    return tf.reshape(super.forward(tf.reshape(x, [-1, x.shape.at(-1)!])), x.shape);
  }
}
