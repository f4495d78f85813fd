import { checkOptions, type KnownOptions, OptionError } from "@layerwise/core";
import { addCallback, CancelFitError, type JsonValue } from "@layerwise/core/learner";
import { announce } from "./announce.ts";
import { TRACKER_OPTIONS, TrackerCallback, type TrackerOptions, type TrackerState } from "./trackerCallback.ts";

export interface EarlyStoppingOptions extends TrackerOptions {
  /** Epochs without improvement that end the fit; 1 stops at the first. @defaultValue 1 */
  patience?: number;
}

const EARLY_STOPPING: KnownOptions<EarlyStoppingOptions> = { ...TRACKER_OPTIONS, patience: true };

/** Ends the fit when `monitor` has stopped improving. */
export class EarlyStoppingCallback extends TrackerCallback {
  static override readonly cbName: string = "earlyStopping";
  override readonly order = 63; // SaveModelCallback (61) has saved the epoch
  readonly patience: number;
  /** Epochs since the best one. */
  wait = 0;

  constructor(options: EarlyStoppingOptions = {}) {
    checkOptions("EarlyStoppingCallback", options, EARLY_STOPPING);
    const { patience = 1, ...tracking } = options;
    super(tracking);
    this.patience = checkPatience("EarlyStoppingCallback", patience);
  }

  override beforeFit(): void {
    this.wait = 0;
    super.beforeFit();
  }

  override afterEpoch(): void {
    super.afterEpoch();
    if (!this.measured) return;
    if (this.newBest) {
      this.wait = 0;
      return;
    }
    this.wait += 1;
    if (this.wait < this.patience) return;
    const text = `No improvement of ${this.monitor} since epoch ${this.learn.epoch - this.wait}: early stopping`;
    announce(this.learn, text);
    throw new CancelFitError(text);
  }

  override state(): TrackerState {
    return { ...super.state(), wait: this.wait };
  }

  override setState(state: JsonValue): void {
    super.setState(state);
    this.wait = Number((state as TrackerState).wait);
  }
}

addCallback(EarlyStoppingCallback, ["monitor", "comp", "minDelta", "resetOnFit", "patience"]);

/** @throws {@link OptionError} for less than one epoch */
export function checkPatience(where: string, patience: number): number {
  if (patience >= 1) return patience;
  throw new OptionError(where, { given: `patience ${patience}`, expected: "at least 1 epoch" });
}
