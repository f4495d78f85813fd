import * as tf from "@tensorflow/tfjs-core";
import { ElementwiseLoss, withSlope } from "./elementwiseLoss.ts";

/** Squared error, for regression. `call(pred, target)`: as many targets as outputs. */
export class MSELossFlat extends ElementwiseLoss {
  override readonly name: string = "MSELossFlat";

  protected override each(pred: tf.Tensor, target: tf.Tensor): tf.Tensor {
    return tf.squaredDifference(pred, target);
  }
}

/** Absolute error, for regression that must not be ruled by outliers. `call(pred, target)`: as many targets as outputs. */
export class L1LossFlat extends ElementwiseLoss {
  override readonly name: string = "L1LossFlat";

  protected override each(pred: tf.Tensor, target: tf.Tensor): tf.Tensor {
    return withSlope(tf.sub(pred, target), tf.abs, tf.sign);
  }
}
