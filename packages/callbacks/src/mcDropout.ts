import { addCallback, Callback } from "@layerwise/core/learner";
import type { AnyModule } from "@layerwise/core/nn";

/**
 * Leaves dropout on in validation, so that repeated predictions differ by how unsure the model is. Dropout layers are
 * those whose class name says so.
 * @see Gal & Ghahramani 2016, https://arxiv.org/abs/1506.02142
 */
export class MCDropoutCallback extends Callback {
  static override readonly cbName: string = "mcDropout";

  override beforeValidate(): void {
    for (const module of this.#dropouts()) module.train();
  }

  override afterValidate(): void {
    for (const module of this.#dropouts()) module.eval();
  }

  #dropouts(): AnyModule[] {
    return this.learn.model.modules().filter((module) => /dropout/i.test(module.constructor.name));
  }
}

addCallback(MCDropoutCallback);
