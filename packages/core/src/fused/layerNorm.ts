import * as tf from "@tensorflow/tfjs-core";
import { type FusedOp, runFused } from "./fusedOp.ts";

interface LayerNormAttrs {
  eps: number;
}

/** Gradients `dx`, `dweight`, `dbias` of layer normalization of the rows of `[M, D]`. */
export const layerNormGradOp: FusedOp<LayerNormAttrs> = {
  name: "LayerwiseLayerNormGrad",
  outputs: 3,
  composed: ({ x, dy, mean, rstd, weight }) => {
    const xHat = tf.mul(tf.sub(x!, mean!), rstd!);
    const dbias = tf.sum(dy!, 0); // [D]
    const dweight = tf.sum(tf.mul(dy!, xHat), 0); // [D]
    const dxHat = weight === undefined ? dy! : tf.mul(dy!, weight);
    const along = tf.mul(xHat, tf.mean(tf.mul(dxHat, xHat), 1, true));
    const dx = tf.mul(rstd!, tf.sub(tf.sub(dxHat, tf.mean(dxHat, 1, true)), along));
    return [dx, dweight, dbias];
  },
};

/** Layer normalization of the rows of `[M, D]`; keeps each row's mean and 1/std, `[M, 1]`, for the gradient. */
export const layerNormOp: FusedOp<LayerNormAttrs> = {
  name: "LayerwiseLayerNorm",
  outputs: 1,
  composed: ({ x, weight, bias }, { eps }) => {
    const mean = tf.mean(x!, 1, true); // [M, 1]
    const centered = tf.sub(x!, mean);
    const rstd = tf.rsqrt(tf.add(tf.mean(tf.square(centered), 1, true), eps)); // [M, 1]
    let y = tf.mul(centered, rstd);
    if (weight !== undefined) y = tf.mul(y, weight);
    if (bias !== undefined) y = tf.add(y, bias);
    return [y, mean, rstd];
  },
  gradient: ({ dys, inputs, results: [, mean, rstd], attrs }) => {
    const given = { x: inputs.x!, dy: dys[0]!, mean: mean!, rstd: rstd!, weight: inputs.weight ?? null };
    const [dx, dweight, dbias] = runFused(layerNormGradOp, given, attrs);
    return { x: () => dx!, weight: () => dweight!, bias: () => dbias! };
  },
};

/**
 * Normalizes each sample by its own mean and biased variance over the last `axes` axes.
 * @param x - `[..., D1, ..., Dk]`
 * @param weight - `[D1, ..., Dk]`, or null for 1
 * @param bias - `[D1, ..., Dk]`, or null for 0
 * @param axes - how many trailing axes are normalized together, k
 * @see Ba et al. 2016, eq. 3, https://arxiv.org/abs/1607.06450
 */
export function layerNorm(
  x: tf.Tensor,
  weight: tf.Tensor | null,
  bias: tf.Tensor | null,
  eps: number,
  axes = 1,
): tf.Tensor {
  return tf.tidy(() => {
    const width = x.shape.slice(x.rank - axes).reduce((product, size) => product * size, 1);
    const rows = x.size === 0 ? 0 : x.size / width;
    const flat = (t: tf.Tensor | null) => t && tf.reshape(t, [width]);
    const given = { x: tf.reshape(x, [rows, width]), weight: flat(weight), bias: flat(bias) };
    const [y] = runFused(layerNormOp, given, { eps });
    return tf.reshape(y!, x.shape);
  });
}
