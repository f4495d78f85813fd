import * as tf from "@tensorflow/tfjs-core";
import type { NativeKernel } from "../addon.ts";
import type { NativeBackend } from "../backend.ts";

/** Attributes of tfjs' convolutions. */
export interface ConvAttrs {
  strides: number | [number, number];
  pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  dataFormat?: "NHWC" | "NCHW";
  dilations?: number | [number, number];
  dimRoundingMode?: "floor" | "round" | "ceil";
}

/** Shapes of a convolution, and the tensors that take part. */
export interface ConvSizes {
  inShape: number[];
  filterShape: number[];
  /** Null is 1, as in tfjs. */
  dilations?: number | [number, number] | null | undefined;
  depthwise?: boolean;
  /** The two tensors that a kernel reads; `dy`, if it is among them, has to have the shape of the output. */
  tensors: readonly tf.TensorInfo[];
  dy?: tf.TensorInfo | undefined;
}

type Shape4D = [number, number, number, number];

/** Sizes of a convolution that the kernels know (float32, channels last); else undefined. */
export function convInfo(attrs: ConvAttrs, sizes: ConvSizes): tf.backend_util.Conv2DInfo | undefined {
  const { inShape, filterShape, depthwise = false, tensors, dy } = sizes;
  if (attrs.dataFormat === "NCHW" || tensors.some(({ dtype }) => dtype !== "float32")) return undefined;
  if (inShape[3] !== filterShape[2]) return undefined;
  const { strides, pad, dimRoundingMode } = attrs;
  const dilations = sizes.dilations ?? 1;
  const shapes = [inShape as Shape4D, filterShape as Shape4D] as const;
  const info = tf.backend_util.computeConv2DInfo(...shapes, strides, dilations, pad, dimRoundingMode, depthwise);
  return dy === undefined || tf.util.arraysEqual(dy.shape, info.outShape) ? info : undefined;
}

/** Runs a kernel of two tensors, the sizes, and `more` into a new tensor. */
export function runConv(
  run: NativeKernel,
  backend: NativeBackend,
  [a, b]: readonly [tf.TensorInfo, tf.TensorInfo],
  shape: number[],
  info: tf.backend_util.Conv2DInfo,
  more: readonly number[] = [],
): tf.TensorInfo {
  const out = backend.output(shape);
  const { pointer, size } = out.dataId;
  if (size > 0) run(backend.pointer(a), backend.pointer(b), pointer, ...sizesOf(info), ...more);
  return out;
}

/** Sizes for `readConv` of cc/conv.h. */
function sizesOf(info: tf.backend_util.Conv2DInfo): number[] {
  return [
    info.batchSize,
    info.inHeight,
    info.inWidth,
    info.inChannels,
    info.outHeight,
    info.outWidth,
    info.outChannels,
    info.filterHeight,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    info.dilationHeight,
    info.dilationWidth,
    info.padInfo.top,
    info.padInfo.left,
  ];
}
