import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { oneHotFloat } from "../fused/softmaxCrossEntropy.ts";
import { BaseLoss, type LossOptions } from "./baseLoss.ts";
import { checkClassTarget, checkNumber } from "./checkTargets.ts";
import { lastAxis, softmax } from "./classLoss.ts";
import { reduceLoss } from "./reduction.ts";

/** Options of {@link DiceLoss}. */
export interface DiceLossOptions extends LossOptions {
  /** Axis of the classes in `pred`. @defaultValue -1 */
  axis?: number;
  /** Added above and below, so that an absent class divides by something. @defaultValue 1e-6 */
  smooth?: number;
  /** Square the probabilities in the union. @defaultValue false */
  squareInUnion?: boolean;
}

/**
 * Dice loss, for segmentation where most pixels are background: how little the predicted and the true regions overlap,
 * per item and class, `1 - (2·inter + smooth) / (union + smooth)`. Reduced by SUM over items and classes by default.
 *
 * `call(pred, target)`: logits `[N, ..., C]`, class indices `[N, ...]`; `reduction: "none"` gives `[N, C]`.
 * @see Milletari et al. 2016, https://arxiv.org/abs/1606.04797
 */
export class DiceLoss extends BaseLoss {
  override readonly name: string = "DiceLoss";
  override readonly yInt: boolean = true;
  readonly axis: number;
  readonly smooth: number;
  readonly squareInUnion: boolean;

  constructor(options: DiceLossOptions = {}) {
    checkOptions(new.target.name, options, { reduction: true, axis: true, smooth: true, squareInUnion: true });
    const { axis = -1, smooth = 1e-6, squareInUnion = false, reduction = "sum" } = options;
    super({ reduction });
    this.axis = checkNumber("DiceLoss", "axis", axis);
    this.smooth = checkNumber("DiceLoss", "smooth", smooth);
    this.squareInUnion = squareInUnion;
  }

  protected override compute(pred: tf.Tensor, target?: tf.Tensor): tf.Tensor {
    const classIndices = checkClassTarget(this.name, pred, target, this.axis);
    const logits = lastAxis(pred, this.axis);
    const [n, c] = [logits.shape[0]!, logits.shape[logits.shape.length - 1]!];
    const probs = tf.reshape(tf.softmax(logits), [n, -1, c]); // [N, pixels, C]
    const indices = tf.reshape(tf.cast(classIndices, "int32"), [n, -1]);
    const truth = oneHotFloat(indices, c); // [N, pixels, C]
    const inter = tf.sum(tf.mul(probs, truth), 1); // [N, C]
    const union = tf.sum(tf.add(this.squareInUnion ? tf.square(probs) : probs, truth), 1);
    const dice = tf.div(tf.add(tf.mul(inter, 2), this.smooth), tf.add(union, this.smooth));
    return reduceLoss(tf.sub(1, dice), this.reduction);
  }

  override activation(pred: tf.Tensor): tf.Tensor {
    return softmax(pred, this.axis);
  }

  override decodes(activated: tf.Tensor): tf.Tensor {
    return tf.argMax(activated, this.axis);
  }

  protected override args(): Record<string, unknown> {
    return { axis: this.axis, smooth: this.smooth, squareInUnion: this.squareInUnion };
  }
}
