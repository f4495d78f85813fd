import * as tf from "@tensorflow/tfjs-core";
import { OptionError } from "../errors.ts";

/** What lies beyond the border of a picture. */
export type PaddingMode = "zeros" | "reflect" | "replicate" | "circular";

/** Pads along one axis; composed of slices, so that gradients reach every copy. */
function padAxis(x: tf.Tensor, axis: number, before: number, after: number, mode: PaddingMode): tf.Tensor {
  if (before === 0 && after === 0) return x;
  const size = x.shape[axis]!;
  const most = mode === "reflect" ? size - 1 : mode === "circular" ? size : Number.POSITIVE_INFINITY;
  if (Math.max(before, after) > most) {
    throw new OptionError("padding", {
      given: `${Math.max(before, after)} pixels of "${mode}" padding for an axis of ${size}`,
      expected: `at most ${most}`,
    });
  }
  const part = (start: number, length: number) => {
    const begin = x.shape.map((_, i) => (i === axis ? start : 0));
    const extent = x.shape.map((n, i) => (i === axis ? length : n));
    return tf.slice(x, begin, extent);
  };
  const copies = (edge: tf.Tensor, times: number) => new Array<tf.Tensor>(times).fill(edge);
  const pieces: tf.Tensor[] = [x];
  if (mode === "reflect") {
    if (before > 0) pieces.unshift(tf.reverse(part(1, before), axis));
    if (after > 0) pieces.push(tf.reverse(part(size - 1 - after, after), axis));
  } else if (mode === "replicate") {
    if (before > 0) pieces.unshift(...copies(part(0, 1), before));
    if (after > 0) pieces.push(...copies(part(size - 1, 1), after));
  } else {
    if (before > 0) pieces.unshift(part(size - before, before));
    if (after > 0) pieces.push(part(0, after));
  }
  return tf.concat(pieces, axis);
}

/**
 * Pads along the axes between batch and channels.
 * @param x - `[N, ..., C]`
 * @param sides - pixels to add before and after, per axis
 */
export function padSides(x: tf.Tensor, sides: readonly (readonly [number, number])[], mode: PaddingMode): tf.Tensor {
  if (mode === "zeros" && sides.some(([before, after]) => before + after > 0)) {
    return tf.pad(x, [[0, 0], ...sides.map(([before, after]): [number, number] => [before, after]), [0, 0]]);
  }
  return sides.reduce((y, [before, after], i) => padAxis(y, i + 1, before, after, mode), x);
}

/**
 * Pads pictures at their borders.
 * @param x - `[N, H, W, C]`
 * @param sides - pixels to add, `[[top, bottom], [left, right]]`
 */
export function pad2d(
  x: tf.Tensor,
  sides: readonly [readonly [number, number], readonly [number, number]],
  mode: PaddingMode = "zeros",
): tf.Tensor {
  return padSides(x, sides, mode);
}
