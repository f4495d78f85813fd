import * as tf from "@tensorflow/tfjs-core";
import type { BaseLoss, LossFunc } from "../losses/index.ts";

/** The loss's activation and decoding, identity for a plain function. */
export function lossParts(loss: LossFunc): Pick<BaseLoss, "activation" | "decodes"> {
  if (typeof loss === "function") return { activation: (x) => tf.clone(x), decodes: (x) => tf.clone(x) };
  return { activation: (x) => loss.activation(x), decodes: (x) => loss.decodes(x) };
}
