import * as tf from "@tensorflow/tfjs-core";
import { checkOptions, type KnownOptions } from "../checkOptions.ts";
import { BaseLoss, type LossOptions } from "./baseLoss.ts";
import { checkClassTarget, checkNumber, checkWeightCount, checkWeights } from "./checkTargets.ts";

/** Options of losses whose targets are class indices. */
export interface ClassLossOptions extends LossOptions {
  /** Axis of the classes in `pred`. @defaultValue -1 */
  axis?: number;
  /** A factor per class. @defaultValue 1 for each */
  weight?: readonly number[] | undefined;
  /** Unreduced losses come as one row of numbers; false gives them the shape of the targets. @defaultValue true */
  flatten?: boolean;
}

export const CLASS_LOSS: KnownOptions<ClassLossOptions> = { reduction: true, axis: true, weight: true, flatten: true };

/** Base of losses whose targets are class indices: probabilities by softmax, the prediction by argmax. */
export abstract class ClassLoss extends BaseLoss {
  override readonly yInt: boolean = true;
  readonly axis: number;
  readonly weight: readonly number[] | undefined;
  readonly flatten: boolean;

  constructor(options: ClassLossOptions = {}) {
    checkOptions(new.target.name, options, CLASS_LOSS);
    const { axis = -1, weight, flatten = true, ...rest } = options;
    super(rest);
    this.axis = checkNumber(new.target.name, "axis", axis);
    this.flatten = flatten;
    this.weight = checkWeights(new.target.name, "weight", weight);
  }

  /** Class axis last and everything before it flat. */
  protected rows(pred: tf.Tensor, target: tf.Tensor | undefined): { logits: tf.Tensor2D; target: tf.Tensor1D } {
    const classIndices = checkClassTarget(this.name, pred, target, this.axis);
    const last = lastAxis(pred, this.axis);
    const classes = last.shape[last.shape.length - 1]!;
    if (this.weight) checkWeightCount(this.name, "weight", this.weight, classes);
    return {
      logits: tf.reshape(last, [-1, classes]), // [M, C]
      target: tf.cast(tf.reshape(classIndices, [-1]), "int32"), // [M]
    };
  }

  /** Losses of single rows, `[M]`, as `reduction: "none"` returns them. */
  protected unreduced(losses: tf.Tensor, pred: tf.Tensor): tf.Tensor {
    return this.flatten ? losses : tf.reshape(losses, withoutAxis(pred.shape, this.axis));
  }

  override activation(pred: tf.Tensor): tf.Tensor {
    return softmax(pred, this.axis);
  }

  override decodes(activated: tf.Tensor): tf.Tensor {
    return tf.argMax(activated, this.axis);
  }

  protected override args(): Record<string, unknown> {
    return { axis: this.axis, flatten: this.flatten, ...(this.weight && { weight: this.weight }) };
  }
}

function withoutAxis(shape: readonly number[], axis: number): number[] {
  const at = axis < 0 ? axis + shape.length : axis;
  return shape.filter((_, i) => i !== at);
}

function isLast(x: tf.Tensor, axis: number): boolean {
  return axis === -1 || axis === x.shape.length - 1;
}

/** Order of axes that brings `axis` to the end. */
function toLast(rank: number, axis: number): number[] {
  const at = axis < 0 ? axis + rank : axis;
  return withoutAxis([...Array(rank).keys()], axis).concat(at);
}

/** `x` with `axis` moved to the end. */
export function lastAxis(x: tf.Tensor, axis: number): tf.Tensor {
  return isLast(x, axis) ? x : tf.transpose(x, toLast(x.shape.length, axis));
}

/** Softmax over any axis. */
export function softmax(x: tf.Tensor, axis: number): tf.Tensor {
  if (isLast(x, axis)) return tf.softmax(x);
  const order = toLast(x.shape.length, axis);
  const back = order.map((_, i) => order.indexOf(i));
  return tf.tidy(() => tf.transpose(tf.softmax(tf.transpose(x, order)), back));
}
