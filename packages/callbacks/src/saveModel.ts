import { checkOptions, type KnownOptions, OptionError } from "@layerwise/core";
import type { JsonValue } from "@layerwise/core/learner";
import { announce } from "./announce.ts";
import { TRACKER_OPTIONS, TrackerCallback, type TrackerOptions, type TrackerState } from "./trackerCallback.ts";

export interface SaveModelCallbackOptions extends TrackerOptions {
  /** Name below the learner's model folder. @defaultValue "model" */
  fname?: string;
  /** True saves `fname_<epoch>` every epoch, a number every so many, whatever `monitor` says. @defaultValue false */
  everyEpoch?: boolean | number;
  /** Saves the weights of the last epoch instead of going back to the best ones. @defaultValue false */
  atEnd?: boolean;
  /** Also the optimizer's state. @defaultValue false */
  withOpt?: boolean;
}

const SAVE_MODEL: KnownOptions<SaveModelCallbackOptions> = {
  ...TRACKER_OPTIONS,
  fname: true,
  everyEpoch: true,
  atEnd: true,
  withOpt: true,
};

/** Saves the model whenever `monitor` improves, and loads the best weights back when the fit ends. */
export class SaveModelCallback extends TrackerCallback {
  static override readonly cbName: string = "saveModel";
  override readonly order = 61;
  readonly fname: string;
  readonly atEnd: boolean;
  readonly withOpt: boolean;
  /** The latest file written. */
  lastSavedPath: string | null = null;
  readonly #every: number;

  constructor(options: SaveModelCallbackOptions = {}) {
    checkOptions("SaveModelCallback", options, SAVE_MODEL);
    const { fname = "model", everyEpoch = false, atEnd = false, withOpt = false, ...tracking } = options;
    super(tracking);
    const every = Number(everyEpoch);
    if (!Number.isInteger(every) || every < 0 || (every > 0 && atEnd)) {
      throw new OptionError("SaveModelCallback", {
        given: `everyEpoch ${everyEpoch}, atEnd ${atEnd}`,
        expected: "a whole number of epochs, and only one of the two",
      });
    }
    this.fname = fname;
    this.atEnd = atEnd;
    this.withOpt = withOpt;
    this.#every = every;
  }

  override async afterEpoch(): Promise<void> {
    const { epoch } = this.learn;
    if (this.#every > 0) {
      if (epoch % this.#every === 0) await this.#save(`${this.fname}_${epoch}`);
      return;
    }
    super.afterEpoch();
    if (!this.newBest) return;
    announce(
      this.learn,
      `Better model found at epoch ${epoch} with ${this.monitor} ${Number(this.best.toPrecision(6))}.`,
    );
    await this.#save(this.fname);
  }

  override async afterFit(): Promise<void> {
    const foundOne = Number.isFinite(this.best);
    if (this.atEnd) await this.#save(this.fname);
    else if (this.#every === 0 && foundOne) await this.learn.load(this.fname, { withOpt: this.withOpt });
  }

  async #save(name: string): Promise<void> {
    this.lastSavedPath = await this.learn.save(name, { withOpt: this.withOpt });
  }

  override state(): TrackerState {
    return { ...super.state(), lastSavedPath: this.lastSavedPath };
  }

  override setState(state: JsonValue): void {
    super.setState(state);
    const { lastSavedPath } = state as TrackerState;
    this.lastSavedPath = typeof lastSavedPath === "string" ? lastSavedPath : null;
  }
}
