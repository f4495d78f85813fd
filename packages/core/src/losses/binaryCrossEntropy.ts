import * as tf from "@tensorflow/tfjs-core";
import { checkOptions, type KnownOptions } from "../checkOptions.ts";
import { checkNumber, checkWeightCount, checkWeights } from "./checkTargets.ts";
import { ElementwiseLoss, type ElementwiseLossOptions, withSlope } from "./elementwiseLoss.ts";

/** Options of {@link BCEWithLogitsLossFlat}. */
export interface BCEWithLogitsOptions extends ElementwiseLossOptions {
  /** Probability above which `decodes` says yes. @defaultValue 0.5 */
  thresh?: number;
  /** A factor per class (last axis of `pred`). @defaultValue 1 for each */
  weight?: readonly number[] | undefined;
  /** A factor for the positive examples, one for all classes or one per class. @defaultValue 1 */
  posWeight?: number | readonly number[] | undefined;
}

const BCE_WITH_LOGITS: KnownOptions<BCEWithLogitsOptions> = {
  ...{ reduction: true, flatten: true, thresh: true, weight: true, posWeight: true },
};

/**
 * Binary cross-entropy of logits, for targets of 0 and 1 (or shares in between): several labels at once, or yes and no.
 * With `posWeight`, unreduced losses keep the shape of `pred`.
 *
 * `call(pred, target)`: logits `[N, ..., C]`, targets of the same size.
 */
export class BCEWithLogitsLossFlat extends ElementwiseLoss {
  override readonly name: string = "BCEWithLogitsLossFlat";
  readonly thresh: number;
  readonly weight: readonly number[] | undefined;
  readonly posWeight: readonly number[] | undefined;

  constructor(options: BCEWithLogitsOptions = {}) {
    checkOptions(new.target.name, options, BCE_WITH_LOGITS);
    const { thresh = 0.5, weight, posWeight, ...rest } = options;
    super({ flatten: posWeight === undefined, ...rest });
    this.thresh = checkNumber("BCEWithLogitsLossFlat", "thresh", thresh);
    this.weight = checkWeights("BCEWithLogitsLossFlat", "weight", weight);
    const factors = typeof posWeight === "number" ? [posWeight] : posWeight;
    this.posWeight = checkWeights("BCEWithLogitsLossFlat", "posWeight", factors);
  }

  protected override each(pred: tf.Tensor, target: tf.Tensor): tf.Tensor {
    const classes = pred.shape[pred.shape.length - 1] ?? 1;
    let yes = softplus(tf.neg(pred)); // -ln(sigmoid(pred))
    if (this.posWeight) yes = tf.mul(yes, this.#perClass("posWeight", this.posWeight, classes));
    const no = softplus(pred); // -ln(1 - sigmoid(pred))
    const losses = tf.add(tf.mul(target, yes), tf.mul(tf.sub(1, target), no));
    return this.weight ? tf.mul(losses, this.#perClass("weight", this.weight, classes)) : losses;
  }

  #perClass(option: string, factors: readonly number[], classes: number): tf.Tensor {
    if (factors.length > 1) checkWeightCount(this.name, option, factors, classes);
    return tf.tensor1d([...factors]);
  }

  override activation(pred: tf.Tensor): tf.Tensor {
    return tf.sigmoid(pred);
  }

  override decodes(activated: tf.Tensor): tf.Tensor {
    return tf.greater(activated, this.thresh);
  }

  protected override args(): Record<string, unknown> {
    const { thresh, weight, posWeight } = this;
    return { ...super.args(), thresh, ...(weight && { weight }), ...(posWeight && { posWeight }) };
  }
}

/** `ln(1 + e^x)`, exact on both sides of 0. */
function softplus(x: tf.Tensor): tf.Tensor {
  const value = (v: tf.Tensor) => tf.add(tf.relu(v), tf.log1p(tf.exp(tf.neg(tf.abs(v)))));
  return withSlope(x, value, tf.sigmoid);
}

/**
 * Binary cross-entropy of probabilities, for models that end in a sigmoid. Logarithms end at -100, as PyTorch's do.
 * `call(pred, target)`: probabilities 0…1, as many targets.
 */
export class BCELossFlat extends ElementwiseLoss {
  override readonly name: string = "BCELossFlat";

  protected override each(pred: tf.Tensor, target: tf.Tensor): tf.Tensor {
    const log = (p: tf.Tensor) => tf.maximum(tf.log(p), -100);
    const value = (p: tf.Tensor, t: tf.Tensor) =>
      tf.neg(tf.add(tf.mul(t, log(p)), tf.mul(tf.sub(1, t), log(tf.sub(1, p)))));
    const slope = (p: tf.Tensor, t: tf.Tensor) => tf.div(tf.sub(p, t), tf.maximum(tf.mul(p, tf.sub(1, p)), 1e-12));
    return withSlope(pred, value, slope, target);
  }
}
