import * as tf from "@tensorflow/tfjs-core";
import { kernel } from "../addon.ts";
import type { NativeBackend } from "../backend.ts";
import type { KernelTable } from "../kernelTable.ts";

const fills = { float32: kernel("fillFloat"), int32: kernel("fillInt"), bool: kernel("fillBool") };

/** A new tensor of one number over and over. */
export function filled(
  backend: NativeBackend,
  shape: number[],
  dtype: keyof typeof fills,
  value: number,
): tf.TensorInfo {
  const out = backend.output(shape, dtype);
  const { pointer, size } = out.dataId;
  if (size > 0) fills[dtype](pointer, size, value);
  return out;
}

export const fillKernels: KernelTable = {
  [tf.Fill]: (backend, _, { shape, value, dtype }) => {
    const type = (dtype ?? tf.util.inferDtype(value)) as tf.DataType;
    return isNumeric(type) ? filled(backend, shape, type, value) : undefined;
  },
  [tf.ZerosLike]: (backend, { x }) => (isNumeric(x!.dtype) ? filled(backend, x!.shape, x!.dtype, 0) : undefined),
  [tf.OnesLike]: (backend, { x }) => (isNumeric(x!.dtype) ? filled(backend, x!.shape, x!.dtype, 1) : undefined),
};

function isNumeric(dtype: tf.DataType): dtype is keyof typeof fills {
  return dtype in fills;
}
