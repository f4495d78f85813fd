import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { OptionError } from "../errors.ts";
import { CLASS_LOSS, ClassLoss, type ClassLossOptions } from "./classLoss.ts";
import { crossEntropyRows } from "./crossEntropy.ts";
import { meanByWeight } from "./reduction.ts";

/** Options of {@link LabelSmoothingCrossEntropyFlat}. */
export interface LabelSmoothingOptions extends ClassLossOptions {
  /** Share of the target that is spread over all classes, 0…1. @defaultValue 0.1 */
  eps?: number;
}

/**
 * Cross-entropy against targets that are a little unsure: `eps` of each is spread evenly over the classes, so that
 * logits need not grow without end. Class weights act on the sure part only, whose mean divides by their sum.
 *
 * `call(pred, target)`: logits `[N, ..., C]`, class indices `[N, ...]`.
 * @see Szegedy et al. 2016, section 7, https://arxiv.org/abs/1512.00567
 */
export class LabelSmoothingCrossEntropyFlat extends ClassLoss {
  override readonly name: string = "LabelSmoothingCrossEntropyFlat";
  readonly eps: number;

  constructor(options: LabelSmoothingOptions = {}) {
    checkOptions(new.target.name, options, { ...CLASS_LOSS, eps: true });
    const { eps = 0.1, ...rest } = options;
    super(rest);
    if (!(eps >= 0 && eps <= 1)) {
      throw new OptionError("LabelSmoothingCrossEntropyFlat", {
        given: `eps ${eps}`,
        expected: "a number from 0 to 1",
      });
    }
    this.eps = eps;
  }

  protected override compute(pred: tf.Tensor, target?: tf.Tensor): tf.Tensor {
    const { logits, target: classes } = this.rows(pred, target);
    const spread = tf.neg(tf.mean(tf.logSoftmax(logits), 1)); // [M]
    const { losses, weights } = crossEntropyRows(logits, classes, this.weight, -100);
    const mix = (smooth: tf.Tensor, sure: tf.Tensor) => tf.add(tf.mul(smooth, this.eps), tf.mul(sure, 1 - this.eps));
    if (this.reduction === "none") return this.unreduced(mix(spread, losses), pred);
    if (this.reduction === "sum") return mix(tf.sum(spread), tf.sum(losses));
    return mix(tf.mean(spread), meanByWeight(losses, weights));
  }

  protected override args(): Record<string, unknown> {
    return { ...super.args(), eps: this.eps };
  }
}

/** {@link LabelSmoothingCrossEntropyFlat} whose unreduced losses have the shape of the targets. */
export class LabelSmoothingCrossEntropy extends LabelSmoothingCrossEntropyFlat {
  override readonly name: string = "LabelSmoothingCrossEntropy";

  constructor(options: LabelSmoothingOptions = {}) {
    checkOptions(new.target.name, options, { ...CLASS_LOSS, eps: true });
    super({ flatten: false, ...options });
  }
}
