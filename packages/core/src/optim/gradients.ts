import * as tf from "@tensorflow/tfjs-core";
import type { Parameter } from "../nn/parameter.ts";

type Grads = Map<Parameter, tf.Tensor>;

/**
 * Length of all gradients together, scalar on the device; the caller's to free.
 * @param normType - 2 for the Euclidean length, `Infinity` for the largest absolute entry
 */
export function gradNorm(grads: ReadonlyMap<Parameter, tf.Tensor>, normType = 2): tf.Tensor {
  return tf.tidy(() => {
    if (grads.size === 0) return tf.scalar(0);
    const each = [...grads.values()];
    if (normType === Number.POSITIVE_INFINITY) return tf.max(tf.stack(each.map((g) => tf.max(tf.abs(g)))));
    if (normType === 2) return tf.sqrt(tf.addN(each.map((g) => tf.sum(tf.square(g)))));
    return tf.pow(tf.addN(each.map((g) => tf.sum(tf.pow(tf.abs(g), normType)))), 1 / normType);
  });
}

/** Multiplies every gradient by `factor`, in place of the old ones. */
export function scaleGrads(grads: Grads, factor: number | tf.Tensor): void {
  const by = typeof factor === "number" ? tf.scalar(factor) : factor;
  for (const [p, grad] of grads) {
    grads.set(p, tf.keep(tf.mul(grad, by)));
    grad.dispose();
  }
  if (by !== factor) by.dispose();
}

/** Scales all gradients down together until their length is at most `maxNorm`; shorter ones stay as they are. */
export function clipGradNorm(grads: Grads, maxNorm: number, normType = 2): void {
  const factor = tf.tidy(() => {
    const room = tf.div(maxNorm, tf.add(gradNorm(grads, normType), 1e-6)); // 1e-6 as in PyTorch
    return tf.minimum(room, 1);
  });
  scaleGrads(grads, factor);
  factor.dispose();
}
