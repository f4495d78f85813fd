import type * as tf from "@tensorflow/tfjs-core";
import type { NativeBackend, NativeInfo } from "../backend.ts";

/** Where a tensor that was just made lies. */
export function at(made: NativeInfo): number {
  return made.dataId.pointer;
}

/** Where a tensor lies that the caller may have left out; 0 if so. */
export function optional(backend: NativeBackend, info: tf.TensorInfo | undefined | null): number {
  return info ? backend.pointer(info) : 0;
}
