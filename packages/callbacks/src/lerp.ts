import * as tf from "@tensorflow/tfjs-core";

/**
 * `from + weight (to - from)`, in float32.
 * @param weight - a number, or `[N]`: one per item, the same for all numbers of the item
 */
export function lerp(from: tf.Tensor, to: tf.Tensor, weight: number | tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const [a, b] = [tf.cast(from, "float32"), tf.cast(to, "float32")];
    const w = weight instanceof tf.Tensor ? tf.reshape(weight, [-1, ...b.shape.slice(1).map(() => 1)]) : weight;
    return tf.add(a, tf.mul(tf.sub(b, a), w));
  });
}
