import * as tf from "@tensorflow/tfjs-core";
import { OptionError } from "../errors.ts";

/** What becomes of the losses of single items: their mean, their sum, or nothing (`"none"`). */
export type Reduction = "mean" | "sum" | "none";

const reductions: readonly string[] = ["mean", "sum", "none"];

/** @throws {@link OptionError} for anything but the three names */
export function checkReduction(where: string, reduction: Reduction): Reduction {
  if (reductions.includes(reduction)) return reduction;
  throw new OptionError(where, { given: `reduction "${reduction}"`, expected: '"mean", "sum" or "none"' });
}

/**
 * Reduces losses of single items.
 * @param loss - any shape
 * @returns a scalar, or a tensor like `loss` for `"none"`; the caller's
 */
export function reduceLoss(loss: tf.Tensor, reduction: Reduction): tf.Tensor {
  if (reduction === "none") return tf.clone(loss);
  return reduction === "sum" ? tf.sum(loss) : tf.mean(loss);
}

/**
 * Weighted mean `Σ loss / Σ weight`, where `loss` is weighted already. All weights 0 give 0, not NaN,
 * so that one batch without a counted target cannot spoil the weights.
 */
export function meanByWeight(loss: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.div(tf.sum(loss), tf.maximum(tf.sum(weight), 1e-30)));
}
