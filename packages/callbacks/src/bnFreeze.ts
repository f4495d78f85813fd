import { addCallback, Callback } from "@layerwise/core/learner";
import { type AnyModule, BatchNormBase } from "@layerwise/core/nn";

/**
 * Puts every batch norm layer whose parameters do not train into eval mode, so that it uses its running statistics
 * and leaves them alone. False puts these layers into training mode.
 */
export function setBnEval(model: AnyModule, useEval = true): void {
  for (const module of model.modules()) {
    const isFrozen = module instanceof BatchNormBase && module.parameters()[0]?.requiresGrad === false;
    if (isFrozen) module.train(!useEval);
  }
}

/** Keeps frozen batch norm layers in eval mode while training. For learners made with `trainBn: false`. */
export class BnFreeze extends Callback {
  static override readonly cbName: string = "bnFreeze";

  override beforeTrain(): void {
    setBnEval(this.learn.model);
  }
}

addCallback(BnFreeze);
