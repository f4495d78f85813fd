import { checkOptions, type KnownOptions, OptionError } from "@layerwise/core";
import { Callback, GatherPredsCallback, type JsonValue, LRFinder, type Recorder } from "@layerwise/core/learner";

export interface TrackerOptions {
  /** Column of the results table to watch. @defaultValue "valid_loss" */
  monitor?: string;
  /** Which values are better. @defaultValue "less" if the name contains "loss" or "error", else "greater" */
  comp?: "less" | "greater";
  /** By how much a value has to be better to count. @defaultValue 0 */
  minDelta?: number;
  /** Whether each fit starts anew; false goes on from the best of earlier fits. @defaultValue true */
  resetOnFit?: boolean;
}

export const TRACKER_OPTIONS: KnownOptions<TrackerOptions> = {
  monitor: true,
  comp: true,
  minDelta: true,
  resetOnFit: true,
};

/** Plain values by name, as a tracker keeps them in a checkpoint. */
export type TrackerState = Readonly<Record<string, JsonValue>>;

/**
 * Watches one column of the results and keeps its best value. An epoch that was cut short has no value and does not
 * count; one with NaN counts as not better. Base of the callbacks that act on it.
 */
export class TrackerCallback extends Callback {
  static override readonly cbName: string = "tracker";
  override readonly order: number = 60;
  override readonly trainOnly = true;
  override readonly removeOnFetch = true;
  readonly monitor: string;
  readonly comp: "less" | "greater";
  readonly minDelta: number;
  readonly resetOnFit: boolean;
  /** Best value so far, infinite before the first. */
  best: number;
  /** Whether the latest epoch was better than all before. */
  newBest = false;
  /** Whether the latest epoch had a value at all. */
  protected measured = false;

  constructor(options: TrackerOptions = {}) {
    super();
    checkOptions(new.target.name, options, TRACKER_OPTIONS);
    const { monitor = "valid_loss", comp, minDelta = 0, resetOnFit = true } = options;
    if (comp !== undefined && comp !== "less" && comp !== "greater") {
      throw new OptionError(new.target.name, { given: `comp "${comp}"`, expected: '"less" or "greater"' });
    }
    if (!(minDelta >= 0)) {
      throw new OptionError(new.target.name, { given: `minDelta ${minDelta}`, expected: "0 or more" });
    }
    this.monitor = monitor;
    this.comp = comp ?? (/loss|error/.test(monitor) ? "less" : "greater");
    this.minDelta = minDelta;
    this.resetOnFit = resetOnFit;
    this.best = this.#worst();
  }

  override beforeFit(): void {
    const recorder = this.#recorder();
    this.run = !this.learn.findCb(LRFinder) && !this.learn.findCb(GatherPredsCallback);
    if (this.resetOnFit) this.best = this.#worst();
    this.newBest = false;
    const columns = recorder.metricNames.filter((name) => name !== "epoch" && name !== "time");
    if (!this.run) return;
    if (!columns.includes(this.monitor)) {
      throw new OptionError(`${this.constructor.name}`, {
        given: `monitor "${this.monitor}"`,
        expected: `one of ${columns.join(", ")}`,
        fix: "name a column of the results table, or add the metric to the learner",
      });
    }
    this.#warnIfEmpty();
  }

  override afterEpoch(): void | Promise<void> {
    const value = this.#recorder().last(this.monitor);
    this.measured = value !== null;
    this.newBest = value !== null && this.#isBetter(value);
    if (this.newBest && value !== null) this.best = value;
  }

  override cleanUp(): void {
    this.run = true;
  }

  override state(): TrackerState {
    return { best: Number.isFinite(this.best) ? this.best : null };
  }

  override setState(state: JsonValue): void {
    const { best } = state as TrackerState;
    this.best = typeof best === "number" ? best : this.#worst();
  }

  /** Without validation items a column of validation never has a value. */
  #warnIfEmpty(): void {
    if (this.learn.dls.valid.itemCount > 0 || this.monitor.startsWith("train_")) return;
    console.warn(
      `${this.constructor.name} does nothing: the validation set is empty, so "${this.monitor}" has no values. ` +
        'Give a splitter that leaves some items, or monitor "train_loss".',
    );
  }

  #isBetter(value: number): boolean {
    const { comp, best, minDelta } = this;
    return comp === "less" ? value + minDelta < best : value - minDelta > best;
  }

  #worst(): number {
    return this.comp === "less" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  #recorder(): Recorder {
    const { recorder } = this.learn;
    if (recorder) return recorder;
    throw new OptionError(this.constructor.name, {
      given: "a learner without a Recorder",
      expected: "the default callbacks",
    });
  }
}
