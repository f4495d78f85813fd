import * as tf from "@tensorflow/tfjs-core";
import type { NativeBackend, NativeInfo } from "../backend.ts";
import type { KernelTable } from "../kernelTable.ts";
import { copy, dot, isNumeric, maxCopyRank, product, stridesOf } from "./copy.ts";
import { filled } from "./fill.ts";

/** The axes in another order. */
export function transposed(backend: NativeBackend, x: tf.TensorInfo, perm: readonly number[]): tf.TensorInfo {
  const shape = perm.map((axis) => x.shape[axis]!);
  const out = backend.output(shape, x.dtype);
  const strides = stridesOf(x.shape);
  copy(backend, x, out, shape, { strides: perm.map((axis) => strides[axis]!) });
  return out;
}

/** The part of `x` that begins at `begin` and has this size. */
export function sliced(backend: NativeBackend, x: tf.TensorInfo, begin: readonly number[], size: number[]): NativeInfo {
  const out = backend.output(size, x.dtype);
  const strides = stridesOf(x.shape);
  copy(backend, x, out, size, { offset: dot(begin, strides), strides });
  return out;
}

/** `x` with a frame of one number. */
export function padded(
  backend: NativeBackend,
  x: tf.TensorInfo,
  paddings: readonly (readonly number[])[],
  value: number,
): tf.TensorInfo {
  const shape = x.shape.map((size, i) => paddings[i]![0]! + size + paddings[i]![1]!);
  const out = filled(backend, shape, x.dtype as "float32", value) as NativeInfo;
  const strides = stridesOf(shape);
  const begin = paddings.map((pair) => pair[0]!);
  copy(backend, x, out, x.shape, { strides: stridesOf(x.shape) }, { offset: dot(begin, strides), strides });
  return out;
}

/** Tensors of one type side by side along an axis. */
function joined(backend: NativeBackend, parts: readonly tf.TensorInfo[], shape: number[], axis: number): NativeInfo {
  const out = backend.output(shape, parts[0]!.dtype);
  const outer = product(shape, 0, axis);
  const row = product(shape, axis);
  let offset = 0;
  for (const part of parts) {
    const size = product(part.shape) / outer;
    if (size > 0) copy(backend, part, out, [outer, size], { strides: [size, 1] }, { offset, strides: [row, 1] });
    offset += size;
  }
  return out;
}

/** Parts of `x` of these shapes, one after the other along an axis. */
function parted(
  backend: NativeBackend,
  x: tf.TensorInfo,
  axis: number,
  sizes: number[],
  shapes: number[][],
): NativeInfo[] {
  const outer = product(x.shape, 0, axis);
  const inner = product(x.shape, axis + 1);
  const row = product(x.shape, axis);
  let offset = 0;
  return shapes.map((shape, i) => {
    const out = backend.output(shape, x.dtype);
    const size = sizes[i]! * inner;
    copy(backend, x, out, [outer, size], { offset, strides: [row, 1] });
    offset += size;
    return out;
  });
}

function concat(
  backend: NativeBackend,
  inputs: readonly tf.TensorInfo[],
  givenAxis: number,
): tf.TensorInfo | undefined {
  const [first] = inputs as [tf.TensorInfo];
  if (!isNumeric(first) || inputs.some(({ dtype }) => dtype !== first.dtype)) return undefined;
  const axis = tf.util.parseAxisParam(givenAxis, first.shape)[0]!;
  const shapes = inputs.map(({ shape }) => shape);
  tf.backend_util.assertParamsConsistent(shapes, axis);
  const shape = tf.backend_util.computeOutShape(shapes, axis);
  const full = inputs.filter((part) => product(part.shape) > 0);
  return full.length === 1
    ? backend.alias(full[0]!, shape)
    : joined(backend, full.length > 0 ? full : [first], shape, axis);
}

function pack(backend: NativeBackend, inputs: readonly tf.TensorInfo[], axis: number): tf.TensorInfo | undefined {
  const [{ shape, dtype }] = inputs as [tf.TensorInfo];
  if (!isNumeric(inputs[0]!)) return undefined;
  for (const part of inputs) {
    tf.util.assertShapesMatch(shape, part.shape, "All tensors passed to stack must have matching shapes");
    tf.util.assert(dtype === part.dtype, () => "All tensors passed to stack must have matching dtypes");
  }
  const place = axis < 0 ? axis + shape.length + 1 : axis;
  const outShape = [...shape.slice(0, place), inputs.length, ...shape.slice(place)];
  return inputs.length === 1 ? backend.alias(inputs[0]!, outShape) : joined(backend, inputs, outShape, place);
}

/** Each axis as often as `reps` says. */
function tiled(backend: NativeBackend, x: tf.TensorInfo, reps: readonly number[]): tf.TensorInfo | undefined {
  if (!isNumeric(x)) return undefined;
  const shape = x.shape.map((size, i) => size * reps[i]!);
  const strides = stridesOf(x.shape);
  const [sizes, from, to]: [number[], number[], number[]] = [[], [], []];
  for (const [i, stride] of stridesOf(shape).entries()) {
    if (reps[i] !== 1) {
      sizes.push(reps[i]!);
      from.push(0);
      to.push(stride * x.shape[i]!);
    }
    sizes.push(x.shape[i]!);
    from.push(strides[i]!);
    to.push(stride);
  }
  if (sizes.length > maxCopyRank) return undefined;
  const out = backend.output(shape, x.dtype);
  copy(backend, x, out, sizes, { strides: from }, { strides: to });
  return out;
}

/** The axes in `dims` from their end to their beginning. */
function reversed(backend: NativeBackend, x: tf.TensorInfo, dims: readonly number[]): tf.TensorInfo {
  const strides = stridesOf(x.shape);
  const last = x.shape.map((size, i) => (dims.includes(i) ? size - 1 : 0));
  const out = backend.output(x.shape, x.dtype);
  const from = strides.map((stride, i) => (dims.includes(i) ? -stride : stride));
  copy(backend, x, out, x.shape, { offset: dot(last, strides), strides: from });
  return out;
}

export const arrangeKernels: KernelTable = {
  [tf.Transpose]: (backend, { x }, { perm }) => (isNumeric(x!) ? transposed(backend, x!, perm) : undefined),
  [tf.Slice]: (backend, { x }, { begin, size }) => {
    if (!isNumeric(x!)) return undefined;
    const [from, sizes] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin, size);
    tf.slice_util.assertParamsValid(x as tf.Tensor, from!, sizes!);
    return sliced(backend, x!, from!, sizes!);
  },
  [tf.Concat]: (backend, inputs, { axis }) => concat(backend, inputs as unknown as tf.TensorInfo[], axis),
  [tf.Pack]: (backend, inputs, { axis }) => pack(backend, inputs as unknown as tf.TensorInfo[], axis),
  [tf.Unpack]: (backend, { value }, { axis }) => {
    if (!isNumeric(value!)) return undefined;
    const { shape } = value!;
    const along = axis < 0 ? axis + shape.length : axis;
    const ones = new Array<number>(shape[along]!).fill(1);
    const rest = shape.filter((_, i) => i !== along);
    return parted(
      backend,
      value!,
      along,
      ones,
      ones.map(() => rest),
    );
  },
  [tf.SplitV]: (backend, { x }, { numOrSizeSplits, axis }) => {
    if (!isNumeric(x!)) return undefined;
    const along = tf.util.parseAxisParam(axis, x!.shape)[0]!;
    const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, along);
    const shapes = sizes.map((size) => x!.shape.map((whole, i) => (i === along ? size : whole)));
    return parted(backend, x!, along, sizes, shapes);
  },
  [tf.PadV2]: (backend, { x }, { paddings, constantValue }) =>
    isNumeric(x!) ? padded(backend, x!, paddings, constantValue ?? 0) : undefined,
  [tf.Tile]: (backend, { x }, { reps }) => tiled(backend, x!, reps),
  [tf.Reverse]: (backend, { x }, { dims }) => {
    if (!isNumeric(x!)) return undefined;
    if (x!.shape.length === 0) return backend.alias(x!, x!.shape);
    return reversed(backend, x!, tf.util.parseAxisParam(dims, x!.shape));
  },
  [tf.FlipLeftRight]: (backend, { image }) => (isNumeric(image!) ? reversed(backend, image!, [2]) : undefined),
};
