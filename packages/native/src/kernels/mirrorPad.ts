import * as tf from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";
import type { KernelTable } from "../kernelTable.ts";
import { isNumeric } from "./copy.ts";
import { gathered } from "./gather.ts";

/** Which of `size` elements stands at each place after padding: at `offset` 0 the outermost is not repeated. */
function mirrored(size: number, before: number, after: number, offset: 0 | 1): Int32Array {
  return Int32Array.from({ length: before + size + after }, (_, i) => {
    const place = i - before;
    if (place < 0) return -place - offset;
    return place < size ? place : 2 * (size - 1) - place + offset;
  });
}

/** Pads with what is there, read backwards. */
function mirrorPad(
  backend: NativeBackend,
  x: tf.TensorInfo,
  paddings: readonly (readonly [number, number])[],
  mode: "reflect" | "symmetric",
): tf.TensorInfo {
  let result = backend.alias(x, x.shape);
  for (const [axis, [before, after]] of paddings.entries()) {
    if (before + after === 0) continue;
    const list = mirrored(x.shape[axis]!, before, after, mode === "reflect" ? 0 : 1);
    const wider = gathered(backend, result, axis, list);
    backend.disposeData(result.dataId);
    result = wider;
  }
  return result;
}

export const mirrorPadKernels: KernelTable = {
  [tf.MirrorPad]: (backend, { x }, { paddings, mode }) =>
    isNumeric(x!) ? mirrorPad(backend, x!, paddings, mode) : undefined,
};
