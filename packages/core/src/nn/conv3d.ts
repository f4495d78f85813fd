import * as tf from "@tensorflow/tfjs-core";
import { conv2d } from "./conv2d.ts";

/** Depth, height and width, or one number for all. */
export type Size3d = number | readonly [depth: number, height: number, width: number];

export interface Conv3dMathOptions {
  stride: readonly [number, number, number];
  /** Zeros added on each side of depth, height and width. */
  padding: readonly [number, number, number];
  dilation: readonly [number, number, number];
  groups: number;
}

/**
 * Convolution over volumes: the sum, over the filter's layers in depth, of a convolution of pictures. These are fast on
 * every backend and know stride, padding, dilation, groups and all their gradients.
 * @param x - `[N, D, H, W, I]`
 * @param filter - `[kd, kh, kw, I / groups, O]`
 * @returns `[N, D', H', W', O]`
 */
export function conv3d(x: tf.Tensor5D, filter: tf.Tensor5D, options: Conv3dMathOptions): tf.Tensor5D {
  const [strideD, ...stride] = options.stride;
  const [padD, ...padding] = options.padding;
  const [dilationD, ...dilation] = options.dilation;
  const reach = (filter.shape[0] - 1) * dilationD;
  const depth = Math.floor((x.shape[1] + 2 * padD - reach - 1) / strideD) + 1;
  return tf.tidy(() => {
    const missing = Math.max(0, reach + depth * strideD - x.shape[1] - 2 * padD);
    const padded = padDepth(x, padD, padD + missing);
    const sums = (tf.unstack(filter) as tf.Tensor4D[]).map((layer, i) => {
      const pictures = everyPicture(padded, i * dilationD, depth, strideD);
      return conv2d(pictures, layer, { stride, padding, dilation, groups: options.groups });
    });
    const y = tf.addN(sums); // [N * D', H', W', O]
    const [, height, width, outputs] = y.shape as [number, number, number, number];
    return tf.reshape(y, [x.shape[0], depth, height, width, outputs]) as tf.Tensor5D;
  });
}

/** `count` pictures of each volume from `start` on, `stride` apart, as one batch: `[N * count, H, W, C]`. */
function everyPicture(x: tf.Tensor, start: number, count: number, stride: number): tf.Tensor4D {
  const [n, , height, width, channels] = x.shape as [number, number, number, number, number];
  const run = tf.slice(x, [0, start, 0, 0, 0], [n, count * stride, height, width, channels]);
  // A run of `stride` pictures becomes one tall picture, whose top is the first of them.
  const tall = tf.reshape(run, [n * count, stride * height, width, channels]) as tf.Tensor4D;
  return stride === 1 ? tall : tf.slice4d(tall, [0, 0, 0, 0], [n * count, height, width, channels]);
}

/** Zeros before and after, along the depth. */
export function padDepth(x: tf.Tensor, before: number, after: number): tf.Tensor {
  if (before + after === 0) return x;
  return tf.pad(
    x,
    x.shape.map((_, axis): [number, number] => (axis === 1 ? [before, after] : [0, 0])),
  );
}
