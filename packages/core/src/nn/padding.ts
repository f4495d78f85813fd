import * as tf from "@tensorflow/tfjs-core";
import { OptionError } from "../errors.ts";

/** What lies beyond the border of a picture. */
export type PaddingMode = "zeros" | "reflect" | "replicate" | "circular";

/** Pads along one axis; composed of slices, so that gradients reach every copy. */
function padAxis(x: tf.Tensor, axis: number, before: number, after: number, mode: PaddingMode): tf.Tensor {
  if (before === 0 && after === 0) return x;
  const size = x.shape[axis]!;
  if (mode === "zeros") {
    return tf.pad(
      x,
      x.shape.map((_, i): [number, number] => (i === axis ? [before, after] : [0, 0])),
    );
  }
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
  const repeat = (edge: tf.Tensor, times: number) =>
    tf.tile(
      edge,
      x.shape.map((_, i) => (i === axis ? times : 1)),
    );
  const pieces: tf.Tensor[] = [x];
  if (mode === "reflect") {
    if (before > 0) pieces.unshift(tf.reverse(part(1, before), axis));
    if (after > 0) pieces.push(tf.reverse(part(size - 1 - after, after), axis));
  } else if (mode === "replicate") {
    if (before > 0) pieces.unshift(repeat(part(0, 1), before));
    if (after > 0) pieces.push(repeat(part(size - 1, 1), after));
  } else {
    if (before > 0) pieces.unshift(part(size - before, before));
    if (after > 0) pieces.push(part(0, after));
  }
  return tf.concat(pieces, axis);
}

/**
 * Pads pictures at their borders.
 * @param x - `[N, H, W, C]`
 * @param sides - pixels to add, `[[top, bottom], [left, right]]`
 */
export function pad2d(
  x: tf.Tensor,
  [[top, bottom], [left, right]]: readonly [readonly [number, number], readonly [number, number]],
  mode: PaddingMode = "zeros",
): tf.Tensor {
  if (mode === "zeros" && top + bottom + left + right > 0) {
    return tf.pad(x, [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]);
  }
  return padAxis(padAxis(x, 1, top, bottom, mode), 2, left, right, mode);
}
