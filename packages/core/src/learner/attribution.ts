import * as tf from "@tensorflow/tfjs-core";
import { rng } from "../random.ts";

/** What is explained: one number per row of a batch of inputs, such as the output for a class. `[N, ...]` to `[N]`. */
export type Explained = (x: tf.Tensor) => tf.Tensor;

/** Inputs computed at once. */
const CHUNK = 16;

/**
 * Integrated gradients: how much each number of `x` moves the output on the way from `baseline`. They add up to the
 * difference of the two outputs.
 * @param x - one input, `[1, ...]`
 * @returns like `x`
 * @see Sundararajan et al. 2017, https://arxiv.org/abs/1703.01365
 */
export function integratedGradients(f: Explained, x: tf.Tensor, baseline: tf.Tensor, steps: number): tf.Tensor {
  const gradient = tf.grad((batch) => tf.sum(f(batch)));
  let sum = tf.zerosLike(x);
  for (let from = 0; from < steps; from += CHUNK) {
    const n = Math.min(CHUNK, steps - from);
    const before = sum;
    sum = tf.tidy(() => {
      const alphas = tf.tensor(
        Array.from({ length: n }, (_, i) => (from + i + 0.5) / steps),
        [n, ...x.shape.slice(1).map(() => 1)],
      );
      const path = tf.add(baseline, tf.mul(alphas, tf.sub(x, baseline)));
      return tf.add(before, tf.sum(gradient(path), 0, true));
    });
    before.dispose();
  }
  const attribution = tf.tidy(() => tf.mul(tf.div(sum, steps), tf.sub(x, baseline)));
  sum.dispose();
  return attribution;
}

/** How several attributions of noisy inputs become one. */
export type NoiseKind = "smoothgrad" | "smoothgradSq" | "vargrad";

/** Attributions of `n` noisy copies of `x` together. @see Smilkov et al. 2017, https://arxiv.org/abs/1706.03825 */
export function noiseTunnel(
  attribute: (x: tf.Tensor) => tf.Tensor,
  x: tf.Tensor,
  { kind, n, std }: { kind: NoiseKind; n: number; std: number },
): tf.Tensor {
  const generator = rng();
  const parts = Array.from({ length: n }, () => {
    const noise = Float32Array.from({ length: x.size }, () => generator.normal(0, std));
    const noisy = tf.tidy(() => tf.add(x, tf.tensor(noise, x.shape)));
    const part = attribute(noisy);
    noisy.dispose();
    return part;
  });
  const together = tf.tidy(() => {
    const all = tf.stack(parts); // [n, 1, ...]
    if (kind === "smoothgrad") return tf.mean(all, 0);
    const squares = tf.mean(tf.square(all), 0);
    return kind === "smoothgradSq" ? squares : tf.sub(squares, tf.square(tf.mean(all, 0)));
  });
  tf.dispose(parts);
  return together;
}

/**
 * How much the output falls when a window of a picture is covered; each pixel has the mean over its windows.
 * @param x - one picture, `[1, H, W, C]`
 * @returns like `x`
 * @see Zeiler & Fergus 2014, https://arxiv.org/abs/1311.2901
 */
export function occlusion(
  f: Explained,
  x: tf.Tensor,
  baseline: tf.Tensor,
  { window, stride }: { window: readonly [number, number]; stride: readonly [number, number] },
): tf.Tensor {
  const [, height = 1, width = 1] = x.shape;
  const corners = starts(height, window[0], stride[0]).flatMap((y) =>
    starts(width, window[1], stride[1]).map((left) => [y, left] as const),
  );
  return tf.tidy(() => {
    const whole = f(x); // [1]
    let sum: tf.Tensor = tf.zeros([1, height, width, 1]);
    let seen: tf.Tensor = tf.zeros([1, height, width, 1]);
    for (let from = 0; from < corners.length; from += CHUNK) {
      const part = corners.slice(from, from + CHUNK);
      const before = [sum, seen];
      [sum, seen] = tf.tidy(() => {
        const covers = tf.concat(part.map(([top, left]) => cover([height, width], window, top, left))); // [n, H, W, 1]
        const covered = tf.add(tf.mul(x, tf.sub(1, covers)), tf.mul(baseline, covers));
        const falls = tf.reshape(tf.sub(whole, f(covered)), [-1, 1, 1, 1]);
        return [tf.add(sum, tf.sum(tf.mul(covers, falls), 0, true)), tf.add(seen, tf.sum(covers, 0, true))];
      }) as [tf.Tensor, tf.Tensor];
      tf.dispose(before);
    }
    return tf.mul(tf.div(sum, tf.maximum(seen, 1)), tf.onesLike(x));
  });
}

/** Where windows begin; the last one is cut off at the edge, so that every pixel is in one. */
function starts(length: number, size: number, step: number): number[] {
  const last = Math.max(0, Math.ceil((length - size) / step));
  return Array.from({ length: last + 1 }, (_, i) => i * step);
}

function cover([height, width]: readonly [number, number], size: readonly [number, number], top: number, left: number) {
  const bottom = Math.max(0, height - top - size[0]);
  const right = Math.max(0, width - left - size[1]);
  const ones = tf.ones([1, height - top - bottom, width - left - right, 1]);
  return tf.pad(ones, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]);
}
