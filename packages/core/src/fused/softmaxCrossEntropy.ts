import * as tf from "@tensorflow/tfjs-core";
import { type FusedOp, runFused } from "./fusedOp.ts";

/** `[...indices, depth]`, float32; cast, because the WASM backend writes whole numbers whatever dtype it is asked for. */
export function oneHotFloat(indices: tf.Tensor, depth: number): tf.Tensor {
  if (depth === 1) return tf.expandDims(tf.cast(tf.equal(indices, 0), "float32"), -1); // tfjs starts at 2
  return tf.cast(tf.oneHot(indices as tf.Tensor1D, depth), "float32");
}

/** Gradient by the logits, `(softmax − oneHot) · dy`. */
export const softmaxCrossEntropyGradOp: FusedOp<object> = {
  name: "LayerwiseSoftmaxCrossEntropyGrad",
  outputs: 1,
  composed: ({ logits, target, logSumExp, dy }) => {
    const softmax = tf.exp(tf.sub(logits!, tf.expandDims(logSumExp!, 1))); // [N, C]
    const oneHot = oneHotFloat(target as tf.Tensor1D, logits!.shape[1]!);
    return [tf.mul(tf.sub(softmax, oneHot), tf.expandDims(dy!, 1))];
  },
};

/** Negative log-likelihood of the target class, `logSumExp − logit[target]`; keeps `logSumExp` for the gradient. */
export const softmaxCrossEntropyOp: FusedOp<object> = {
  name: "LayerwiseSoftmaxCrossEntropy",
  outputs: 1,
  composed: ({ logits, target }) => {
    const max = tf.max(logits!, 1, true); // [N, 1]
    const logSumExp = tf.add(tf.log(tf.sum(tf.exp(tf.sub(logits!, max)), 1)), tf.squeeze(max, [1])); // [N]
    const oneHot = oneHotFloat(target as tf.Tensor1D, logits!.shape[1]!);
    return [tf.sub(logSumExp, tf.sum(tf.mul(logits!, oneHot), 1)), logSumExp];
  },
  gradient: ({ dys, inputs, results, attrs }) => {
    const given = { logits: inputs.logits!, target: inputs.target!, logSumExp: results[1]!, dy: dys[0]! };
    return { logits: () => runFused(softmaxCrossEntropyGradOp, given, attrs)[0]! };
  },
};

/**
 * Cross-entropy between the softmax of `logits` and the target class, row by row.
 * @param logits - `[N, C]`
 * @param target - class indices, int32 `[N]`, each in 0…C−1
 * @returns loss of each row, `[N]`
 */
export function softmaxCrossEntropy(logits: tf.Tensor, target: tf.Tensor): tf.Tensor1D {
  return runFused(softmaxCrossEntropyOp, { logits, target }, {})[0] as tf.Tensor1D;
}
