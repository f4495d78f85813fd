import * as tf from "@tensorflow/tfjs-core";
import { type Conv2dMathOptions, conv2d, type Size2d } from "./conv2d.ts";
import { conv3d, type Size3d } from "./conv3d.ts";
import { type AxisSizes, ConvBase, type ConvOptions } from "./convBase.ts";
import { type PaddingMode, padSides } from "./padding.ts";

/** A convolution that makes its input smaller or leaves it as it is. */
abstract class Conv<N extends 1 | 2 | 3> extends ConvBase<N> {
  readonly paddingMode: PaddingMode;

  constructor(ndim: N, channels: readonly [number, number], options: ConvOptions<number | AxisSizes[N]>) {
    super(ndim, false, channels, options);
    this.paddingMode = options.paddingMode ?? "zeros";
  }

  protected override convolve(x: tf.Tensor, filter: tf.Tensor): tf.Tensor {
    this.checkSize(x);
    const sides = this.padding.map((n) => [n, n] as const);
    const ahead = this.paddingMode !== "zeros" && this.padding.some((n) => n > 0);
    const padding = ahead ? this.padding.map(() => 0) : [...this.padding];
    return this.convolvePadded(ahead ? padSides(x, sides, this.paddingMode) : x, filter, padding);
  }

  /** @param padding - zeros still to add on each side of each axis */
  protected abstract convolvePadded(x: tf.Tensor, filter: tf.Tensor, padding: readonly number[]): tf.Tensor;
}

/** Convolution over pictures, `[N, H, W, inChannels]` to `[N, H', W', outChannels]`. */
export class Conv2d extends Conv<2> {
  constructor(inChannels: number, outChannels: number, options: ConvOptions<Size2d>) {
    super(2, [inChannels, outChannels], options);
  }

  protected override convolvePadded(x: tf.Tensor, filter: tf.Tensor, padding: readonly number[]): tf.Tensor {
    const { stride, dilation, groups } = this;
    const options: Conv2dMathOptions = { stride, dilation, groups, padding: padding as [number, number] };
    return conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, options);
  }
}

/** Convolution over sequences, `[N, L, inChannels]` to `[N, L', outChannels]`. */
export class Conv1d extends Conv<1> {
  constructor(inChannels: number, outChannels: number, options: ConvOptions<number>) {
    super(1, [inChannels, outChannels], options);
  }

  protected override convolvePadded(x: tf.Tensor, filter: tf.Tensor, padding: readonly number[]): tf.Tensor {
    const y = conv2d(tf.expandDims(x, 1) as tf.Tensor4D, tf.expandDims(filter, 0) as tf.Tensor4D, {
      stride: [1, this.stride[0]],
      padding: [0, padding[0]!],
      dilation: [1, this.dilation[0]],
      groups: this.groups,
    });
    return tf.squeeze(y, [1]);
  }
}

/** Convolution over volumes or clips, `[N, D, H, W, inChannels]` to `[N, D', H', W', outChannels]`. */
export class Conv3d extends Conv<3> {
  constructor(inChannels: number, outChannels: number, options: ConvOptions<Size3d>) {
    super(3, [inChannels, outChannels], options);
  }

  protected override convolvePadded(x: tf.Tensor, filter: tf.Tensor, padding: readonly number[]): tf.Tensor {
    const { stride, dilation, groups } = this;
    const options = { stride, dilation, groups, padding: padding as [number, number, number] };
    return conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, options);
  }
}
