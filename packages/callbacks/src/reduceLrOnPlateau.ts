import { checkOptions, type KnownOptions, OptionError } from "@layerwise/core";
import { addCallback, type JsonValue, ParamScheduler } from "@layerwise/core/learner";
import { announce } from "./announce.ts";
import { checkPatience } from "./earlyStopping.ts";
import { TRACKER_OPTIONS, TrackerCallback, type TrackerOptions, type TrackerState } from "./trackerCallback.ts";

export interface ReduceLROnPlateauOptions extends TrackerOptions {
  /** Epochs without improvement before the rate falls. @defaultValue 1 */
  patience?: number;
  /** What the rate is divided by. @defaultValue 10 */
  factor?: number;
  /** The rate does not fall below this. @defaultValue 0 */
  minLr?: number;
}

const REDUCE_LR: KnownOptions<ReduceLROnPlateauOptions> = {
  ...TRACKER_OPTIONS,
  patience: true,
  factor: true,
  minLr: true,
};

/** Lowers the learning rate of every group when `monitor` has stopped improving. For fits without a schedule. */
export class ReduceLROnPlateau extends TrackerCallback {
  static override readonly cbName: string = "reduceLROnPlateau";
  override readonly order = 62;
  readonly patience: number;
  readonly factor: number;
  readonly minLr: number;
  /** Epochs since the best one, or since the rate fell. */
  wait = 0;

  constructor(options: ReduceLROnPlateauOptions = {}) {
    checkOptions("ReduceLROnPlateau", options, REDUCE_LR);
    const { patience = 1, factor = 10, minLr = 0, ...tracking } = options;
    super(tracking);
    if (!(factor > 1 && minLr >= 0)) {
      throw new OptionError("ReduceLROnPlateau", {
        given: `factor ${factor}, minLr ${minLr}`,
        expected: "a factor above 1 and a rate of at least 0",
      });
    }
    this.patience = checkPatience("ReduceLROnPlateau", patience);
    this.factor = factor;
    this.minLr = minLr;
  }

  override beforeFit(): void {
    this.wait = 0;
    super.beforeFit();
    if (this.learn.cbs.some((cb) => cb instanceof ParamScheduler && "lr" in cb.schedules)) {
      console.warn("ReduceLROnPlateau has no effect here: a schedule sets the learning rate. Use it with `fit`.");
    }
  }

  override afterEpoch(): void {
    super.afterEpoch();
    if (!this.measured) return;
    this.wait = this.newBest ? 0 : this.wait + 1;
    if (this.wait < this.patience) return;
    this.wait = 0;
    this.#reduce();
  }

  #reduce(): void {
    const { opt, epoch } = this.learn;
    if (opt === null) return;
    const before = opt.hypers.map(({ lr = 0 }) => lr);
    const after = before.map((lr) => Math.max(lr / this.factor, this.minLr));
    opt.setHyper("lr", after);
    if (after.some((lr, i) => lr !== before[i])) {
      announce(this.learn, `Epoch ${epoch}: reducing the learning rate to ${Number(after.at(-1)?.toPrecision(6))}`);
    }
  }

  override state(): TrackerState {
    return { ...super.state(), wait: this.wait };
  }

  override setState(state: JsonValue): void {
    super.setState(state);
    this.wait = Number((state as TrackerState).wait);
  }
}

addCallback(ReduceLROnPlateau, ["monitor", "comp", "minDelta", "resetOnFit", "patience", "factor", "minLr"]);
