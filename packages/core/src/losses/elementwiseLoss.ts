import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { BaseLoss, type LossOptions } from "./baseLoss.ts";
import { checkSameSize } from "./checkTargets.ts";
import { reduceLoss } from "./reduction.ts";

/** Options of losses that compare number by number. */
export interface ElementwiseLossOptions extends LossOptions {
  /** Unreduced losses come as one row of numbers; false gives them the shape of `pred`. @defaultValue true */
  flatten?: boolean;
}

/**
 * Base of losses that compare output and target number by number. Shapes may differ as long as the sizes agree
 * (`[N, 1]` against `[N]`); whole-number targets are taken as floats.
 */
export abstract class ElementwiseLoss extends BaseLoss {
  readonly flatten: boolean;

  constructor(options: ElementwiseLossOptions = {}) {
    checkOptions(new.target.name, options, { reduction: true, flatten: true });
    const { flatten = true, ...rest } = options;
    super(rest);
    this.flatten = flatten;
  }

  /** Loss of each number. @param target - float32, shaped like `pred` */
  protected abstract each(pred: tf.Tensor, target: tf.Tensor): tf.Tensor;

  protected override compute(pred: tf.Tensor, target?: tf.Tensor): tf.Tensor {
    const floats = tf.cast(checkSameSize(this.name, pred, target), "float32");
    const losses = this.each(pred, tf.reshape(floats, pred.shape));
    if (this.reduction === "none" && this.flatten) return tf.reshape(losses, [-1]);
    return reduceLoss(losses, this.reduction);
  }

  protected override args(): Record<string, unknown> {
    return { flatten: this.flatten };
  }
}

/**
 * `value(x, fixed)` with `slope(x, fixed)` as its derivative by `x`, where the one tfjs would compose is inexact.
 * What `slope` needs beside `x` must come in as `fixed`: it runs when tensors around the call are gone.
 */
export function withSlope(
  x: tf.Tensor,
  value: (x: tf.Tensor, fixed: tf.Tensor) => tf.Tensor,
  slope: (x: tf.Tensor, fixed: tf.Tensor) => tf.Tensor,
  fixed: tf.Tensor = x,
): tf.Tensor {
  const op = tf.customGrad((...inputs) => {
    const [input, save] = inputs as [tf.Tensor, tf.GradSaveFunc];
    save([input, fixed]);
    return { value: value(input, fixed), gradFunc: (dy, saved) => tf.mul(dy, slope(saved[0]!, saved[1]!)) };
  });
  return op(x);
}
