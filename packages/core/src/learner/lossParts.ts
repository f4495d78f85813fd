import * as tf from "@tensorflow/tfjs-core";
import type { BaseLoss, LossFunc, LossFunction } from "../losses/index.ts";

/** The loss's activation and decoding, identity for a plain function. */
export function lossParts(loss: LossFunc): Pick<BaseLoss, "activation" | "decodes"> {
  if (typeof loss === "function") return { activation: (x) => tf.clone(x), decodes: (x) => tf.clone(x) };
  return { activation: (x) => loss.activation(x), decodes: (x) => loss.decodes(x) };
}

/** A plain function's loss for each item by itself, `[N]`: what a mean over the batch hides. */
export function itemLosses(loss: LossFunction): LossFunction {
  const each: LossFunction = (pred, ...targets) =>
    tf.tidy(() => {
      const row = (x: tf.Tensor, i: number): tf.Tensor => tf.slice(x, i, 1);
      const n = pred.shape[0] ?? 1;
      const losses = Array.from({ length: n }, (_, i) => tf.mean(loss(row(pred, i), ...targets.map((y) => row(y, i)))));
      return tf.stack(losses);
    });
  return Object.defineProperty(each, "name", { value: loss.name });
}
