import * as tf from "@tensorflow/tfjs-core";
import type { Learner } from "./learner.ts";

/**
 * Keeps weights, buffers and optimizer state on the device.
 * @returns a function that goes back to them; call it once, it also frees the copies
 */
export function snapshot(learn: Learner): () => void {
  const owned = [...learn.model.namedParameters(), ...learn.model.namedBuffers()].map(([, entry]) => entry);
  const values = owned.map((entry) => copy(entry.value));
  const { opt } = learn;
  const restoreOptimizer = opt?.remember();
  return () => {
    for (const [i, entry] of owned.entries()) entry.assign(values[i]!);
    opt?.zeroGrad();
    restoreOptimizer?.();
  };
}

/** Own memory: kernels may write into a parameter in place, which a clone would share. */
function copy(value: tf.Tensor): tf.Tensor {
  return tf.keep(tf.tidy(() => tf.mul(value, tf.onesLike(value))));
}
