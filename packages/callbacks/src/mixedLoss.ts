import { BaseLoss, reduceLoss, withNoneReduce } from "@layerwise/core/losses";
import * as tf from "@tensorflow/tfjs-core";
import { lerp } from "./lerp.ts";

/** What a batch was mixed with: the other targets, and the share that the own ones keep. */
export interface OtherTargets {
  targets: readonly tf.Tensor[];
  /** One number for the batch, or `[N]`, one per item. */
  lam: number | tf.Tensor;
}

/**
 * A loss of class indices on mixed inputs: indices cannot be mixed, so the losses against both targets are.
 * Outside of training, and while nothing is held, it is the loss it wraps.
 */
export class MixedLoss extends BaseLoss {
  override readonly name: string;
  override readonly yInt = true;
  readonly base: BaseLoss;
  readonly #isTraining: () => boolean;
  #other: OtherTargets | null = null;

  constructor(base: BaseLoss, isTraining: () => boolean) {
    super();
    this.base = base;
    this.name = base.name;
    this.#isTraining = isTraining;
  }

  /** Keeps copies for the batch that comes. */
  hold({ targets, lam }: OtherTargets): void {
    this.release();
    const keep = (x: tf.Tensor): tf.Tensor => tf.keep(tf.clone(x));
    this.#other = { targets: targets.map(keep), lam: lam instanceof tf.Tensor ? keep(lam) : lam };
  }

  release(): void {
    if (this.#other) tf.dispose([...this.#other.targets, this.#other.lam]);
    this.#other = null;
  }

  override get reduction(): BaseLoss["reduction"] {
    return this.base.reduction;
  }

  override set reduction(reduction: BaseLoss["reduction"]) {
    this.base.reduction = reduction;
  }

  protected override compute(pred: tf.Tensor, ...targets: tf.Tensor[]): tf.Tensor {
    const { base } = this;
    const other = this.#other;
    if (other === null || !this.#isTraining()) return base.call(pred, ...targets);
    const unreduced = (ys: readonly tf.Tensor[]): tf.Tensor => withNoneReduce(base, () => base.call(pred, ...ys));
    const own = unreduced(targets);
    const n = pred.shape[0] ?? 1;
    const rows = (loss: tf.Tensor): tf.Tensor => tf.reshape(loss, [n, -1]); // an item may have many targets: pixels
    const mixed = lerp(rows(unreduced(other.targets)), rows(own), other.lam);
    return reduceLoss(tf.reshape(mixed, own.shape), this.reduction);
  }

  override activation(pred: tf.Tensor): tf.Tensor {
    return this.base.activation(pred);
  }

  override decodes(activated: tf.Tensor): tf.Tensor {
    return this.base.decodes(activated);
  }

  override get parts(): ReadonlyMap<string, tf.Tensor> {
    return this.base.parts;
  }

  override toConfig(): ReturnType<BaseLoss["toConfig"]> {
    return this.base.toConfig();
  }
}
