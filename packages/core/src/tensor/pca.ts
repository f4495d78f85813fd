import * as tf from "@tensorflow/tfjs-core";
import { OptionError } from "../errors.ts";

/**
 * Projects the rows of `x` on their `k` directions of greatest variance. Each direction's largest entry is positive.
 * @param x - `[N, D]`; D up to a few hundred, its covariance is decomposed in JS
 * @returns `[N, k]`
 */
export async function pca(x: tf.Tensor2D, k = 2): Promise<tf.Tensor2D> {
  const [rows, width] = x.shape;
  if (k < 1 || k > Math.min(rows, width)) {
    throw new OptionError("pca", { given: `k ${k}`, expected: `an integer in 1…${Math.min(rows, width)}` });
  }
  const [centered, covariance] = tf.tidy(() => {
    const moved = tf.sub(x, tf.mean(x, 0)) as tf.Tensor2D;
    return [moved, tf.matMul(moved, moved, true)];
  });
  const values = await covariance.data();
  covariance.dispose();
  const { eigenvalues, vectors } = symmetricEigen(Float64Array.from(values), width);
  const order = Array.from(eigenvalues.keys()).sort((a, b) => eigenvalues[b]! - eigenvalues[a]!);
  const directions = new Float32Array(width * k);
  for (const [column, index] of order.slice(0, k).entries()) {
    const direction = Float64Array.from({ length: width }, (_, row) => vectors[row * width + index]!);
    const largest = direction.reduce((best, v) => (Math.abs(v) > Math.abs(best) ? v : best), 0);
    for (const [row, v] of direction.entries()) directions[row * k + column] = largest < 0 ? -v : v;
  }
  const projected = tf.tidy(() => tf.matMul<tf.Tensor2D>(centered, tf.tensor2d(directions, [width, k])));
  centered.dispose();
  return projected;
}

/** Eigenvalues and eigenvectors (columns) of a symmetric matrix, by Jacobi's rotations. */
function symmetricEigen(a: Float64Array, n: number): { eigenvalues: Float64Array; vectors: Float64Array } {
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    let total = 0;
    for (let i = 0; i < n * n; i++) {
      total += a[i]! ** 2;
      if (Math.floor(i / n) !== i % n) off += a[i]! ** 2;
    }
    if (off <= 1e-20 * total) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q);
  }
  return { eigenvalues: Float64Array.from({ length: n }, (_, i) => a[i * n + i]!), vectors: v };
}

/** Turns the plane of axes p and q so that `a[p, q]` becomes 0. @see Golub & Van Loan, Matrix Computations, 8.5 */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!;
  if (apq === 0) return;
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(1, theta));
  const c = 1 / Math.hypot(1, t);
  const s = t * c;
  const turn = (m: Float64Array, at: number, to: number) => {
    const [x, y] = [m[at]!, m[to]!];
    m[at] = c * x - s * y;
    m[to] = s * x + c * y;
  };
  for (let i = 0; i < n; i++) turn(a, i * n + p, i * n + q);
  for (let i = 0; i < n; i++) turn(a, p * n + i, q * n + i);
  for (let i = 0; i < n; i++) turn(v, i * n + p, i * n + q);
}
