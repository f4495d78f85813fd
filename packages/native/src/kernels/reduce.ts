import * as tf from "@tensorflow/tfjs-core";
import { kernel, type NativeKernel } from "../addon.ts";
import type { NativeBackend } from "../backend.ts";
import type { KernelTable } from "../kernelTable.ts";
import { cast } from "./unary.ts";

type Kernels = Partial<Record<tf.DataType, NativeKernel>>;
type Axis = number | number[] | undefined;

/** Neighboring axes that are all reduced, or all kept. */
interface Group {
  size: number;
  reduced: boolean;
}

/** A tensor's axes as alternating groups; those of size 1 count as the group they are in. */
function groupsOf(shape: readonly number[], axes: readonly number[]): Group[] {
  const groups: Group[] = [];
  for (let i = 0; i < shape.length; i++) {
    const size = shape[i]!;
    if (size === 1) continue;
    const reduced = axes.includes(i);
    const last = groups.at(-1);
    if (last?.reduced === reduced) last.size *= size;
    else groups.push({ size, reduced });
  }
  return groups;
}

/**
 * Reduces axes, one group of neighbors after the other, the innermost first. Undefined where nothing is left to reduce:
 * tfjs' kernels say what a sum, or the largest, of no numbers is.
 */
function reduce(
  backend: NativeBackend,
  x: tf.TensorInfo,
  axis: Axis,
  keepDims: boolean,
  kernels: Kernels,
  isMean = false,
): tf.TensorInfo | undefined {
  const run = kernels[x.dtype];
  if (run === undefined) return undefined;
  const axes = tf.util.parseAxisParam(axis as number | number[], x.shape);
  if (axes.length === 1) return reduceOne(backend, x, axes[0]!, keepDims, run);
  const groups = groupsOf(x.shape, axes);
  const count = groups.reduce((product, { size, reduced }) => (reduced ? product * size : product), 1);
  if (count === 0) return undefined;
  const shape = keepDims
    ? x.shape.map((size, i) => (axes.includes(i) ? 1 : size))
    : x.shape.filter((_, i) => !axes.includes(i));
  let left = groups.filter(({ reduced }) => reduced).length;
  if (left === 0) return backend.alias(x, shape);
  let given = x;
  let inner = 1;
  for (let i = groups.length - 1; left > 0; i--) {
    const { size, reduced } = groups[i]!;
    if (!reduced) {
      inner *= size;
      continue;
    }
    const outer = groups.slice(0, i).reduce((product, group) => product * group.size, 1);
    left--;
    const out = backend.output(left === 0 ? shape : [outer, inner], x.dtype);
    if (out.dataId.size > 0) {
      const step = isMean && left > 0 ? sums.float32! : run;
      step(backend.pointer(given), out.dataId.pointer, outer, size, inner, count);
    }
    if (given !== x) backend.disposeData(given.dataId);
    given = out;
  }
  return given;
}

/** The same for one axis, which is the usual case. */
function reduceOne(
  backend: NativeBackend,
  x: tf.TensorInfo,
  axis: number,
  keepDims: boolean,
  run: NativeKernel,
): tf.TensorInfo | undefined {
  let outer = 1;
  let inner = 1;
  const shape: number[] = [];
  for (let i = 0; i < x.shape.length; i++) {
    const size = x.shape[i]!;
    if (i < axis) outer *= size;
    else if (i > axis) inner *= size;
    if (i !== axis) shape.push(size);
    else if (keepDims) shape.push(1);
  }
  const size = x.shape[axis]!;
  if (size === 0) return undefined;
  const out = backend.output(shape, x.dtype);
  if (out.dataId.size > 0) run(backend.pointer(x), out.dataId.pointer, outer, size, inner, size);
  return out;
}

/** The first axis of several, as tfjs does, and the sizes before, of, and after it. */
function around(shape: readonly number[], axis: Axis): { axis: number; outer: number; size: number; inner: number } {
  const [first = 0] = tf.util.parseAxisParam(axis as number | number[], shape as number[]);
  const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);
  const [outer, inner] = [product(shape.slice(0, first)), product(shape.slice(first + 1))];
  return { axis: first, outer, size: shape[first] ?? 1, inner };
}

function place(
  backend: NativeBackend,
  x: tf.TensorInfo,
  given: Axis,
  run: NativeKernel | undefined,
): tf.TensorInfo | undefined {
  const { axis, outer, size, inner } = around(x.shape, given);
  if (run === undefined || size === 0) return undefined;
  const out = backend.output(
    x.shape.filter((_, i) => i !== axis),
    "int32",
  );
  if (out.dataId.size > 0) run(backend.pointer(x), out.dataId.pointer, outer, size, inner);
  return out;
}

interface ScanAttrs {
  axis: number;
  exclusive: boolean;
  reverse: boolean;
}

function scan(backend: NativeBackend, x: tf.TensorInfo, attrs: ScanAttrs, kernels: Kernels): tf.TensorInfo | undefined {
  const run = kernels[x.dtype];
  if (run === undefined) return undefined;
  const { outer, size, inner } = around(x.shape, attrs.axis);
  const out = backend.output(x.shape, x.dtype);
  const [exclusive, reverse] = [Number(attrs.exclusive ?? false), Number(attrs.reverse ?? false)];
  if (out.dataId.size > 0) run(backend.pointer(x), out.dataId.pointer, outer, size, inner, exclusive, reverse);
  return out;
}

const pair = (name: string): Kernels => ({ float32: kernel(`${name}Float`), int32: kernel(`${name}Int`) });
const sums = pair("sum");
const means = { float32: kernel("mean") };
const [largest, smallest, products] = [pair("max"), pair("min"), pair("prod")];
const [argMax, argMin, topK] = [pair("argMax"), pair("argMin"), pair("topK")];
const [runningSums, runningProducts] = [pair("cumsum"), pair("cumprod")];
const [all, any] = [{ bool: kernel("allBool") }, { bool: kernel("anyBool") }];
const softmax = kernel("softmax");

/** What `compute` makes of `x` in another type. */
function of(
  backend: NativeBackend,
  x: tf.TensorInfo,
  dtype: "float32" | "int32",
  compute: (x: tf.TensorInfo) => tf.TensorInfo | undefined,
): tf.TensorInfo | undefined {
  if (x.dtype === dtype) return compute(x);
  const converted = cast(backend, x, dtype);
  if (converted === undefined) return undefined;
  const result = compute(converted);
  backend.disposeData(converted.dataId);
  return result;
}

export const reduceKernels: KernelTable = {
  [tf.Sum]: (backend, { x }, { axis, keepDims }) =>
    x!.dtype === "bool"
      ? of(backend, x!, "int32", (counts) => reduce(backend, counts, axis, keepDims, sums))
      : reduce(backend, x!, axis, keepDims, sums),
  [tf.Mean]: (backend, { x }, { axis, keepDims }) =>
    of(backend, x!, "float32", (numbers) => reduce(backend, numbers, axis, keepDims, means, true)),
  [tf.Max]: (backend, { x }, { reductionIndices, keepDims }) =>
    reduce(backend, x!, reductionIndices, keepDims, largest),
  [tf.Min]: (backend, { x }, { axis, keepDims }) => reduce(backend, x!, axis, keepDims, smallest),
  [tf.Prod]: (backend, { x }, { axis, keepDims }) => reduce(backend, x!, axis, keepDims, products),
  [tf.All]: (backend, { x }, { axis, keepDims }) => reduce(backend, x!, axis, keepDims, all),
  [tf.Any]: (backend, { x }, { axis, keepDims }) => reduce(backend, x!, axis, keepDims, any),
  [tf.ArgMax]: (backend, { x }, { axis }) => place(backend, x!, axis, argMax[x!.dtype]),
  [tf.ArgMin]: (backend, { x }, { axis }) => place(backend, x!, axis, argMin[x!.dtype]),
  [tf.Cumsum]: (backend, { x }, attrs) => scan(backend, x!, attrs, runningSums),
  [tf.Cumprod]: (backend, { x }, attrs) => scan(backend, x!, attrs, runningProducts),
  [tf.Softmax]: (backend, { logits }, { dim }) => {
    const { shape, dtype } = logits!;
    const last = shape.length - 1;
    if (dtype !== "float32" || (dim !== -1 && dim !== last)) return undefined;
    const out = backend.output(shape);
    const { pointer, size } = out.dataId;
    if (size > 0) softmax(backend.pointer(logits!), pointer, size / (shape[last] ?? 1), shape[last] ?? 1);
    return out;
  },
  [tf.TopK]: (backend, { x }, { k }) => {
    const run = topK[x!.dtype];
    const size = x!.shape.at(-1)!;
    if (run === undefined || size === 0 || k > size) return undefined;
    const shape = [...x!.shape.slice(0, -1), k as number];
    const [values, places] = [backend.output(shape, x!.dtype), backend.output(shape, "int32")];
    const rows = tf.util.sizeFromShape(x!.shape) / size;
    if (values.dataId.size > 0) run(backend.pointer(x!), values.dataId.pointer, places.dataId.pointer, rows, size, k);
    return [values, places];
  },
};
