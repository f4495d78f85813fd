import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { fmtShape, ShapeError } from "../errors.ts";
import { pair, type Size2d } from "./conv2d.ts";
import { Module } from "./module.ts";

export interface PoolOptions<Size = Size2d> {
  /** Distance between windows. @defaultValue the window's size */
  stride?: Size;
  /** Pixels added on each side. @defaultValue 0 */
  padding?: Size;
  /** Also make a window of what is left at the far border. @defaultValue false */
  ceilMode?: boolean;
}

export interface AvgPoolOptions<Size = Size2d> extends PoolOptions<Size> {
  /** Count the added zeros into the mean. @defaultValue true */
  countIncludePad?: boolean;
}

interface Axis {
  /** Windows along this axis. */
  out: number;
  /** Pixels missing before the first and after the last pixel for all windows to be whole. */
  before: number;
  after: number;
}

/** How windows lie along one axis, by PyTorch's rule: the last one starts within the input or the padding before. */
function windows(size: number, kernel: number, stride: number, padding: number, ceilMode: boolean): Axis {
  const steps = (size + 2 * padding - kernel) / stride;
  let out = (ceilMode ? Math.ceil(steps) : Math.floor(steps)) + 1;
  if (ceilMode && (out - 1) * stride >= size + padding) out--;
  return { out, before: padding, after: Math.max(0, (out - 1) * stride + kernel - size - padding) };
}

abstract class Pool2d extends Module {
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly ceilMode: boolean;

  constructor(kernelSize: Size2d, options: PoolOptions = {}) {
    super();
    checkOptions(new.target.name, options, { stride: true, padding: true, ceilMode: true });
    const { stride = kernelSize, padding = 0, ceilMode = false } = options;
    this.kernelSize = pair(kernelSize);
    this.stride = pair(stride);
    this.padding = pair(padding);
    this.ceilMode = ceilMode;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const axes = this.#axes(x);
    return this.pool(x as tf.Tensor4D, axes);
  }

  protected abstract pool(x: tf.Tensor4D, axes: readonly [Axis, Axis]): tf.Tensor;

  #axes(x: tf.Tensor): readonly [Axis, Axis] {
    const [height, width] = [0, 1].map((i) =>
      windows(x.shape[i + 1] ?? 0, this.kernelSize[i]!, this.stride[i]!, this.padding[i]!, this.ceilMode),
    ) as [Axis, Axis];
    if (x.rank !== 4 || height.out < 1 || width.out < 1) {
      throw new ShapeError(this.constructor.name, {
        given: `input ${fmtShape(x.shape)}`,
        expected: `[N, H, W, C] with at least ${fmtShape(this.kernelSize)} pixels after padding`,
      });
    }
    return [height, width];
  }
}

/** Largest number of each window, `[N, H, W, C]`; what padding adds never wins. */
export class MaxPool2d extends Pool2d {
  protected override pool(x: tf.Tensor4D, [height, width]: readonly [Axis, Axis]): tf.Tensor {
    const pads = [
      [0, 0],
      [height.before, height.after],
      [width.before, width.after],
      [0, 0],
    ] as [[number, number], [number, number], [number, number], [number, number]];
    const none = height.before + height.after + width.before + width.after === 0;
    return tf.maxPool(
      x,
      [...this.kernelSize] as [number, number],
      [...this.stride] as [number, number],
      none ? "valid" : pads,
    );
  }
}

/** Mean of each window, `[N, H, W, C]`. */
export class AvgPool2d extends Pool2d {
  readonly countIncludePad: boolean;

  constructor(kernelSize: Size2d, options: AvgPoolOptions = {}) {
    checkOptions(new.target.name, options, { stride: true, padding: true, ceilMode: true, countIncludePad: true });
    const { countIncludePad = true, ...rest } = options;
    super(kernelSize, rest);
    this.countIncludePad = countIncludePad;
  }

  // Backends disagree about windows that reach beyond the border, so the zeros are real and the mean is corrected.
  protected override pool(x: tf.Tensor4D, [height, width]: readonly [Axis, Axis]): tf.Tensor {
    const outside = height.before + height.after + width.before + width.after > 0;
    const size = [...this.kernelSize] as [number, number];
    const stride = [...this.stride] as [number, number];
    if (!outside) return tf.avgPool(x, size, stride, "valid");
    return tf.tidy(() => {
      const padded = tf.pad(x, [
        [0, 0],
        [height.before, height.after],
        [width.before, width.after],
        [0, 0],
      ]);
      const means = tf.avgPool(padded, size, stride, "valid");
      const rows = this.#correction(0, height, x.shape[1]);
      const columns = this.#correction(1, width, x.shape[2]);
      if (rows === null && columns === null) return means;
      const factors = Float32Array.from({ length: height.out * width.out }, (_, i) => {
        const row = rows?.[Math.floor(i / width.out)] ?? 1;
        return row * (columns?.[i % width.out] ?? 1);
      });
      return tf.mul(means, tf.tensor(factors, [height.out, width.out, 1]));
    });
  }

  /** Window size over numbers that count, per window of one axis; null where all are 1. */
  #correction(axis: 0 | 1, { out, before }: Axis, size: number): number[] | null {
    const [kernel, stride] = [this.kernelSize[axis], this.stride[axis]];
    const [first, end] = this.countIncludePad ? [0, size + 2 * before] : [before, before + size];
    const factors = Array.from({ length: out }, (_, i) => {
      const start = i * stride;
      return kernel / (Math.min(start + kernel, end) - Math.max(start, first));
    });
    return factors.every((factor) => factor === 1) ? null : factors;
  }
}

/** A pool over `[N, L, C]`, computed as over pictures of height 1. */
function alongLength(pool: Pool2d, x: tf.Tensor): tf.Tensor {
  return tf.squeeze(pool.forward(tf.expandDims(x, 1)), [1]);
}

function as2d({ stride, padding, ...rest }: AvgPoolOptions<number>): AvgPoolOptions {
  return {
    ...rest,
    ...(stride === undefined ? {} : { stride: [1, stride] as const }),
    ...(padding === undefined ? {} : { padding: [0, padding] as const }),
  };
}

/** Largest number of each window of a sequence, `[N, L, C]`. */
export class MaxPool1d extends Module {
  readonly #pool: MaxPool2d;

  constructor(kernelSize: number, options: PoolOptions<number> = {}) {
    super();
    this.#pool = new MaxPool2d([1, kernelSize], as2d(options));
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return alongLength(this.#pool, x);
  }
}

/** Mean of each window of a sequence, `[N, L, C]`. */
export class AvgPool1d extends Module {
  readonly #pool: AvgPool2d;

  constructor(kernelSize: number, options: AvgPoolOptions<number> = {}) {
    super();
    this.#pool = new AvgPool2d([1, kernelSize], as2d(options));
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return alongLength(this.#pool, x);
  }
}
