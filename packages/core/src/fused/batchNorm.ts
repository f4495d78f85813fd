import * as tf from "@tensorflow/tfjs-core";
import { type FusedOp, runFused } from "./fusedOp.ts";

/** Result of {@link batchNormTrain}; the statistics carry no gradient. */
export interface BatchNormResult {
  y: tf.Tensor;
  /** Mean of each channel, `[C]`. */
  mean: tf.Tensor1D;
  /** Biased variance of each channel, `[C]`. */
  variance: tf.Tensor1D;
}

interface BatchNormAttrs {
  eps: number;
}

/** Gradients `dx`, `dscale`, `doffset` of batch normalization by the batch's own statistics. */
export const batchNormTrainGradOp: FusedOp<BatchNormAttrs> = {
  name: "LayerwiseBatchNormTrainGrad",
  outputs: 3,
  composed: ({ x, dy, mean, variance, scale }, { eps }) => {
    const axes = allButLast(x!);
    const count = x!.size / Math.max(mean!.size, 1);
    const rstd = tf.rsqrt(tf.add(variance!, eps)); // [C]
    const xHat = tf.mul(tf.sub(x!, mean!), rstd);
    const doffset = tf.sum(dy!, axes); // [C]
    const dscale = tf.sum(tf.mul(dy!, xHat), axes); // [C]
    const through = tf.sub(tf.sub(dy!, tf.div(doffset, count)), tf.mul(xHat, tf.div(dscale, count)));
    const dx = tf.mul(through, scale === undefined ? rstd : tf.mul(scale, rstd));
    return [dx, dscale, doffset];
  },
};

/** Batch normalization by the batch's own statistics. */
export const batchNormTrainOp: FusedOp<BatchNormAttrs> = {
  name: "LayerwiseBatchNormTrain",
  outputs: 3,
  composed: ({ x, scale, offset }, { eps }) => {
    const axes = allButLast(x!);
    const mean = tf.mean(x!, axes); // [C]
    const variance = tf.mean(tf.square(tf.sub(x!, mean)), axes); // [C]
    const factor = tf.rsqrt(tf.add(variance, eps));
    const slope = scale === undefined ? factor : tf.mul(factor, scale);
    const normalized = tf.mul(tf.sub(x!, mean), slope);
    return [offset === undefined ? normalized : tf.add(normalized, offset), mean, variance];
  },
  gradient: ({ dys, inputs, results: [, mean, variance], attrs }) => {
    const given = { x: inputs.x!, dy: dys[0]!, mean: mean!, variance: variance!, scale: inputs.scale ?? null };
    const [dx, dscale, doffset] = runFused(batchNormTrainGradOp, given, attrs);
    return { x: () => dx!, scale: () => dscale!, offset: () => doffset! };
  },
};

/**
 * Normalizes each channel by the mean and biased variance over all other axes, as batch norm does in training.
 * @param x - `[..., C]`
 * @param scale - `[C]`, or null for 1
 * @param offset - `[C]`, or null for 0
 * @see Ioffe & Szegedy 2015, Algorithm 1, https://arxiv.org/abs/1502.03167
 */
export function batchNormTrain(
  x: tf.Tensor,
  scale: tf.Tensor | null,
  offset: tf.Tensor | null,
  eps: number,
): BatchNormResult {
  const [y, mean, variance] = runFused(batchNormTrainOp, { x, scale, offset }, { eps });
  return { y: y!, mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D };
}

function allButLast(x: tf.Tensor): number[] {
  return Array.from({ length: x.rank - 1 }, (_, axis) => axis);
}
