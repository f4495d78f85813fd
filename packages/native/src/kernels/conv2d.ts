import * as tf from "@tensorflow/tfjs-core";
import { kernel } from "../addon.ts";
import type { NativeBackend } from "../backend.ts";
import type { KernelTable } from "../kernelTable.ts";
import { type ConvAttrs, convInfo, runConv } from "./convInfo.ts";
import { epilogueArgs, type FusedAttrs, noEpilogue } from "./epilogue.ts";

const forward = kernel("conv2d");
const inputGrad = kernel("conv2dInputGrad");
const filterGrad = kernel("conv2dFilterGrad");

function conv2d(
  backend: NativeBackend,
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  attrs: ConvAttrs,
  epilogueOf: (outChannels: number) => readonly number[] | undefined,
): tf.TensorInfo | undefined {
  const { dilations } = attrs;
  const info = convInfo(attrs, { inShape: x.shape, filterShape: filter.shape, dilations, tensors: [x, filter] });
  const epilogue = info && epilogueOf(info.outChannels);
  return epilogue && runConv(forward, backend, [x, filter], info.outShape, info, epilogue);
}

export const conv2dKernels: KernelTable = {
  [tf.Conv2D]: (backend, { x, filter }, attrs: ConvAttrs) => conv2d(backend, x!, filter!, attrs, () => noEpilogue),
  [tf.FusedConv2D]: (backend, { x, filter, bias, preluActivationWeights }, attrs: ConvAttrs & FusedAttrs) =>
    conv2d(backend, x!, filter!, attrs, (n) => epilogueArgs(backend, n, bias, preluActivationWeights, attrs)),
  // as in tfjs, only the forward convolution knows dilations
  [tf.Conv2DBackpropInput]: (backend, { dy, filter }, attrs: ConvAttrs & { inputShape: number[] }) => {
    const tensors = [dy!, filter!] as const;
    const info = convInfo(attrs, { inShape: attrs.inputShape, filterShape: filter!.shape, tensors, dy });
    return info && runConv(inputGrad, backend, tensors, info.inShape, info);
  },
  [tf.Conv2DBackpropFilter]: (backend, { x, dy }, attrs: ConvAttrs & { filterShape: number[] }) => {
    const tensors = [x!, dy!] as const;
    const info = convInfo(attrs, { inShape: x!.shape, filterShape: attrs.filterShape, tensors, dy });
    return info && runConv(filterGrad, backend, tensors, info.filterShape, info);
  },
};
