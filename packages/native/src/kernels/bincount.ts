import * as tf from "@tensorflow/tfjs-core";
import { kernel } from "../addon.ts";
import type { KernelTable, NativeKernelFunc } from "../kernelTable.ts";

const run = kernel("bincount");

/** Counts of one list of numbers; lists of lists are left to tfjs' own. */
const bincount: NativeKernelFunc = (backend, { x, weights }, { size, binaryOutput = false }) => {
  const { dtype } = weights!;
  const isKnown = dtype === "float32" || dtype === "int32";
  if (x!.shape.length !== 1 || x!.dtype !== "int32" || binaryOutput || !isKnown) return undefined;
  const each = backend.data(weights!);
  const out = backend.output([size], dtype);
  const { pointer } = out.dataId;
  try {
    if (size > 0)
      run(
        backend.pointer(x!),
        x!.shape[0]!,
        size,
        each.size > 0 ? each.pointer : 0,
        pointer,
        Number(dtype === "float32"),
      );
    return out;
  } catch (error) {
    backend.disposeData(out.dataId);
    throw error;
  }
};

export const bincountKernels: KernelTable = { [tf.Bincount]: bincount, [tf.DenseBincount]: bincount };
