import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { OptionError } from "../errors.ts";
import { checkNumber } from "./checkTargets.ts";
import { CLASS_LOSS, ClassLoss, type ClassLossOptions } from "./classLoss.ts";
import { crossEntropyRows } from "./crossEntropy.ts";
import { reduceLoss } from "./reduction.ts";

/** Options of {@link FocalLossFlat}. */
export interface FocalLossOptions extends ClassLossOptions {
  /** How much easy examples fade: 0 is plain cross-entropy. @defaultValue 2 */
  gamma?: number;
}

/**
 * Focal loss: cross-entropy that counts easy examples less, `(1 - e^-ce)^gamma · ce`, where class weights are part of
 * `ce`. The mean is a plain one, over all rows.
 *
 * `call(pred, target)`: logits `[N, ..., C]`, class indices `[N, ...]`.
 * @see Lin et al. 2017, eq. 4, https://arxiv.org/abs/1708.02002
 */
export class FocalLossFlat extends ClassLoss {
  override readonly name: string = "FocalLossFlat";
  readonly gamma: number;

  constructor(options: FocalLossOptions = {}) {
    checkOptions(new.target.name, options, { ...CLASS_LOSS, gamma: true });
    const { gamma = 2, ...rest } = options;
    super(rest);
    this.gamma = checkNumber("FocalLossFlat", "gamma", gamma);
    if (gamma < 0) throw new OptionError("FocalLossFlat", { given: `gamma ${gamma}`, expected: "0 or more" });
  }

  protected override compute(pred: tf.Tensor, target?: tf.Tensor): tf.Tensor {
    const { logits, target: classes } = this.rows(pred, target);
    const { losses: ce } = crossEntropyRows(logits, classes, this.weight, -100);
    const focal = tf.mul(this.#focus(ce), ce);
    return this.reduction === "none" ? this.unreduced(focal, pred) : reduceLoss(focal, this.reduction);
  }

  /** `(1 - p)^gamma`, where `p = e^-ce`. */
  #focus(ce: tf.Tensor): tf.Tensor {
    if (this.gamma === 0) return tf.onesLike(ce);
    const missed = tf.neg(tf.expm1(tf.neg(ce)));
    // Below 1 the slope of the power is infinite at a perfect prediction.
    return tf.pow(this.gamma < 1 ? tf.maximum(missed, 1e-12) : missed, this.gamma);
  }

  protected override args(): Record<string, unknown> {
    return { ...super.args(), gamma: this.gamma };
  }
}

/** {@link FocalLossFlat} whose unreduced losses have the shape of the targets. */
export class FocalLoss extends FocalLossFlat {
  override readonly name: string = "FocalLoss";

  constructor(options: FocalLossOptions = {}) {
    checkOptions(new.target.name, options, { ...CLASS_LOSS, gamma: true });
    super({ flatten: false, ...options });
  }
}
