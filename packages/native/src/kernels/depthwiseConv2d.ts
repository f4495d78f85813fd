import * as tf from "@tensorflow/tfjs-core";
import { kernel } from "../addon.ts";
import type { NativeBackend } from "../backend.ts";
import type { KernelTable } from "../kernelTable.ts";
import { type ConvAttrs, convInfo, runConv } from "./convInfo.ts";
import { epilogueArgs, type FusedAttrs, noEpilogue } from "./epilogue.ts";

const forward = kernel("depthwiseConv2d");
const inputGrad = kernel("depthwiseConv2dInputGrad");
const filterGrad = kernel("depthwiseConv2dFilterGrad");

function depthwiseConv2d(
  backend: NativeBackend,
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  attrs: ConvAttrs,
  epilogueOf: (outChannels: number) => readonly number[] | undefined,
): tf.TensorInfo | undefined {
  const shapes = { inShape: x.shape, filterShape: filter.shape, dilations: attrs.dilations };
  const info = convInfo(attrs, { ...shapes, depthwise: true, tensors: [x, filter] });
  const epilogue = info && epilogueOf(info.outChannels);
  return epilogue && runConv(forward, backend, [x, filter], info.outShape, info, epilogue);
}

export const depthwiseConv2dKernels: KernelTable = {
  [tf.DepthwiseConv2dNative]: (backend, { x, filter }, attrs: ConvAttrs) =>
    depthwiseConv2d(backend, x!, filter!, attrs, () => noEpilogue),
  [tf.FusedDepthwiseConv2D]: (backend, { x, filter, bias, preluActivationWeights }, attrs: ConvAttrs & FusedAttrs) =>
    depthwiseConv2d(backend, x!, filter!, attrs, (n) => epilogueArgs(backend, n, bias, preluActivationWeights, attrs)),
  [tf.DepthwiseConv2dNativeBackpropInput]: (backend, { dy, filter }, attrs: ConvAttrs & { inputShape: number[] }) => {
    const tensors = [dy!, filter!] as const;
    const { inputShape: inShape, dilations } = attrs;
    const info = convInfo(attrs, { inShape, filterShape: filter!.shape, dilations, depthwise: true, tensors, dy });
    return info && runConv(inputGrad, backend, tensors, info.inShape, info);
  },
  [tf.DepthwiseConv2dNativeBackpropFilter]: (backend, { x, dy }, attrs: ConvAttrs & { filterShape: number[] }) => {
    const tensors = [x!, dy!] as const;
    const { filterShape, dilations } = attrs;
    const info = convInfo(attrs, { inShape: x!.shape, filterShape, dilations, depthwise: true, tensors, dy });
    return info && runConv(filterGrad, backend, tensors, info.filterShape, info);
  },
};
