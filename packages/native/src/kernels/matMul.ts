import * as tf from "@tensorflow/tfjs-core";
import { kernel } from "../addon.ts";
import type { NativeBackend, NativeInfo } from "../backend.ts";
import type { KernelTable } from "../kernelTable.ts";
import { epilogueArgs, type FusedAttrs, noEpilogue } from "./epilogue.ts";

const run = kernel("matMul");

interface MatMulAttrs {
  transposeA: boolean;
  transposeB: boolean;
}

/** `a[..., m, k] · b[..., k, n]`; undefined for numbers that are not float32. */
function matMul(
  backend: NativeBackend,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  { transposeA, transposeB }: MatMulAttrs,
  epilogue: readonly number[],
): NativeInfo | undefined {
  if (a.dtype !== "float32" || b.dtype !== "float32") return undefined;
  const [rankA, rankB] = [a.shape.length, b.shape.length];
  const [k, m] = transposeA ? [a.shape[rankA - 2]!, a.shape[rankA - 1]!] : [a.shape[rankA - 1]!, a.shape[rankA - 2]!];
  const [n, inner] = transposeB
    ? [b.shape[rankB - 2]!, b.shape[rankB - 1]!]
    : [b.shape[rankB - 1]!, b.shape[rankB - 2]!];
  tf.util.assert(
    k === inner,
    () =>
      `Error in matMul: inner shapes (${k}) and (${inner}) of Tensors with shapes ${a.shape} and ${b.shape} and ` +
      `transposeA=${transposeA} and transposeB=${transposeB} must match.`,
  );
  const [from, by] = [backend.pointer(a), backend.pointer(b)];
  const product = (left: number, right: number, to: number, batch: number, oneA: boolean, oneB: boolean) =>
    run(left, right, to, batch, +oneA, +oneB, m, n, k, +transposeA, +transposeB, ...epilogue);
  if (rankA === 2 && rankB === 2) {
    const out = backend.output([m, n]);
    if (out.dataId.size > 0) product(from, by, out.dataId.pointer, 1, false, false);
    return out;
  }
  const [outerA, outerB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(outerA, outerB);
  const out = backend.output([...outer, m, n]);
  const { pointer, size } = out.dataId;
  if (size === 0) return out;
  const [batchA, batchB, batch] = [outerA, outerB, outer].map(tf.util.sizeFromShape) as [number, number, number];
  if ((batchA === batch || batchA === 1) && (batchB === batch || batchB === 1)) {
    product(from, by, pointer, batch, batchA < batch, batchB < batch);
    return out;
  }
  const [placesA, placesB] = [places(outerA, outer), places(outerB, outer)];
  for (let i = 0; i < batch; i++) {
    product(from + 4 * m * k * placesA[i]!, by + 4 * k * n * placesB[i]!, pointer + 4 * m * n * i, 1, false, false);
  }
  return out;
}

/** For each place of the shape `to`, the place in `from` that it shows when `from` is broadcast. */
function places(from: number[], to: number[]): number[] {
  let list = [0];
  let size = 1; // of what lies behind the axis, in `from`
  for (let axis = 1; axis <= to.length; axis++) {
    const [length, wanted] = [from.at(-axis) ?? 1, to.at(-axis)!];
    const step = length === 1 ? 0 : size;
    list = Array.from({ length: wanted }, (_, i) => list.map((place) => place + i * step)).flat();
    size *= length;
  }
  return list;
}

export const matMulKernels: KernelTable = {
  [tf.BatchMatMul]: (backend, { a, b }, attrs) => matMul(backend, a!, b!, attrs, noEpilogue),
  [tf._FusedMatMul]: (backend, { a, b, bias, preluActivationWeights }, attrs: MatMulAttrs & FusedAttrs) => {
    const n = b!.shape.at(attrs.transposeB ? -2 : -1)!;
    const epilogue = epilogueArgs(backend, n, bias, preluActivationWeights, attrs);
    return epilogue && matMul(backend, a!, b!, attrs, epilogue);
  },
};
