import { Callback } from "@layerwise/core/learner";
import * as tf from "@tensorflow/tfjs-core";

/** Makes another batch of a batch; runs inside `tf.tidy`. */
export type BatchFunc = (
  callback: Callback,
  xb: readonly tf.Tensor[],
  yb: readonly tf.Tensor[],
) => [xb: tf.Tensor[], yb: tf.Tensor[]];

/** A callback that replaces each batch before the model sees it, in training and validation. */
export function beforeBatchCb(func: BatchFunc): Callback {
  return new Callback({
    beforeBatch: (callback) => {
      const { learn } = callback;
      const [xb, yb] = tf.tidy(() => func(callback, learn.xb, learn.yb));
      learn.xb = xb;
      learn.yb = yb;
    },
  });
}
