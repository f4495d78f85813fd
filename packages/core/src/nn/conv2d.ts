import * as tf from "@tensorflow/tfjs-core";
import { dilatedConv2d, type Padding2d } from "./dilatedConv2d.ts";

/** Height and width, or one number for both. */
export type Size2d = number | readonly [height: number, width: number];

export interface Conv2dMathOptions {
  stride: readonly [number, number];
  /** Zeros added on each side of height and width. */
  padding: readonly [number, number];
  dilation: readonly [number, number];
  groups: number;
}

/** Both sizes written out. */
export function pair(size: Size2d): [number, number] {
  return typeof size === "number" ? [size, size] : [size[0], size[1]];
}

/** The padding as TensorFlow.js wants it, so that the convolution does it on the way. */
export function explicitPadding([height, width]: readonly [number, number]): Padding2d {
  if (height === 0 && width === 0) return "valid";
  return [
    [0, 0],
    [height, height],
    [width, width],
    [0, 0],
  ];
}

/**
 * Convolution with stride, zero padding, dilation and groups; gradients work for all of them.
 * @param x - `[N, H, W, I]`
 * @param filter - `[kh, kw, I / groups, O]`
 * @returns `[N, H', W', O]`
 */
export function conv2d(x: tf.Tensor4D, filter: tf.Tensor4D, options: Conv2dMathOptions): tf.Tensor4D {
  const { padding, groups } = options;
  const stride: [number, number] = [options.stride[0], options.stride[1]];
  const pad = explicitPadding(padding);
  const [, , inPerGroup, outputs] = filter.shape;
  const dilated = options.dilation[0] > 1 || options.dilation[1] > 1;
  if (groups > 1 && inPerGroup === 1) {
    const [kh, kw] = [filter.shape[0], filter.shape[1]];
    const depthwise = tf.reshape(dilated ? dilateFilter(filter, options.dilation) : filter, [
      dilated ? (kh - 1) * options.dilation[0] + 1 : kh,
      dilated ? (kw - 1) * options.dilation[1] + 1 : kw,
      groups,
      outputs / groups,
    ]) as tf.Tensor4D;
    return tf.depthwiseConv2d(x, depthwise, stride, pad);
  }
  if (groups > 1) return groupedConv2d(x, filter, options);
  if (!dilated) return tf.conv2d(x, filter, stride, pad);
  if (stride[0] === 1 && stride[1] === 1) return dilatedConv2d(x, filter, pad, options.dilation);
  return tf.conv2d(x, dilateFilter(filter, options.dilation), stride, pad);
}

/** Channels below which a convolution is too narrow to run fast. */
const narrow = 32;

/**
 * Convolution in groups, as several ordinary ones. Narrow groups are put together, with zeros where they must not mix:
 * fewer and wider products are faster than many small ones.
 */
function groupedConv2d(x: tf.Tensor4D, filter: tf.Tensor4D, options: Conv2dMathOptions): tf.Tensor4D {
  const { groups } = options;
  const [kh, kw, inputs, outputs] = filter.shape;
  const divisors = Array.from({ length: groups }, (_, i) => i + 1).filter((n) => groups % n === 0);
  const together = divisors.find((n) => n * inputs >= narrow) ?? groups;
  const parts = groups / together;
  const mask = together === 1 ? null : tf.reshape(tf.eye(together), [1, together, 1, together, 1]);
  const joined = (part: tf.Tensor4D): tf.Tensor4D => {
    if (mask === null) return part;
    const each = tf.reshape(part, [kh * kw, 1, inputs, together, outputs / groups]);
    return tf.reshape(tf.mul(each, mask), [kh, kw, together * inputs, outputs / parts]);
  };
  const plain = { ...options, groups: 1 };
  if (parts === 1) return conv2d(x, joined(filter), plain);
  const filters = tf.split(filter, parts, 3) as tf.Tensor4D[];
  const results = (tf.split(x, parts, 3) as tf.Tensor4D[]).map((part, i) => conv2d(part, joined(filters[i]!), plain));
  return tf.concat(results, 3) as tf.Tensor4D;
}

/** Spreads a filter's taps apart with zeros in between: `[(kh - 1) * d + 1, ...]`. */
export function dilateFilter(filter: tf.Tensor4D, [dh, dw]: readonly [number, number]): tf.Tensor4D {
  const [kh, kw, inputs, outputs] = filter.shape;
  const rows = tf.pad(tf.reshape(filter, [kh, 1, kw * inputs * outputs]), [
    [0, 0],
    [0, dh - 1],
    [0, 0],
  ]);
  const columns = tf.pad(tf.reshape(rows, [kh * dh * kw, 1, inputs * outputs]), [
    [0, 0],
    [0, dw - 1],
    [0, 0],
  ]);
  const spread = tf.reshape(columns, [kh * dh, kw * dw, inputs, outputs]) as tf.Tensor4D;
  return tf.slice4d(spread, [0, 0, 0, 0], [(kh - 1) * dh + 1, (kw - 1) * dw + 1, inputs, outputs]);
}
