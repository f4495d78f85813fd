import * as tf from "@tensorflow/tfjs-core";
import { kernel } from "../addon.ts";
import type { NativeBackend, NativeInfo } from "../backend.ts";

const copyStrided = kernel("copyStrided");

/** How many dimensions a strided copy can have. */
export const maxCopyRank = 12;

/** Whether a tensor's numbers lie in native memory. */
export function isNumeric({ dtype }: tf.TensorInfo): boolean {
  return dtype === "float32" || dtype === "int32" || dtype === "bool";
}

export function bytesOf({ dtype }: tf.TensorInfo): number {
  return dtype === "bool" ? 1 : 4;
}

/** Elements from one index to the next along each axis, the last included. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i]!;
  }
  return strides;
}

/** What a copy reads or writes: where it begins, in elements, and the distance of neighbors along each dimension. */
export interface Layout {
  offset?: number;
  strides: readonly number[];
}

/** Copies `sizes` elements of `x`, read as `from` says, to `out`, written as `to` says (by default all of it in order). */
export function copy(
  backend: NativeBackend,
  x: tf.TensorInfo,
  out: NativeInfo,
  sizes: readonly number[],
  from: Layout,
  to: Layout = { strides: stridesOf(sizes) },
): void {
  for (const size of sizes) if (size === 0) return;
  const bytes = bytesOf(x);
  copyStrided(
    backend.pointer(x) + (from.offset ?? 0) * bytes,
    out.dataId.pointer + (to.offset ?? 0) * bytes,
    bytes,
    sizes.length,
    ...sizes,
    ...to.strides,
    ...from.strides,
  );
}

/** The sum of the products of two lists of numbers: where indices lead. */
export function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Product of the sizes from one axis up to, but not including, another. */
export function product(shape: readonly number[], from = 0, to: number = shape.length): number {
  return tf.util.sizeFromShape(shape.slice(from, to));
}
