import * as tf from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";
import type { KernelTable } from "../kernelTable.ts";
import { padded, sliced, transposed } from "./arrange.ts";
import { copy, isNumeric, maxCopyRank, stridesOf } from "./copy.ts";

const { getReshaped, getPermuted, getReshapedPermuted, getSliceBeginCoords, getSliceSize } = tf.backend_util;

/** What `StridedSlice` asks for; axes as tfjs' `sliceInfo` resolves them. */
function stridedSlice(
  backend: NativeBackend,
  x: tf.TensorInfo,
  // biome-ignore lint/suspicious/noExplicitAny: tfjs' attributes
  attrs: any,
): tf.TensorInfo | undefined {
  if (!isNumeric(x) || x.shape.length > maxCopyRank) return undefined;
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attrs;
  const masks = [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as const;
  const info = tf.slice_util.sliceInfo(x.shape, begin, end, strides, ...masks);
  if (info.isIdentity) return backend.alias(x, info.finalShape);
  const sizes = info.begin.map((from, i) => Math.max(0, Math.ceil((info.end[i]! - from) / info.strides[i]!)));
  if (tf.util.sizeFromShape(sizes) !== tf.util.sizeFromShape(info.finalShape)) return undefined;
  const out = backend.output(info.finalShape, x.dtype);
  const steps = stridesOf(x.shape);
  const offset = steps.reduce((sum, step, i) => sum + step * info.begin[i]!, 0);
  copy(backend, x, out, sizes, { offset, strides: steps.map((step, i) => step * info.strides[i]!) });
  return out;
}

/** `x`, seen in another shape, with its axes in another order. */
function permuted(backend: NativeBackend, x: tf.TensorInfo, shape: number[], perm: number[], result: number[]) {
  return { ...transposed(backend, { ...x, shape }, perm), shape: result };
}

export const blockKernels: KernelTable = {
  [tf.StridedSlice]: (backend, { x }, attrs) => stridedSlice(backend, x!, attrs),
  [tf.SpaceToBatchND]: (backend, { x }, { blockShape, paddings }) => {
    if (!isNumeric(x!)) return undefined;
    const count = tf.util.sizeFromShape(blockShape);
    const rest = x!.shape.length - 1 - blockShape.length;
    const frame = [[0, 0], ...paddings, ...Array.from({ length: rest }, () => [0, 0])];
    const wide = padded(backend, x!, frame, 0);
    const shape = getReshaped(wide.shape, blockShape, count, false);
    const perm = getPermuted(shape.length, blockShape.length, false);
    const result = permuted(backend, wide, shape, perm, getReshapedPermuted(wide.shape, blockShape, count, false));
    backend.disposeData(wide.dataId);
    return result;
  },
  [tf.BatchToSpaceND]: (backend, { x }, { blockShape, crops }) => {
    if (!isNumeric(x!)) return undefined;
    const count = tf.util.sizeFromShape(blockShape);
    const shape = getReshaped(x!.shape, blockShape, count);
    const perm = getPermuted(shape.length, blockShape.length);
    const whole = getReshapedPermuted(x!.shape, blockShape, count);
    const wide = permuted(backend, x!, shape, perm, whole);
    const [begin, size] = tf.slice_util.parseSliceParams(
      wide as tf.Tensor,
      getSliceBeginCoords(crops, blockShape.length),
      getSliceSize(whole, crops, blockShape.length),
    );
    const result = sliced(backend, wide, begin!, size!);
    backend.disposeData(wide.dataId);
    return result;
  },
  [tf.DepthToSpace]: (backend, { x }, { blockSize, dataFormat }) => {
    if (!isNumeric(x!) || dataFormat !== "NHWC") return undefined;
    const [batch, height, width, depth] = x!.shape as [number, number, number, number];
    const outDepth = depth / (blockSize * blockSize);
    const shape = [batch, height, width, blockSize, blockSize, outDepth];
    return permuted(backend, x!, shape, [0, 1, 3, 2, 4, 5], [batch, height * blockSize, width * blockSize, outDepth]);
  },
};
