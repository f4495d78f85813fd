import { type Figure, lineChart } from "@layerwise/plot";
import { checkOptions, type KnownOptions } from "../checkOptions.ts";
import { OptionError } from "../errors.ts";
import { type Schedule, schedExp } from "../optim/index.ts";
import { randomState, setRandomState } from "../random.ts";
import { requireBatches } from "./checkParts.ts";
import { CancelFitError, CancelValidError } from "./events.ts";
import type { Learner } from "./learner.ts";
import { ParamScheduler, valueAt } from "./paramScheduler.ts";
import { snapshot } from "./snapshot.ts";
import { type LrSuggestion, type SuggestLr, valley } from "./suggestLr.ts";

export interface LrFindOptions {
  /** First rate tried, or one per parameter group. @defaultValue 1e-7 */
  startLr?: number | readonly number[];
  /** Last rate tried, or one per parameter group. @defaultValue 10 */
  endLr?: number | readonly number[];
  /** Batches tried; at least 6. @defaultValue 100 */
  numIt?: number;
  /** Stop when the loss exceeds four times its best. @defaultValue true */
  stopDiv?: boolean;
  /** @defaultValue [valley] */
  suggestFuncs?: readonly SuggestLr[];
}

/** The curve, the suggestions by function name, and their picture. */
export interface LrFindResult {
  /** Suggested rate per function: `valley`, `steep`, ... */
  suggestions: Record<string, number>;
  lrs: readonly number[];
  /** Smoothed training loss at each rate. */
  losses: readonly number[];
  /** Loss against rate, a dot per suggestion. */
  plot(options?: { skipEnd?: number }): Figure;
}

export type LRFinderOptions = Omit<LrFindOptions, "suggestFuncs">;

const FINDER: KnownOptions<LRFinderOptions> = { startLr: true, endLr: true, numIt: true, stopDiv: true };

/** Raises the rate batch by batch and puts model, optimizer and random state back afterwards. */
export class LRFinder extends ParamScheduler {
  static override readonly cbName: string = "lrFinder";
  readonly #numIt: number;
  readonly #stopDiv: boolean;
  #best = Number.POSITIVE_INFINITY;
  #restore: (() => void) | null = null;

  constructor(options: LRFinderOptions = {}) {
    checkOptions("LRFinder", options, FINDER);
    const { startLr = 1e-7, endLr = 10, numIt = 100, stopDiv = true } = options;
    super({ lr: risingRates(startLr, endLr) });
    if (!Number.isFinite(numIt)) {
      throw new OptionError("LRFinder", { given: `numIt ${numIt}`, expected: "a number of batches" });
    }
    this.#numIt = Math.max(6, numIt);
    this.#stopDiv = stopDiv;
  }

  override beforeFit(): void {
    super.beforeFit();
    this.#best = Number.POSITIVE_INFINITY;
    this.#restore = snapshot(this.learn);
  }

  override beforeBatch(): void {
    this.learn.opt?.setHyper("lr", valueAt(this.schedules.lr ?? [], this.learn.trainIter / this.#numIt));
  }

  override async afterBatch(): Promise<void> {
    await super.afterBatch();
    const { recorder, trainIter } = this.learn;
    if (this.#stopDiv && recorder) {
      await recorder.flush();
      const loss = recorder.smoothLoss;
      if (loss < this.#best) this.#best = loss;
      if (loss > 4 * this.#best || Number.isNaN(loss)) throw new CancelFitError("the loss diverges");
    }
    if (trainIter >= this.#numIt) throw new CancelFitError(`${this.#numIt} batches are done`);
  }

  override beforeValidate(): never {
    throw new CancelValidError("the finder only trains");
  }

  override afterFit(): void {
    this.cleanUp();
  }

  /** Goes back; a fit that failed is undone as well. */
  override cleanUp(): void {
    this.#restore?.();
    this.#restore = null;
  }
}

/**
 * Tries rising learning rates for `numIt` batches and suggests one. Leaves the learner as it was, random state included.
 * @see Smith 2017, https://arxiv.org/abs/1506.01186
 */
export async function lrFind(learn: Learner, options: LrFindOptions = {}): Promise<LrFindResult> {
  checkOptions("lrFind", options, { ...FINDER, suggestFuncs: true });
  const { numIt = 100, suggestFuncs = [valley], ...rest } = options;
  const finder = new LRFinder({ numIt, ...rest });
  const recorder = learn.recorder;
  if (recorder === undefined) {
    throw new OptionError("lrFind", { given: "a learner without a Recorder", expected: "the default callbacks" });
  }
  requireBatches(learn.dls.train);
  const before = {
    history: recorder.history(),
    random: randomState(),
    fitCount: learn.fitCount,
    lr: learn.opt?.hypers.map((h) => ({ ...h })),
  };
  const trackers = learn.cbs.filter((cb) => cb.trainOnly);
  let lrs: number[] = [];
  let losses: number[] = [];
  try {
    const nEpoch = Math.floor(Math.max(6, numIt) / learn.dls.train.length) + 1;
    await learn.withRemovedCbs(trackers, () => learn.withNoLogging(() => learn.fit(nEpoch, { cbs: [finder] })));
    lrs = recorder.lrs;
    losses = recorder.losses;
  } finally {
    recorder.setHistory(before.history);
    setRandomState(before.random);
    learn.fitCount = before.fitCount;
    for (const [i, hypers] of (before.lr ?? []).entries()) Object.assign(learn.opt?.hypers[i] ?? {}, hypers);
  }
  const usable = usablePart(lrs, losses, numIt);
  const found = suggestFuncs.map((f): [string, LrSuggestion] => [f.name, f(usable.lrs, usable.losses)]);
  return {
    suggestions: Object.fromEntries(found.map(([name, { lr }]) => [name, lr])),
    lrs,
    losses,
    plot: ({ skipEnd = 5 } = {}) => {
      const n = Math.max(2, losses.length - skipEnd);
      return lineChart({
        series: [{ name: "loss", x: lrs.slice(0, n), y: losses.slice(0, n) }],
        xLabel: "learning rate",
        yLabel: "loss",
        xScale: "log",
        marks: found.map(([label, { point }]) => ({ x: point.lr, y: point.loss, label })),
      });
    },
  };
}

/** One schedule per group if there is a rate per group. */
function risingRates(start: number | readonly number[], end: number | readonly number[]): Schedule | Schedule[] {
  const [from, to] = [[start].flat(), [end].flat()];
  const n = Math.max(from.length, to.length);
  const ends = (rates: readonly number[]): readonly number[] =>
    rates.length === 1 ? new Array<number>(n).fill(rates[0] as number) : rates;
  const [low, high] = [ends(from), ends(to)];
  if (low.length !== high.length || !low.every((rate, i) => rate > 0 && (high[i] as number) > rate)) {
    throw new OptionError("LRFinder", {
      given: `rates from ${from.join(", ")} to ${to.join(", ")}`,
      expected: "0 < startLr < endLr, each one number or one per parameter group",
    });
  }
  const schedules = low.map((rate, i) => schedExp(rate, high[i] as number));
  return n === 1 ? (schedules[0] as Schedule) : schedules;
}

/** Without the first tenth and the last five points, up to the first NaN. */
function usablePart(
  lrs: readonly number[],
  losses: readonly number[],
  numIt: number,
): { lrs: number[]; losses: number[] } {
  const from = Math.floor(numIt / 10);
  const l = losses.slice(from, -5);
  const nan = l.findIndex((x) => Number.isNaN(x));
  const end = nan < 0 ? l.length : nan;
  return { lrs: lrs.slice(from, from + end), losses: l.slice(0, end) };
}
