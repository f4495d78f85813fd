import { OptionError } from "@layerwise/core";
import { Callback } from "@layerwise/core/learner";
import { BaseLoss, type LossFunc } from "@layerwise/core/losses";
import * as tf from "@tensorflow/tfjs-core";
import { lerp } from "./lerp.ts";
import { MixedLoss, type OtherTargets } from "./mixedLoss.ts";

/** A batch mixed with a shuffled copy of itself. */
export interface Mixture extends OtherTargets {
  xb: tf.Tensor[];
}

/**
 * Base of callbacks that train on mixtures of items. Targets are mixed too; where they are class indices, the loss
 * is: it becomes the mean, by share, of the losses against both targets, until the training half of the epoch is over.
 */
export abstract class MixHandler extends Callback {
  override runValid = false;
  readonly alpha: number;
  #plain: LossFunc | null = null;
  #mixed: MixedLoss | null = null;

  /** @param alpha - of Beta(alpha, alpha), which shares are drawn from: small ones mix little */
  constructor(alpha = 0.5) {
    super();
    if (!(alpha > 0 && alpha < Number.POSITIVE_INFINITY)) {
      throw new OptionError(new.target.name, { given: `alpha ${alpha}`, expected: "a number above 0" });
    }
    this.alpha = alpha;
  }

  /** The batch of now, mixed; runs inside `tf.tidy`. */
  protected abstract mix(xb: readonly tf.Tensor[], yb: readonly tf.Tensor[]): Mixture;

  override beforeTrain(): void {
    this.#restore();
    const { learn } = this;
    const { lossFunc } = learn;
    if (!(lossFunc instanceof BaseLoss) || !lossFunc.yInt) return;
    this.#plain = lossFunc;
    this.#mixed = new MixedLoss(lossFunc, () => learn.training);
    learn.lossFunc = this.#mixed;
  }

  override beforeBatch(): void {
    const { learn } = this;
    const { yb } = learn;
    if (this.#mixed === null) checkTargets(this.constructor.name, yb);
    const { xb, targets, lam } = tf.tidy(() => this.mix(learn.xb, yb) as Mixture & tf.TensorContainerObject);
    learn.xb = xb;
    if (this.#mixed) this.#mixed.hold({ targets, lam });
    else learn.yb = yb.map((y, i) => lerp(targets[i] ?? y, y, lam));
    tf.dispose([...targets.filter((t) => !yb.includes(t)), lam]);
  }

  override afterTrain(): void {
    this.#restore();
  }

  override afterCancelTrain(): void {
    this.#restore();
  }

  override afterCancelFit(): void {
    this.#restore();
  }

  override cleanUp(): void {
    this.#restore();
  }

  #restore(): void {
    if (this.#plain && this.learn.lossFunc === this.#mixed) this.learn.lossFunc = this.#plain;
    this.#mixed?.release();
    this.#plain = null;
    this.#mixed = null;
  }
}

/** @throws {@link OptionError} for class indices under a loss that does not say how it takes them */
function checkTargets(where: string, yb: readonly tf.Tensor[]): void {
  if (yb.every((y) => y.dtype === "float32")) return;
  throw new OptionError(where, {
    given: "targets of whole numbers, and a loss that does not say that it takes class indices",
    expected: "a loss with `yInt`, so that losses are mixed and not indices",
    fix: "use a loss of `@layerwise/core/losses` such as `CrossEntropyLossFlat`, or set `yInt` in your `BaseLoss`",
  });
}

/** @throws {@link OptionError} for whole numbers such as token ids, which have no in-between */
export function checkMixable(where: string, x: tf.Tensor): void {
  if (x.dtype === "float32") return;
  throw new OptionError(where, {
    given: `an input of dtype ${x.dtype}`,
    expected: "float32 inputs, such as pictures",
    fix: "mix what is a quantity; categories and token ids cannot be mixed",
  });
}
