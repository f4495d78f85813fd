import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { BaseLoss, type LossOptions } from "./baseLoss.ts";
import { checkNumber } from "./checkTargets.ts";
import { softmax } from "./classLoss.ts";
import { DiceLoss } from "./dice.ts";
import { FocalLoss } from "./focal.ts";

/** Options of {@link CombinedLoss}. */
export interface CombinedLossOptions extends LossOptions {
  /** Axis of the classes in `pred`. @defaultValue -1 */
  axis?: number;
  /** As in `DiceLoss`. @defaultValue 1 */
  smooth?: number;
  /** Factor of the Dice part. @defaultValue 1 */
  alpha?: number;
}

/**
 * Focal loss plus `alpha` times Dice loss, for segmentation: each pixel right, and each region whole. The Dice part is
 * a sum over items and classes, whatever becomes of the focal part. `parts` holds "focal" and "dice", for `LossMetric`.
 *
 * `call(pred, target)`: logits `[N, ..., C]`, class indices `[N, ...]`; `reduction: "none"` gives one loss per item.
 */
export class CombinedLoss extends BaseLoss {
  override readonly name: string = "CombinedLoss";
  override readonly yInt: boolean = true;
  readonly axis: number;
  readonly smooth: number;
  readonly alpha: number;
  readonly #focal: FocalLoss;
  readonly #dice: DiceLoss;

  constructor(options: CombinedLossOptions = {}) {
    checkOptions(new.target.name, options, { reduction: true, axis: true, smooth: true, alpha: true });
    const { axis = -1, smooth = 1, alpha = 1, ...rest } = options;
    super(rest);
    this.axis = axis;
    this.smooth = smooth;
    this.alpha = checkNumber("CombinedLoss", "alpha", alpha);
    this.#focal = new FocalLoss({ axis, reduction: "none" });
    this.#dice = new DiceLoss({ axis, smooth, reduction: "none" });
  }

  protected override compute(pred: tf.Tensor, target: tf.Tensor): tf.Tensor {
    const n = pred.shape[0]!;
    const focalRows = tf.reshape(this.#focal.call(pred, target), [n, -1]); // [N, pixels]
    const diceRows = this.#dice.call(pred, target); // [N, C]
    const [focal, dice] = {
      mean: () => [tf.mean(focalRows), tf.sum(diceRows)] as const,
      sum: () => [tf.sum(focalRows), tf.sum(diceRows)] as const,
      none: () => [tf.mean(focalRows, 1), tf.sum(diceRows, 1)] as const,
    }[this.reduction]();
    this.keepPart("focal", focal);
    this.keepPart("dice", dice);
    return tf.add(focal, tf.mul(dice, this.alpha));
  }

  override activation(pred: tf.Tensor): tf.Tensor {
    return softmax(pred, this.axis);
  }

  override decodes(activated: tf.Tensor): tf.Tensor {
    return tf.argMax(activated, this.axis);
  }

  protected override args(): Record<string, unknown> {
    return { axis: this.axis, smooth: this.smooth, alpha: this.alpha };
  }
}
