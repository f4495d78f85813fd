import * as tf from "@tensorflow/tfjs-core";
import type { TensorValues } from "./kinds.ts";

/** Name of the kernel that a backend may have for it. */
export const stackRowsKernel = "LayerwiseStackRows";

/** Below this many numbers a row is not worth a kernel. */
const LARGE = 1024;

/**
 * Stacks the values of samples, of one length, to a tensor `[N, ...shape]`. Large ones go straight into the memory of a
 * backend that has a kernel for it, which saves the memory of a batch and a copy.
 */
export function stackRows(rows: readonly TensorValues[], shape: readonly number[], dtype: tf.DataType): tf.Tensor {
  const size = rows[0]?.length ?? 0;
  const whole = [rows.length, ...shape];
  if (size >= LARGE && tf.getKernel(stackRowsKernel, tf.getBackend()) !== undefined) {
    return tf.engine().runKernel(stackRowsKernel, {}, { rows, shape: whole, dtype } as never);
  }
  const values = allocate(dtype, rows.length * size);
  for (const [i, row] of rows.entries()) {
    if (size === 1) values[i] = row[0]!;
    else values.set(row, i * size);
  }
  return tf.tensor(values, whole, dtype);
}

function allocate(dtype: tf.DataType, length: number): Float32Array | Int32Array | Uint8Array {
  if (dtype === "float32") return new Float32Array(length);
  return dtype === "bool" ? new Uint8Array(length) : new Int32Array(length);
}
