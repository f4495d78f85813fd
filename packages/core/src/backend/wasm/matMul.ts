import * as tf from "@tensorflow/tfjs-core";
import { rowsGrain, runParts, sumsGrain, threadsOf } from "./parts.ts";
import { output, pointer, scratch, type WasmContext, zeros } from "./wasmModule.ts";

/** One factor as the product sees it: rows × columns, and how far apart they lie, in numbers. */
interface Side {
  offset: number;
  rows: number;
  columns: number;
  rowStride: number;
  columnStride: number;
}

/** `out = left · right`, by rows of `left` where these are contiguous, else as a sum over its columns. */
export function product(context: WasmContext, left: Side, right: Side, out: number): void {
  const { kernels } = context;
  const [m, k, n] = [left.rows, left.columns, right.columns];
  if (m === 0 || n === 0) return;
  const work = m * k * n;
  if (left.columnStride === 1) {
    const panelBytes = k * 32;
    const panelsBytes = Math.ceil(n / 8) * panelBytes;
    const scratchBytes = kernels.gatherScratch(1, k) + 64;
    const panels = scratch(context, 64 + panelsBytes + threadsOf(context) * scratchBytes);
    const tap = panels + panelsBytes;
    new Int32Array(context.memory.buffer, tap, 2).fill(0);
    kernels.pack!(right.offset, k, n, right.rowStride, right.columnStride, panels, panelBytes);
    const args = [left.offset, 1, 1, k, 1, 1, 1, 1, 0, 0, tap, 1, panels, n, out, 1, 1, 0, 0, 1, 1];
    const range = { begin: 0, end: m, grain: rowsGrain(context, m) };
    runParts(context, { name: "gatherRows", args, ...range, scratch: tap + 64, scratchBytes }, work);
    return;
  }
  new Float32Array(context.memory.buffer, out, m * n).fill(0);
  const scratchBytes = kernels.samplesScratch(1, m, n) + 64;
  const tap = scratch(context, 64 + threadsOf(context) * scratchBytes);
  new Int32Array(context.memory.buffer, tap, 2).fill(0);
  const factor = [right.offset, right.rowStride, right.columnStride, n];
  const args = [left.offset, 1, 1, m, 1, 1, 1, 1, 0, 0, tap, 1, ...factor, out, 0, k];
  const range = { begin: 0, end: m, grain: sumsGrain(context, m) };
  runParts(context, { name: "sumSamples", args, ...range, scratch: tap + 64, scratchBytes }, work);
}

/** `[..., M, K] · [..., K, N]`, either side transposed if asked, batches broadcast. */
export function batchMatMul(
  context: WasmContext,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
): tf.TensorInfo {
  const [aSide, aBatch] = sideOf(context, a, transposeA);
  const [bSide, bBatch] = sideOf(context, b, transposeB);
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(aBatch, bBatch);
  const shape = [...batch, aSide.rows, bSide.columns];
  if (aSide.columns === 0) return zeros(context, shape);
  const out = output(context, shape);
  const start = pointer(context, out);
  const count = tf.util.sizeFromShape(batch);
  const [aStrides, bStrides] = [batchStrides(aBatch, batch), batchStrides(bBatch, batch)];
  for (let i = 0; i < count; i++) {
    const left = { ...aSide, offset: aSide.offset + 4 * aSide.rows * aSide.columns * flatIndex(i, batch, aStrides) };
    const right = { ...bSide, offset: bSide.offset + 4 * bSide.rows * bSide.columns * flatIndex(i, batch, bStrides) };
    product(context, left, right, start + 4 * i * aSide.rows * bSide.columns);
  }
  return out;
}

function sideOf(context: WasmContext, t: tf.TensorInfo, transpose: boolean): [Side, number[]] {
  const [r, c] = t.shape.slice(-2) as [number, number];
  const offset = pointer(context, t);
  const side = transpose
    ? { offset, rows: c, columns: r, rowStride: 1, columnStride: c }
    : { offset, rows: r, columns: c, rowStride: c, columnStride: 1 };
  return [side, t.shape.slice(0, -2)];
}

/** How far one step along each batch axis moves in a factor; 0 where it is broadcast. */
function batchStrides(own: number[], batch: number[]): number[] {
  const strides = new Array<number>(batch.length).fill(0);
  let step = 1;
  for (let axis = own.length - 1; axis >= 0; axis--) {
    const size = own[axis]!;
    if (size !== 1) strides[batch.length - own.length + axis] = step;
    step *= size;
  }
  return strides;
}

function flatIndex(i: number, batch: number[], strides: number[]): number {
  let index = 0;
  for (let axis = batch.length - 1; axis >= 0; axis--) {
    const size = batch[axis]!;
    index += (i % size) * strides[axis]!;
    i = Math.floor(i / size);
  }
  return index;
}
