import { OptionError } from "@layerwise/core";
import { TypedTensor } from "@layerwise/core/tensor";
import { Tuple } from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";

/** Number of samples in a batch, or 1. */
export function batchSizeOf(x: unknown): number {
  const first = x instanceof Tuple ? x.find(TypedTensor) : x;
  return first instanceof TypedTensor ? (first.shape[0] ?? 1) : 1;
}

/** Rows of `data` where `flags` is false, rows of `change(data)` where it is true; untouched if none is. */
export function choose(flags: readonly boolean[], data: tf.Tensor, change: (data: tf.Tensor) => tf.Tensor): tf.Tensor {
  if (!flags.includes(true)) return tf.clone(data);
  if (!flags.includes(false)) return change(data);
  const shape = [flags.length, ...data.shape.slice(1).map(() => 1)];
  return tf.where(tf.tensor(flags.map(Number), shape, "bool"), change(data), data);
}

/** @throws {@link OptionError} unless it is 0…1 */
export function checkProbability(where: string, p: number): void {
  if (p >= 0 && p <= 1) return;
  throw new OptionError(where, { given: `p = ${p}`, expected: "a probability from 0 to 1" });
}
