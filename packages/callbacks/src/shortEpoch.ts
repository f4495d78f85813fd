import { checkOptions, OptionError } from "@layerwise/core";
import { addCallback, Callback, CancelTrainError, CancelValidError } from "@layerwise/core/learner";

export interface ShortEpochOptions {
  /** Share of the batches to go through, 0…1. @defaultValue 0.01 */
  pct?: number;
  /** Whether validation is cut short too. @defaultValue true */
  shortValid?: boolean;
}

/** Leaves each pass early, to try a fit out: whether the loop runs, not how good the model is. */
export class ShortEpochCallback extends Callback {
  static override readonly cbName: string = "shortEpoch";
  readonly pct: number;
  readonly shortValid: boolean;

  constructor(options: ShortEpochOptions = {}) {
    super();
    checkOptions("ShortEpochCallback", options, { pct: true, shortValid: true });
    const { pct = 0.01, shortValid = true } = options;
    if (!(pct >= 0 && pct <= 1)) {
      throw new OptionError("ShortEpochCallback", { given: `pct ${pct}`, expected: "a share in 0…1" });
    }
    this.pct = pct;
    this.shortValid = shortValid;
  }

  override afterBatch(): void {
    const { iter, nIter, training } = this.learn;
    if (iter / nIter < this.pct) return;
    const reason = `${this.pct} of the batches are done`;
    if (training) throw new CancelTrainError(reason);
    if (this.shortValid) throw new CancelValidError(reason);
  }
}

addCallback(ShortEpochCallback, ["pct", "shortValid"]);
