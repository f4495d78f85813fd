import * as tf from "@tensorflow/tfjs-core";
import { type FusedOp, runFused } from "./fusedOp.ts";

interface DropoutAttrs {
  p: number;
  seed: number;
}

/** Zeroes numbers by chance and scales the rest by 1/(1−p). Its gradient is itself, with the same seed. */
export const dropoutOp: FusedOp<DropoutAttrs> = {
  name: "LayerwiseDropout",
  outputs: 1,
  composed: ({ x }, { p, seed }) => [tf.mul(x!, tf.tensor(dropoutMask(x!.size, p, seed), x!.shape))],
  gradient: ({ dys, attrs }) => ({ x: () => runFused(dropoutOp, { x: dys[0]! }, attrs)[0]! }),
};

/**
 * Zeroes each number with probability `p` and scales the others by 1/(1−p).
 * The mask depends only on `seed` and the position, so it is the same on every backend and in the gradient.
 * @see Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html
 */
export function dropout(x: tf.Tensor, p: number, seed: number): tf.Tensor {
  if (p <= 0) return tf.clone(x);
  return runFused(dropoutOp, { x }, { p, seed })[0]!;
}

/** 0 or 1/(1−p) per position: number `i` is dropped if `bitsAt(i)` is below `p · 2³²`. */
export function dropoutMask(size: number, p: number, seed: number): Float32Array {
  const { keyA, keyB } = dropoutKeys(seed);
  const { limit, scale } = dropoutLimit(p);
  const mask = new Float32Array(size);
  for (let i = 0; i < size; i++) if (mix(mix((i + keyA) | 0) ^ keyB) >>> 0 >= limit) mask[i] = scale;
  return mask;
}

/** The two 32-bit keys of a seed. */
export function dropoutKeys(seed: number): { keyA: number; keyB: number } {
  const low = seed | 0;
  const high = Math.floor(seed / 2 ** 32) | 0;
  const keyA = mix(low ^ mix(high ^ 0x9e3779b9));
  return { keyA, keyB: mix(keyA ^ 0x85ebca6b) };
}

/** The draw below which a number is dropped, and the factor of the ones that stay. */
export function dropoutLimit(p: number): { limit: number; scale: number } {
  return { limit: Math.min(p, 1) * 2 ** 32, scale: p >= 1 ? 0 : Math.fround(1 / (1 - p)) };
}

/** A bijection of 32-bit integers without visible pattern. @see https://nullprogram.com/blog/2018/07/31/ (lowbias32) */
function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}
