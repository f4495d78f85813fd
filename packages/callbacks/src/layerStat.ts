import * as tf from "@tensorflow/tfjs-core";

/** Bins of the histogram of activations, equally wide over 0…10. */
export const HIST_BINS = 40;
const HIST_MAX = 10;
/** Activations up to here count as near zero. */
const NEAR_ZERO = 0.05;

/** What one layer put out in one batch. */
export interface LayerStat {
  mean: number;
  /** Unbiased. */
  std: number;
  /** Share of activations of at most 0.05, negative ones included. */
  nearZero: number;
  /** Counts in 40 bins over 0…10; what lies outside is not counted. */
  hist?: number[];
}

/** Counts in equal bins over 0…10; 10 falls in the last bin, what lies outside in none. `[40]` */
export function histc(x: tf.Tensor): tf.Tensor1D {
  return tf.tidy(() => {
    const flat = tf.reshape(x, [-1]);
    const place = tf.minimum(tf.floor(tf.mul(flat, HIST_BINS / HIST_MAX)), HIST_BINS - 1);
    const isInside = tf.logicalAnd(tf.greaterEqual(flat, 0), tf.lessEqual(flat, HIST_MAX));
    const bin = tf.cast(tf.where(isInside, place, tf.fill(flat.shape, HIST_BINS)), "int32"); // one bin more: outside
    const counts = tf.bincount(bin as tf.Tensor1D, tf.tensor1d([]), HIST_BINS + 1);
    return tf.cast(tf.slice(counts, [0], [HIST_BINS]), "float32");
  });
}

/**
 * Mean, std and share near zero, with `withHist` followed by the histogram, as one tensor.
 * @returns `[3]` or `[43]`, without gradients; the operations leave no trace in a running gradient pass
 */
export function layerStatTensor(x: tf.Tensor, withHist: boolean): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const given = args[0] as tf.Tensor;
    return { value: compute(given, withHist), gradFunc: () => tf.zerosLike(given) };
  });
  return op(x);
}

function compute(given: tf.Tensor, withHist: boolean): tf.Tensor {
  return tf.tidy(() => {
    const x = tf.cast(given, "float32");
    const mean = tf.mean(x);
    const std = tf.sqrt(tf.div(tf.sum(tf.squaredDifference(x, mean)), x.size - 1));
    const nearZero = tf.mean(tf.cast(tf.lessEqual(x, NEAR_ZERO), "float32"));
    const three = tf.stack([mean, std, nearZero]);
    return withHist ? tf.concat([three, histc(x)]) : three;
  });
}

/** What `layerStatTensor` computed, from its numbers. */
export function toLayerStat(values: ArrayLike<number>): LayerStat {
  const [mean = Number.NaN, std = Number.NaN, nearZero = Number.NaN, ...hist] = Array.from(values);
  return hist.length > 0 ? { mean, std, nearZero, hist } : { mean, std, nearZero };
}
