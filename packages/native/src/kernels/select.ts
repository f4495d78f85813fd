import * as tf from "@tensorflow/tfjs-core";
import { kernel } from "../addon.ts";
import type { NativeBackend } from "../backend.ts";
import type { KernelTable } from "../kernelTable.ts";

const selectWords = kernel("selectWords");
const selectBytes = kernel("selectBytes");
const addAll = { float32: kernel("addAllFloat"), int32: kernel("addAllInt") };

/** As many tensors as fit with a call's other arguments. */
const maxTensors = 60;

export const selectKernels: KernelTable = {
  [tf.Select]: (backend, { condition, t, e }) => {
    if (t!.dtype !== e!.dtype || condition!.dtype !== "bool" || !isPlain(t!.dtype)) return undefined;
    const out = backend.output(t!.shape, t!.dtype);
    const { pointer, size } = out.dataId;
    if (size === 0) return out;
    const rows = tf.util.sizeFromShape(condition!.shape); // as many as `t` has elements, or, by its first axis, rows
    const run = t!.dtype === "bool" ? selectBytes : selectWords;
    const [yes, no] = [backend.pointer(t!), backend.pointer(e!)];
    run(backend.pointer(condition!), yes, no, pointer, rows, size / rows);
    return out;
  },
  [tf.AddN]: (backend, inputs) => sumOf(backend, inputs as unknown as tf.TensorInfo[]),
};

/** The sum of tensors of one shape. */
function sumOf(backend: NativeBackend, tensors: readonly tf.TensorInfo[]): tf.TensorInfo | undefined {
  const [{ shape, dtype }] = tensors as [tf.TensorInfo];
  if (dtype !== "float32" && dtype !== "int32") return undefined;
  if (tensors.length > maxTensors || tensors.some((x) => x.dtype !== dtype)) return undefined;
  const out = backend.output(shape, dtype);
  const { pointer, size } = out.dataId;
  if (size > 0) addAll[dtype](pointer, size, tensors.length, ...tensors.map((x) => backend.pointer(x)));
  return out;
}

function isPlain(dtype: tf.DataType): boolean {
  return dtype === "float32" || dtype === "int32" || dtype === "bool";
}
