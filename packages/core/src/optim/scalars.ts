import * as tf from "@tensorflow/tfjs-core";

let current: Map<number, tf.Tensor> | undefined;

/**
 * A number as a tensor. Within a step every parameter with the same hyper-parameters shares one, instead of
 * uploading it again for each op.
 */
export function scalar(x: number): tf.Tensor {
  if (current === undefined) return tf.scalar(x);
  let tensor = current.get(x);
  if (tensor === undefined) {
    tensor = tf.keep(tf.scalar(x));
    current.set(x, tensor);
  }
  return tensor;
}

/** Runs `step`, then frees the numbers that it shared. */
export function sharingScalars(step: () => void): void {
  const outer = current;
  const own = new Map<number, tf.Tensor>();
  current = own;
  try {
    step();
  } finally {
    current = outer;
    for (const tensor of own.values()) tensor.dispose();
  }
}
