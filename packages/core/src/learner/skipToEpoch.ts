import { Callback } from "./callback.ts";
import { CancelEpochError } from "./events.ts";

/** Skips the epochs before `epoch`; the schedule goes on as if they had run. */
export class SkipToEpoch extends Callback {
  static override readonly cbName: string = "skipToEpoch";
  override readonly order = 70;
  readonly #epoch: number;

  constructor(epoch: number) {
    super();
    this.#epoch = epoch;
  }

  override beforeEpoch(): void {
    if (this.learn.epoch < this.#epoch)
      throw new CancelEpochError(`epoch ${this.learn.epoch} comes before ${this.#epoch}`);
  }
}
