import * as tf from "@tensorflow/tfjs-core";

/** One step of a sequence, `[N, T, D]` → `[N, D]`. */
export function atTime(sequence: tf.Tensor, t: number): tf.Tensor2D {
  const [n, , d] = sequence.shape as [number, number, number];
  return tf.reshape(tf.slice(sequence, [0, t, 0], [n, 1, d]), [n, d]);
}

/** `[N, T, D]` → `[N·T, D]`. */
export function flattenTime(sequence: tf.Tensor): tf.Tensor2D {
  const [n, steps, d] = sequence.shape as [number, number, number];
  return tf.reshape(sequence, [n * steps, d]);
}

/** The hidden state that every step started from, `[N·T, H]`. */
export function previousStates(h0: tf.Tensor, output: tf.Tensor): tf.Tensor2D {
  const [n, steps, d] = output.shape as [number, number, number];
  const first = tf.expandDims(h0, 1);
  return flattenTime(steps === 1 ? first : tf.concat([first, tf.slice(output, [0, 0, 0], [n, steps - 1, d])], 1));
}

/** The sum of two biases, either of which may be missing. */
export function bias2(a: tf.Tensor | undefined, b: tf.Tensor | undefined): tf.Tensor | undefined {
  return a !== undefined && b !== undefined ? tf.add(a, b) : (a ?? b);
}
