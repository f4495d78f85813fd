import * as tf from "@tensorflow/tfjs-core";
import { runParts, threadsOf } from "./parts.ts";
import { output, pointer, scratch, type WasmContext, zeros } from "./wasmModule.ts";

interface NormInputs {
  x: tf.TensorInfo;
  scale?: tf.TensorInfo;
  offset?: tf.TensorInfo;
}

/** Kernel of `batchNormTrainOp`: `y`, `mean`, `variance`. */
export function batchNormTrain(context: WasmContext, { x, scale, offset }: NormInputs, eps: number): tf.TensorInfo[] {
  const [rows, channels] = rowsAndChannels(x);
  const [y, mean, variance] = [output(context, x.shape), zeros(context, [channels]), zeros(context, [channels])];
  const lines = scratch(context, 8 * channels + partBytes(context, channels));
  const part = lines + 8 * channels;
  const from = pointer(context, x);
  sumColumns(context, "addColumnSums", [from, rows, channels, pointer(context, mean)], rows, channels, part);
  const means = numbers(context, pointer(context, mean), channels);
  for (let c = 0; c < channels; c++) means[c]! /= rows;
  const distances = [from, pointer(context, mean), rows, channels, pointer(context, variance)];
  sumColumns(context, "addSquaredDistances", distances, rows, channels, part);
  const variances = numbers(context, pointer(context, variance), channels);
  const slope = numbers(context, lines, channels);
  const shift = numbers(context, lines + 4 * channels, channels);
  const [scales, offsets] = [optional(context, scale), optional(context, offset)];
  for (let c = 0; c < channels; c++) {
    variances[c]! /= rows;
    slope[c] = (scales?.[c] ?? 1) / Math.sqrt(variances[c]! + eps);
    shift[c] = (offsets?.[c] ?? 0) - means[c]! * slope[c]!;
  }
  const line = [from, slope.byteOffset, shift.byteOffset, channels, pointer(context, y)];
  mapRows(context, "scaleShift", line, rows, channels);
  return [y, mean, variance];
}

interface NormGradInputs extends NormInputs {
  dy: tf.TensorInfo;
  mean: tf.TensorInfo;
  variance: tf.TensorInfo;
}

/** Kernel of `batchNormTrainGradOp`: `dx`, `dscale`, `doffset`. */
export function batchNormTrainGrad(context: WasmContext, inputs: NormGradInputs, eps: number): tf.TensorInfo[] {
  const { x, dy, scale } = inputs;
  const [rows, channels] = rowsAndChannels(x);
  const [dx, dscale, doffset] = [output(context, x.shape), zeros(context, [channels]), zeros(context, [channels])];
  const lines = scratch(context, 12 * channels + partBytes(context, channels));
  const part = lines + 12 * channels;
  const [from, gradient, mean] = [pointer(context, x), pointer(context, dy), pointer(context, inputs.mean)];
  const [sumDy, sumDyX] = [pointer(context, doffset), pointer(context, dscale)];
  sumColumns(context, "addNormSums", [from, gradient, mean, rows, channels, sumDy, sumDyX], rows, channels, part);
  const at = (i: number) => numbers(context, lines + 4 * channels * i, channels);
  const [slopeX, slopeDy, shift] = [at(0), at(1), at(2)];
  const [means, variances] = [numbers(context, mean, channels), optional(context, inputs.variance)!];
  const [sums, products] = [numbers(context, sumDy, channels), numbers(context, sumDyX, channels)];
  const scales = optional(context, scale);
  for (let c = 0; c < channels; c++) {
    const rstd = 1 / Math.sqrt(variances[c]! + eps);
    products[c]! *= rstd; // now Σ dy · xHat
    const slope = rstd * (scales?.[c] ?? 1);
    slopeDy[c] = slope;
    slopeX[c] = (-slope * rstd * products[c]!) / rows;
    shift[c] = (-slope * sums[c]!) / rows - slopeX[c]! * means[c]!;
  }
  const slopes = [slopeX.byteOffset, slopeDy.byteOffset, shift.byteOffset];
  mapRows(context, "scaleShiftTwo", [from, gradient, ...slopes, channels, pointer(context, dx)], rows, channels);
  return [dx, dscale, doffset];
}

/** Sum over all axes but the last ones that make up `columns` numbers. */
export function columnSums(context: WasmContext, x: tf.TensorInfo, columns: number, shape: number[]): tf.TensorInfo {
  const out = zeros(context, shape);
  const rows = tf.util.sizeFromShape(x.shape) / Math.max(columns, 1);
  const args = [pointer(context, x), rows, columns, pointer(context, out)];
  sumColumns(context, "addColumnSums", args, rows, columns, scratch(context, partBytes(context, columns)));
  return out;
}

/** A kernel that sums columns, in parts of some columns. `part` has {@link partBytes}. */
function sumColumns(
  context: WasmContext,
  name: string,
  args: number[],
  rows: number,
  columns: number,
  part: number,
): void {
  const grain = columnsGrain(context, columns);
  const range = { begin: 0, end: columns, grain, scratch: part, scratchBytes: 8 * grain };
  runParts(context, { name, args, ...range }, rows * columns);
}

/** Room for two numbers per column, what a sum wants at most, on every thread. */
function partBytes(context: WasmContext, columns: number): number {
  return 8 * threadsOf(context) * columnsGrain(context, columns);
}

/** Many columns each: threads that read short pieces of every row keep memory busier than one that reads all. */
function columnsGrain(context: WasmContext, columns: number): number {
  return Math.max(1, Math.ceil(columns / threadsOf(context) / 128)) * 128;
}

/** A kernel that computes each row by itself. */
function mapRows(context: WasmContext, name: string, args: number[], rows: number, columns: number): void {
  const grain = Math.max(1, Math.ceil(rows / (2 * threadsOf(context))));
  runParts(context, { name, args, begin: 0, end: rows, grain, scratch: 0, scratchBytes: 0 }, rows * columns);
}

function rowsAndChannels({ shape }: tf.TensorInfo): [number, number] {
  const channels = shape.at(-1)!;
  return [tf.util.sizeFromShape(shape.slice(0, -1)), channels];
}

function numbers({ memory }: WasmContext, offset: number, length: number): Float32Array {
  return new Float32Array(memory.buffer, offset, length);
}

function optional(context: WasmContext, t: tf.TensorInfo | undefined): Float32Array | undefined {
  return t && numbers(context, pointer(context, t), tf.util.sizeFromShape(t.shape));
}
