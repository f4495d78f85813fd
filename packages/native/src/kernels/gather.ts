import * as tf from "@tensorflow/tfjs-core";
import { kernel } from "../addon.ts";
import type { NativeBackend, NativeInfo } from "../backend.ts";
import type { KernelTable } from "../kernelTable.ts";
import { bytesOf, copy, isNumeric, product, stridesOf } from "./copy.ts";
import { filled } from "./fill.ts";

const gather = kernel("gather");
const gatherNd = kernel("gatherNd");
const segmentSum = kernel("segmentSum");
const add = { float32: kernel("scatterAddFloat"), int32: kernel("scatterAddInt"), bool: kernel("scatterAddBool") };
const [writeWords, writeBytes] = [kernel("scatterWriteWords"), kernel("scatterWriteBytes")];
const oneHot = { float32: kernel("oneHotFloat"), int32: kernel("oneHotInt"), bool: kernel("oneHotBool") };

/** What the tables of kernels index by, after `isNumeric`. */
type Numeric = keyof typeof add;

/** Index tensors of another type are left to tfjs. */
function isIndex({ dtype }: tf.TensorInfo): boolean {
  return dtype === "int32";
}

/** Frees what was to hold the result if an index leads nowhere. */
function orFreed(backend: NativeBackend, out: NativeInfo, compute: () => void): void {
  try {
    compute();
  } catch (error) {
    backend.disposeData(out.dataId);
    throw error;
  }
}

function gatherV2(
  backend: NativeBackend,
  x: tf.TensorInfo,
  indices: tf.TensorInfo,
  givenAxis: number,
  batchDims: number,
): tf.TensorInfo | undefined {
  if (!isNumeric(x) || !isIndex(indices)) return undefined;
  const axis = tf.util.parseAxisParam(givenAxis, x.shape)[0]!;
  const info = tf.backend_util.segment_util.collectGatherOpShapeInfo(
    x as tf.Tensor,
    indices as tf.Tensor,
    axis,
    batchDims,
  );
  const { batchSize, outerSize, dimSize, sliceSize, outputShape } = info;
  const out = backend.output(outputShape, x.dtype);
  const [from, at, to] = [backend.pointer(x), backend.pointer(indices), out.dataId.pointer];
  const count = product(indices.shape) / batchSize;
  const bytes = sliceSize * bytesOf(x);
  if (count > 0) orFreed(backend, out, () => gather(from, at, to, batchSize, outerSize, dimSize, count, bytes));
  return out;
}

/** The arguments of C++'s `Places`, for rows of `rank` indices. */
function places(backend: NativeBackend, indices: tf.TensorInfo, rank: number, shape: readonly number[]): number[] {
  const sizes = shape.slice(0, rank);
  const count = rank === 0 ? product(indices.shape, 0, indices.shape.length - 1) : product(indices.shape) / rank;
  return [backend.pointer(indices), count, product(sizes), rank, ...sizes, ...stridesOf(sizes)];
}

/** Writes or adds `updates` to `out` where `indices` say. */
function scatter(
  backend: NativeBackend,
  out: NativeInfo,
  indices: tf.TensorInfo,
  updates: tf.TensorInfo,
  mode: "add" | "write",
): void {
  const info = tf.backend_util.calculateShapes(updates as tf.Tensor, indices as tf.Tensor, out.shape);
  const { sliceSize, sliceRank } = info;
  const run = mode === "add" ? add[updates.dtype as Numeric] : updates.dtype === "bool" ? writeBytes : writeWords;
  const stride = updates.shape.length === 0 ? 0 : sliceSize;
  if (out.dataId.size === 0 || product(indices.shape) === 0) return;
  const [from, to] = [backend.pointer(updates), out.dataId.pointer];
  orFreed(backend, out, () => run(from, to, sliceSize, stride, ...places(backend, indices, sliceRank, out.shape)));
}

export const gatherKernels: KernelTable = {
  [tf.GatherV2]: (backend, { x, indices }, { axis, batchDims }) =>
    gatherV2(backend, x!, indices!, axis, batchDims ?? 0),
  [tf.GatherNd]: (backend, { params, indices }) => {
    if (!isNumeric(params!) || !isIndex(indices!)) return undefined;
    const [shape, count, sliceSize] = tf.backend_util.prepareAndValidate(params as tf.Tensor, indices as tf.Tensor);
    const out = backend.output(shape, params!.dtype);
    const list = places(backend, indices!, indices!.shape.at(-1)!, params!.shape);
    const [from, to, bytes] = [backend.pointer(params!), out.dataId.pointer, sliceSize * bytesOf(params!)];
    if (count > 0 && sliceSize > 0) orFreed(backend, out, () => gatherNd(from, to, bytes, ...list));
    return out;
  },
  [tf.ScatterNd]: (backend, { indices, updates }, { shape }) => {
    if (!isNumeric(updates!) || !isIndex(indices!) || updates!.shape.length === 0) return undefined;
    const out = filled(backend, shape, updates!.dtype as Numeric, 0) as NativeInfo;
    scatter(backend, out, indices!, updates!, "add");
    return out;
  },
  [tf.TensorScatterUpdate]: (backend, { tensor, indices, updates }) => {
    if (!isNumeric(tensor!) || tensor!.dtype !== updates!.dtype || !isIndex(indices!)) return undefined;
    const out = backend.output(tensor!.shape, tensor!.dtype);
    copy(backend, tensor!, out, tensor!.shape, { strides: stridesOf(tensor!.shape) });
    scatter(backend, out, indices!, updates!, "write");
    return out;
  },
  [tf.SparseToDense]: (backend, { sparseIndices, sparseValues, defaultValue }, { outputShape }) => {
    if (!isNumeric(sparseValues!) || !isIndex(sparseIndices!)) return undefined;
    const dtype = sparseValues!.dtype as Numeric;
    const value = backend.readSync(defaultValue!.dataId)[0] as number;
    const out = filled(backend, outputShape, dtype, value) as NativeInfo;
    scatter(backend, out, sparseIndices!, sparseValues!, "write");
    return out;
  },
  [tf.OneHot]: (backend, { indices }, { dtype, depth, onValue, offValue }) => {
    const run = oneHot[(dtype ?? "int32") as Numeric];
    if (run === undefined || !isIndex(indices!)) return undefined;
    const out = backend.output([...indices!.shape, depth], dtype ?? "int32");
    const count = product(indices!.shape);
    if (out.dataId.size > 0) run(backend.pointer(indices!), out.dataId.pointer, count, depth, onValue, offValue);
    return out;
  },
  [tf.UnsortedSegmentSum]: (backend, { x, segmentIds }, { numSegments }) => {
    if (x!.dtype !== "float32" || !isIndex(segmentIds!) || segmentIds!.shape.length !== 1) return undefined;
    const out = backend.output([numSegments, ...x!.shape.slice(1)], "float32");
    const [rows, inner] = [x!.shape[0]!, product(x!.shape, 1)];
    if (out.dataId.size > 0)
      segmentSum(backend.pointer(x!), backend.pointer(segmentIds!), out.dataId.pointer, rows, inner, numSegments);
    return out;
  },
};

/** Slices of `x` along an axis, in the order of `list`. */
export function gathered(backend: NativeBackend, x: tf.TensorInfo, axis: number, list: Int32Array): tf.TensorInfo {
  const indices = backend.makeTensorInfo([list.length], "int32", list);
  const result = gatherV2(backend, x, indices, axis, 0)!;
  backend.disposeData(indices.dataId);
  return result;
}
