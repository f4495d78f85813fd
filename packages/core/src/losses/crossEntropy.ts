import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { softmaxCrossEntropy } from "../fused/index.ts";
import { checkNumber } from "./checkTargets.ts";
import { CLASS_LOSS, ClassLoss, type ClassLossOptions } from "./classLoss.ts";
import { meanByWeight } from "./reduction.ts";

/** Options of {@link CrossEntropyLossFlat}. */
export interface CrossEntropyOptions extends ClassLossOptions {
  /** Targets of this value do not count. @defaultValue -100 */
  ignoreIndex?: number;
}

/** Cross-entropy of each row and what it weighs, 0 for ignored targets. */
export interface RowLosses {
  /** Weighted, `[M]`. */
  readonly losses: tf.Tensor1D;
  /** `[M]` */
  readonly weights: tf.Tensor1D;
}

/** @param logits - `[M, C]`; @param target - int32 `[M]` */
export function crossEntropyRows(
  logits: tf.Tensor2D,
  target: tf.Tensor1D,
  weight: readonly number[] | undefined,
  ignoreIndex: number,
): RowLosses {
  const counted = tf.notEqual(target, ignoreIndex);
  const safe = tf.mul(target, tf.cast(counted, "int32")); // class 0 in place of an ignored target
  const mask = tf.cast(counted, "float32") as tf.Tensor1D;
  const weights = weight ? tf.mul<tf.Tensor1D>(tf.gather(tf.tensor1d([...weight]), safe), mask) : mask;
  return { losses: tf.mul<tf.Tensor1D>(softmaxCrossEntropy(logits, safe), weights), weights };
}

/**
 * Cross-entropy of logits and class indices, `-ln softmax(pred)[target]`, over every row of a prediction of any rank.
 * With `reduction: "mean"` the weighted losses are divided by the sum of their weights, and ignored targets count
 * for nothing; a batch in which all are ignored gives 0.
 *
 * `call(pred, target)`: logits `[N, ..., C]`, class indices `[N, ...]` (whole numbers from 0, or `ignoreIndex`).
 * @throws {@link ShapeError} from `call` if there is not one target per row
 */
export class CrossEntropyLossFlat extends ClassLoss {
  override readonly name: string = "CrossEntropyLossFlat";
  readonly ignoreIndex: number;

  constructor(options: CrossEntropyOptions = {}) {
    checkOptions(new.target.name, options, { ...CLASS_LOSS, ignoreIndex: true });
    const { ignoreIndex = -100, ...rest } = options;
    super(rest);
    this.ignoreIndex = checkNumber("CrossEntropyLossFlat", "ignoreIndex", ignoreIndex);
  }

  protected override compute(pred: tf.Tensor, target?: tf.Tensor): tf.Tensor {
    const { logits, target: classes } = this.rows(pred, target);
    const { losses, weights } = crossEntropyRows(logits, classes, this.weight, this.ignoreIndex);
    if (this.reduction === "none") return this.unreduced(losses, pred);
    return this.reduction === "sum" ? tf.sum(losses) : meanByWeight(losses, weights);
  }

  protected override args(): Record<string, unknown> {
    return { ...super.args(), ignoreIndex: this.ignoreIndex };
  }
}
