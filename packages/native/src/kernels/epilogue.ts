import * as tf from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";

/** Numbers of the activations that products and convolutions apply themselves, see cc/finish.h. */
const activations: Record<string, number> = {
  linear: 0,
  relu: 1,
  relu6: 2,
  leakyrelu: 3,
  prelu: 3,
  elu: 4,
  sigmoid: 5,
};

/** Attributes that tfjs' fused kernels share. */
export interface FusedAttrs {
  activation?: string;
  leakyreluAlpha?: number;
}

/** What tfjs' kernels without bias or activation pass. */
export const noEpilogue: readonly number[] = [0, 0, 0, 0];

/** Arguments for `readEpilogue` of cc/finish.h; undefined if bias or slopes are not one number per column. */
export function epilogueArgs(
  backend: NativeBackend,
  columns: number,
  bias: tf.TensorInfo | undefined,
  slopes: tf.TensorInfo | undefined,
  { activation = "linear", leakyreluAlpha = 0 }: FusedAttrs,
): number[] | undefined {
  const code = activations[activation];
  if (code === undefined || !isPerColumn(bias, columns) || !isPerColumn(slopes, columns)) return undefined;
  const pointer = (info: tf.TensorInfo | undefined) => (info === undefined ? 0 : backend.pointer(info));
  return [pointer(bias), code, leakyreluAlpha, activation === "prelu" ? pointer(slopes) : 0];
}

function isPerColumn(info: tf.TensorInfo | undefined, columns: number): boolean {
  if (info === undefined) return true;
  const isRow = tf.util.sizeFromShape(info.shape) === columns && (info.shape.at(-1) ?? 1) === columns;
  return isRow && info.dtype === "float32";
}
