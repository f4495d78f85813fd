import * as tf from "@tensorflow/tfjs-core";
import { kernel, type NativeKernel, write } from "../addon.ts";
import type { NativeBackend } from "../backend.ts";
import type { KernelTable } from "../kernelTable.ts";
import { put, take } from "../pool.ts";

/** What layerwise's optimizer passes: entry `i` of each list belongs to the same parameter. */
interface StepAttrs {
  params: tf.TensorInfo[];
  grads: tf.TensorInfo[];
  slots: tf.TensorInfo[][];
  scalars: (readonly number[])[];
}

/** Numbers about one parameter in `cc/kernels/optimizerStep.cc`: parameter, gradient, two slots, size, scalars. */
const rowWidth = 12;
const firstScalar = 5;

/** Steps of all parameters in one call each; they overwrite parameters and slots. */
export const optimizerStepKernels: KernelTable = {
  FusedAdamStep: (backend, _, attrs) => stepAll(backend, kernel("adamStep"), attrs),
  FusedSgdStep: (backend, _, attrs) => stepAll(backend, kernel("sgdStep"), attrs),
};

function stepAll(backend: NativeBackend, step: NativeKernel, { params, grads, slots, scalars }: StepAttrs): [] {
  const table = new Float64Array(params.length * rowWidth);
  for (const [i, param] of params.entries()) {
    const row = i * rowWidth;
    table[row] = backend.pointer(param);
    table[row + 1] = backend.pointer(grads[i]!);
    for (const [k, slot] of slots[i]!.entries()) table[row + 2 + k] = backend.pointer(slot);
    table[row + 4] = tf.util.sizeFromShape(param.shape);
    table.set(scalars[i]!, row + firstScalar);
  }
  const rows = take(table.byteLength);
  try {
    write(rows, table);
    step(rows, params.length);
  } finally {
    put(rows, table.byteLength);
  }
  return [];
}
