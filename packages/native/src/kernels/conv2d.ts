import * as tf from "@tensorflow/tfjs-core";
import { kernel, type NativeKernel } from "../addon.ts";
import type { NativeBackend } from "../backend.ts";
import type { KernelTable } from "../kernelTable.ts";
import { type ConvAttrs, convArgs } from "./convInfo.ts";
import { epilogueArgs, type FusedAttrs, noEpilogue } from "./epilogue.ts";

const forward = kernel("conv2d");
const inputGrad = kernel("conv2dInputGrad");
const filterGrad = kernel("conv2dFilterGrad");

type Shape4D = [number, number, number, number];

/** Sizes of a convolution that the kernels know (float32, channels last), and that `dy` has; else undefined. */
function infoOf(
  inShape: number[],
  filterShape: number[],
  attrs: ConvAttrs,
  tensors: readonly tf.TensorInfo[],
  dy?: tf.TensorInfo,
): tf.backend_util.Conv2DInfo | undefined {
  if (attrs.dataFormat === "NCHW" || tensors.some(({ dtype }) => dtype !== "float32")) return undefined;
  if (inShape[3] !== filterShape[2]) return undefined;
  const { strides, pad, dimRoundingMode } = attrs;
  const info = tf.backend_util.computeConv2DInfo(
    inShape as Shape4D,
    filterShape as Shape4D,
    strides,
    dy === undefined ? (attrs.dilations ?? 1) : 1, // as tfjs' own: only what is forward knows dilations
    pad,
    dimRoundingMode,
    false,
    "channelsLast",
  );
  return dy === undefined || tf.util.arraysEqual(dy.shape, info.outShape) ? info : undefined;
}

/** Runs a kernel of two tensors into a new one. */
function run(
  kernelFunc: NativeKernel,
  backend: NativeBackend,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  shape: number[],
  info: tf.backend_util.Conv2DInfo,
  more: readonly number[] = [],
): tf.TensorInfo {
  const out = backend.output(shape);
  const { pointer, size } = out.dataId;
  if (size > 0) kernelFunc(backend.pointer(a), backend.pointer(b), pointer, ...convArgs(info), ...more);
  return out;
}

export const conv2dKernels: KernelTable = {
  [tf.Conv2D]: (backend, { x, filter }, attrs: ConvAttrs) => {
    const info = infoOf(x!.shape, filter!.shape, attrs, [x!, filter!]);
    return info && run(forward, backend, x!, filter!, info.outShape, info, noEpilogue);
  },
  [tf.FusedConv2D]: (backend, { x, filter, bias, preluActivationWeights }, attrs: ConvAttrs & FusedAttrs) => {
    const info = infoOf(x!.shape, filter!.shape, attrs, [x!, filter!]);
    const epilogue = info && epilogueArgs(backend, info.outChannels, bias, preluActivationWeights, attrs);
    return epilogue && run(forward, backend, x!, filter!, info.outShape, info, epilogue);
  },
  [tf.Conv2DBackpropInput]: (backend, { dy, filter }, attrs: ConvAttrs & { inputShape: number[] }) => {
    const info = infoOf(attrs.inputShape, filter!.shape, attrs, [dy!, filter!], dy);
    return info && run(inputGrad, backend, dy!, filter!, info.inShape, info);
  },
  [tf.Conv2DBackpropFilter]: (backend, { x, dy }, attrs: ConvAttrs & { filterShape: number[] }) => {
    const info = infoOf(x!.shape, attrs.filterShape, attrs, [x!, dy!], dy);
    return info && run(filterGrad, backend, x!, dy!, info.filterShape, info);
  },
};
