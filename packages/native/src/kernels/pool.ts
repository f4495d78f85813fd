import * as tf from "@tensorflow/tfjs-core";
import { kernel, type NativeKernel } from "../addon.ts";
import type { NativeBackend } from "../backend.ts";
import type { KernelTable } from "../kernelTable.ts";
import { at } from "./pointers.ts";

const maxPool = kernel("maxPool");
const avgPool = kernel("avgPool");
const maxPoolGrad = kernel("maxPoolGrad");
const avgPoolGrad = kernel("avgPoolGrad");

interface PoolAttrs {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

/** Pooling of pictures, `[N, H, W, C]`. */
export const poolKernels: KernelTable = {
  [tf.MaxPool]: (backend, { x }, attrs) => pooled(backend, maxPool, x!, attrs),
  [tf.AvgPool]: (backend, { x }, attrs) => pooled(backend, avgPool, x!, attrs),
  [tf.MaxPoolGrad]: (backend, { dy, input }, attrs) => {
    if (input!.dtype !== "float32" || dy!.dtype !== "float32") return undefined;
    const dx = backend.output(input!.shape);
    maxPoolGrad(backend.pointer(input!), backend.pointer(dy!), at(dx), ...windows(infoOf(input!, attrs)));
    return dx;
  },
  [tf.AvgPoolGrad]: (backend, { dy, input }, attrs) => {
    if (dy!.dtype !== "float32") return undefined;
    const dx = backend.output(input!.shape);
    avgPoolGrad(backend.pointer(dy!), at(dx), ...windows(infoOf(input!, attrs)));
    return dx;
  },
};

function pooled(
  backend: NativeBackend,
  pool: NativeKernel,
  x: tf.TensorInfo,
  attrs: PoolAttrs,
): tf.TensorInfo | undefined {
  if (x.dtype !== "float32") return undefined;
  const info = infoOf(x, attrs);
  const { filterHeight, filterWidth, inShape, outShape } = info;
  if (filterHeight === 1 && filterWidth === 1 && tf.util.arraysEqual(inShape, outShape)) {
    return backend.alias(x, x.shape);
  }
  const y = backend.output(outShape);
  pool(backend.pointer(x), at(y), ...windows(info));
  return y;
}

function infoOf({ shape }: tf.TensorInfo, { filterSize, strides, pad, dimRoundingMode }: PoolAttrs) {
  const inShape = shape as [number, number, number, number];
  return tf.backend_util.computePool2DInfo(inShape, filterSize, strides, 1, pad, dimRoundingMode);
}

function windows(info: tf.backend_util.Conv2DInfo): number[] {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  const places = [batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth];
  return [...places, info.strideHeight, info.strideWidth, info.padInfo.top, info.padInfo.left];
}
