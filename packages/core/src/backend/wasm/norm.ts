import * as tf from "@tensorflow/tfjs-core";
import { output, pointer, scratch, type WasmContext, zeros } from "./wasmModule.ts";

interface NormInputs {
  x: tf.TensorInfo;
  scale?: tf.TensorInfo;
  offset?: tf.TensorInfo;
}

/** Kernel of `batchNormTrainOp`: `y`, `mean`, `variance`. */
export function batchNormTrain(context: WasmContext, { x, scale, offset }: NormInputs, eps: number): tf.TensorInfo[] {
  const { kernels } = context;
  const [rows, channels] = rowsAndChannels(x);
  const [y, mean, variance] = [output(context, x.shape), zeros(context, [channels]), zeros(context, [channels])];
  const work = scratch(context, 12 * channels);
  const [from, part] = [pointer(context, x), work];
  kernels.addColumnSums!(from, rows, channels, pointer(context, mean), part);
  const means = numbers(context, pointer(context, mean), channels);
  for (let c = 0; c < channels; c++) means[c]! /= rows;
  kernels.addSquaredDistances!(from, pointer(context, mean), rows, channels, pointer(context, variance), part);
  const variances = numbers(context, pointer(context, variance), channels);
  const slope = numbers(context, work + 4 * channels, channels);
  const shift = numbers(context, work + 8 * channels, channels);
  const [scales, offsets] = [optional(context, scale), optional(context, offset)];
  for (let c = 0; c < channels; c++) {
    variances[c]! /= rows;
    slope[c] = (scales?.[c] ?? 1) / Math.sqrt(variances[c]! + eps);
    shift[c] = (offsets?.[c] ?? 0) - means[c]! * slope[c]!;
  }
  kernels.scaleShift!(from, slope.byteOffset, shift.byteOffset, rows, channels, pointer(context, y));
  return [y, mean, variance];
}

interface NormGradInputs extends NormInputs {
  dy: tf.TensorInfo;
  mean: tf.TensorInfo;
  variance: tf.TensorInfo;
}

/** Kernel of `batchNormTrainGradOp`: `dx`, `dscale`, `doffset`. */
export function batchNormTrainGrad(context: WasmContext, inputs: NormGradInputs, eps: number): tf.TensorInfo[] {
  const { kernels } = context;
  const { x, dy, scale } = inputs;
  const [rows, channels] = rowsAndChannels(x);
  const [dx, dscale, doffset] = [output(context, x.shape), zeros(context, [channels]), zeros(context, [channels])];
  const work = scratch(context, 20 * channels);
  const [from, gradient, mean] = [pointer(context, x), pointer(context, dy), pointer(context, inputs.mean)];
  const [sumDy, sumDyX] = [pointer(context, doffset), pointer(context, dscale)];
  kernels.addNormSums!(from, gradient, mean, rows, channels, sumDy, sumDyX, work);
  const at = (i: number) => numbers(context, work + 4 * channels * i, channels);
  const [slopeX, slopeDy, shift] = [at(2), at(3), at(4)];
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
  kernels.scaleShiftTwo!(from, gradient, ...slopes, rows, channels, pointer(context, dx));
  return [dx, dscale, doffset];
}

/** Sum over all axes but the last ones that make up `columns` numbers. */
export function columnSums(context: WasmContext, x: tf.TensorInfo, columns: number, shape: number[]): tf.TensorInfo {
  const out = zeros(context, shape);
  const rows = tf.util.sizeFromShape(x.shape) / Math.max(columns, 1);
  context.kernels.addColumnSums!(
    pointer(context, x),
    rows,
    columns,
    pointer(context, out),
    scratch(context, 4 * columns),
  );
  return out;
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
