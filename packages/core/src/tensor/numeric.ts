import * as tf from "@tensorflow/tfjs-core";
import { fmtShape, ShapeError } from "../errors.ts";

/**
 * Both tensors as vectors.
 * @throws {@link ShapeError} if they do not have the same number of elements
 */
export function flattenCheck(pred: tf.Tensor, target: tf.Tensor): [pred: tf.Tensor1D, target: tf.Tensor1D] {
  if (pred.size !== target.size) {
    throw new ShapeError("flattenCheck", {
      given: `pred ${fmtShape(pred.shape)}, target ${fmtShape(target.shape)}`,
      expected: "as many numbers in one as in the other",
      fix: "compare a prediction with a target of the same shape, or take the argmax of the prediction first",
    });
  }
  return [tf.reshape(pred, [pred.size]), tf.reshape(target, [target.size])];
}

/** `ln(x / (1 − x))`, with `x` kept within 1e-7…1 − 1e-7. */
export function logit(x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const inside = tf.clipByValue(x, 1e-7, 1 - 1e-7);
    return tf.neg(tf.log(tf.sub(tf.reciprocal(inside), 1)));
  });
}

/**
 * The polyline through the points (`xp`, `fp`) at every `x`; its first and last pieces go on beyond the ends.
 * @param x - `[N]`
 * @param xp - `[P]`, rising, two points at least
 * @param fp - `[P]`
 * @returns `[N]`
 */
export function interp1d(x: tf.Tensor1D, xp: tf.Tensor1D, fp: tf.Tensor1D): tf.Tensor1D {
  const pieces = xp.size - 1;
  if (pieces < 1 || fp.size !== xp.size) {
    throw new ShapeError("interp1d", {
      given: `xp ${fmtShape(xp.shape)}, fp ${fmtShape(fp.shape)}`,
      expected: "two vectors of the same length, two or more",
    });
  }
  return tf.tidy(() => {
    const [x0, f0] = [tf.slice(xp, 0, pieces), tf.slice(fp, 0, pieces)];
    const slopes = tf.div(tf.sub(tf.slice(fp, 1, pieces), f0), tf.sub(tf.slice(xp, 1, pieces), x0));
    const passed = tf.sum(tf.cast(tf.greaterEqual(tf.expandDims(x, 1), tf.expandDims(xp, 0)), "int32"), 1);
    const piece = tf.cast(tf.clipByValue(tf.sub(passed, 1), 0, pieces - 1), "int32");
    const along = tf.sub(x, tf.gather(x0, piece));
    return tf.add(tf.gather(f0, piece), tf.mul(tf.gather(slopes, piece), along));
  });
}
