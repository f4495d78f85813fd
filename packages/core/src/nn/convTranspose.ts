import * as tf from "@tensorflow/tfjs-core";
import { dilateFilter, explicitPadding, type Size2d } from "./conv2d.ts";
import { padDepth, type Size3d } from "./conv3d.ts";
import { type AxisSizes, ConvBase, type ConvOptions } from "./convBase.ts";

export interface ConvTransposeOptions<Size = Size2d> extends Omit<ConvOptions<Size>, "paddingMode"> {
  /** Pixels added at the far end of each axis of the result. @defaultValue 0 */
  outputPadding?: Size;
}

/** A convolution that enlarges, as the gradient of an ordinary one does. */
abstract class ConvTranspose<N extends 1 | 2 | 3> extends ConvBase<N> {
  readonly outputPadding: AxisSizes[N];

  constructor(ndim: N, channels: readonly [number, number], options: ConvTransposeOptions<number | AxisSizes[N]>) {
    super(ndim, true, channels, options);
    const { outputPadding = 0 } = options;
    this.outputPadding = (typeof outputPadding === "number"
      ? this.kernelSize.map(() => outputPadding)
      : [...outputPadding]) as unknown as AxisSizes[N];
  }
}

/** Transposed convolution, which enlarges: `[N, H, W, inChannels]` to `[N, (H - 1) * stride + ..., outChannels]`. */
export class ConvTranspose2d extends ConvTranspose<2> {
  constructor(inChannels: number, outChannels: number, options: ConvTransposeOptions<Size2d>) {
    super(2, [inChannels, outChannels], options);
  }

  protected override convolve(x: tf.Tensor, filter: tf.Tensor): tf.Tensor {
    return convTranspose2d(x as tf.Tensor4D, filter as tf.Tensor4D, this);
  }
}

/** Transposed convolution of sequences: `[N, L, inChannels]` to `[N, (L - 1) * stride + ..., outChannels]`. */
export class ConvTranspose1d extends ConvTranspose<1> {
  constructor(inChannels: number, outChannels: number, options: ConvTransposeOptions<number>) {
    super(1, [inChannels, outChannels], options);
  }

  protected override convolve(x: tf.Tensor, filter: tf.Tensor): tf.Tensor {
    const y = convTranspose2d(tf.expandDims(x, 1) as tf.Tensor4D, tf.expandDims(filter, 0) as tf.Tensor4D, {
      stride: [1, this.stride[0]],
      padding: [0, this.padding[0]],
      outputPadding: [0, this.outputPadding[0]],
      dilation: [1, this.dilation[0]],
      groups: this.groups,
    });
    return tf.squeeze(y, [1]);
  }
}

/** Transposed convolution of volumes: `[N, D, H, W, inChannels]` to `[N, (D - 1) * stride + ..., ..., outChannels]`. */
export class ConvTranspose3d extends ConvTranspose<3> {
  constructor(inChannels: number, outChannels: number, options: ConvTransposeOptions<Size3d>) {
    super(3, [inChannels, outChannels], options);
  }

  /** The sum, over the filter's layers in depth, of what each adds to the pictures `stride` apart. */
  protected override convolve(x: tf.Tensor, filter: tf.Tensor): tf.Tensor {
    const [strideD, ...stride] = this.stride;
    const [padD, ...padding] = this.padding;
    const [dilationD, ...dilation] = this.dilation;
    const [extraD, ...outputPadding] = this.outputPadding;
    const [n, depth, ...picture] = x.shape as [number, number, number, number, number];
    const pictures = tf.reshape(x, [n * depth, ...picture]) as tf.Tensor4D;
    const reach = (filter.shape[0]! - 1) * dilationD;
    const options = { stride, padding, outputPadding, dilation, groups: this.groups };
    return tf.tidy(() => {
      const layers = (tf.unstack(filter) as tf.Tensor4D[]).map((layer, i) => {
        const y = convTranspose2d(pictures, layer, options); // [N * D, H', W', O]
        const spread = spreadDepth(tf.reshape(y, [n, depth, ...y.shape.slice(1)]), strideD);
        return padDepth(spread, i * dilationD, reach - i * dilationD + extraD);
      });
      const sum = tf.addN(layers);
      const size = [...sum.shape];
      size[1]! -= 2 * padD;
      return tf.slice(sum, [0, padD, 0, 0, 0], size);
    });
  }
}

/** Zeros between the pictures of a volume: `[N, (D - 1) * stride + 1, H, W, C]`. */
function spreadDepth(x: tf.Tensor, stride: number): tf.Tensor {
  if (stride === 1) return x;
  const [n, depth, height, width, channels] = x.shape as [number, number, number, number, number];
  const rows = tf.reshape(x, [n * depth, height, width, channels]);
  const tall = tf.pad(rows, [
    [0, 0],
    [0, (stride - 1) * height],
    [0, 0],
    [0, 0],
  ]);
  const volumes = tf.reshape(tall, [n, depth * stride, height, width, channels]);
  return tf.slice(volumes, [0, 0, 0, 0, 0], [n, (depth - 1) * stride + 1, height, width, channels]);
}

interface ConvTranspose2dMathOptions {
  stride: readonly [number, number];
  padding: readonly [number, number];
  outputPadding: readonly [number, number];
  dilation: readonly [number, number];
  groups: number;
}

/**
 * Transposed convolution with stride, padding, dilation and groups.
 * @param x - `[N, H, W, I]`
 * @param filter - `[kh, kw, O / groups, I]`
 */
function convTranspose2d(x: tf.Tensor4D, filter: tf.Tensor4D, options: ConvTranspose2dMathOptions): tf.Tensor4D {
  const { dilation, groups } = options;
  const spread = dilation[0] > 1 || dilation[1] > 1 ? dilateFilter(filter, dilation) : filter;
  if (groups === 1) return transposeGroup(x, spread, options);
  const filters = tf.split(spread, groups, 3) as tf.Tensor4D[];
  const parts = tf.split(x, groups, 3) as tf.Tensor4D[];
  const results = parts.map((part, i) => transposeGroup(part, filters[i]!, options));
  return tf.concat(results, 3) as tf.Tensor4D;
}

function transposeGroup(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  { stride, padding, outputPadding }: ConvTranspose2dMathOptions,
): tf.Tensor4D {
  const [height, width] = [0, 1].map(
    (axis) =>
      (x.shape[axis + 1]! - 1) * stride[axis]! - 2 * padding[axis]! + filter.shape[axis]! + outputPadding[axis]!,
  ) as [number, number];
  const shape: [number, number, number, number] = [x.shape[0], height, width, filter.shape[2]];
  return tf.conv2dTranspose(x, filter, shape, [stride[0], stride[1]], explicitPadding(padding));
}
