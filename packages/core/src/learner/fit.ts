import { checkOptions, type KnownOptions } from "../checkOptions.ts";
import { OptionError } from "../errors.ts";
import { combinedCos, combineScheds, type HyperValue, LrSlice, lrSlice, schedCos } from "../optim/index.ts";
import { listed } from "./callbackList.ts";
import type { Learner } from "./learner.ts";
import type { FitOptions } from "./learnerOptions.ts";
import { ParamScheduler, type Schedules } from "./paramScheduler.ts";

export interface FitOneCycleOptions extends Omit<FitOptions, "lr"> {
  /** Highest learning rate. @defaultValue the learner's */
  lrMax?: HyperValue;
  /** The cycle starts at `lrMax / div`. @defaultValue 25 */
  div?: number;
  /** and ends at `lrMax / divFinal`. @defaultValue 1e5 */
  divFinal?: number;
  /** Fraction of the fit in which the rate rises, 0…1. @defaultValue 0.25 */
  pctStart?: number;
  /** Momentum at the start, the peak and the end. @defaultValue the learner's, [0.95, 0.85, 0.95] */
  moms?: readonly [number, number, number];
}

export interface FitFlatCosOptions extends FitOptions {
  /** @defaultValue 1e5 */
  divFinal?: number;
  /** Fraction of the fit at the full rate, 0…1. @defaultValue 0.75 */
  pctStart?: number;
}

export interface FitSgdrOptions extends Omit<FitOptions, "lr"> {
  /** Rate at the start of each cycle. @defaultValue the learner's */
  lrMax?: HyperValue;
  /** Each cycle is this many times as long as the one before. @defaultValue 2 */
  cycleMult?: number;
}

export interface FineTuneOptions extends Omit<FitOneCycleOptions, "lrMax"> {
  /** Rate of the frozen phase; the second phase peaks at half of it. @defaultValue 2e-3 */
  baseLr?: number;
  /** Epochs in which only the head trains; 0 leaves that phase out. @defaultValue 1 */
  freezeEpochs?: number;
  /** In the second phase the first layers train at the last ones' rate divided by this. @defaultValue 100 */
  lrMult?: number;
  /** Of the second phase; the first rises over 0.99 of its batches. @defaultValue 0.3 */
  pctStart?: number;
  /** Of the second phase; the first always starts at a 25th. @defaultValue 5 */
  div?: number;
}

/** The rate to train with, and what the optimizer makes of it for every group. */
function resolveRates(learn: Learner, given: HyperValue | undefined): { lr: HyperValue; rates: number[] } {
  const opt = learn.opt ?? learn.createOpt(); // before `learn.lr` is read: an `optFunc` may have a rate of its own
  const lr = given ?? learn.lr;
  opt.setHyper("lr", lr);
  return { lr, rates: opt.hypers.map((h) => h.lr ?? 0) };
}

export const FIT_OPTIONS: KnownOptions<FitOptions> = {
  lr: true,
  wd: true,
  cbs: true,
  resetOpt: true,
  startEpoch: true,
  resume: true,
};
const { lr: _plainLr, ...WITHOUT_LR } = FIT_OPTIONS;
const ONE_CYCLE: KnownOptions<FitOneCycleOptions> = {
  ...WITHOUT_LR,
  lrMax: true,
  div: true,
  divFinal: true,
  pctStart: true,
  moms: true,
};
const { lrMax: _cycleLr, ...ONE_CYCLE_WITHOUT_LR } = ONE_CYCLE;
const FLAT_COS: KnownOptions<FitFlatCosOptions> = { ...FIT_OPTIONS, divFinal: true, pctStart: true };
const SGDR: KnownOptions<FitSgdrOptions> = { ...WITHOUT_LR, lrMax: true, cycleMult: true };
const FINE_TUNE: KnownOptions<FineTuneOptions> = {
  ...ONE_CYCLE_WITHOUT_LR,
  baseLr: true,
  freezeEpochs: true,
  lrMult: true,
};

function fitWith(
  learn: Learner,
  nEpoch: number,
  schedules: Schedules,
  options: FitOptions,
  lr: HyperValue,
): Promise<void> {
  const { cbs = [], wd, resetOpt, startEpoch, resume } = options;
  return learn.fit(nEpoch, {
    lr,
    cbs: [new ParamScheduler(schedules), ...listed(cbs)],
    ...(wd === undefined ? {} : { wd }),
    ...(resetOpt === undefined ? {} : { resetOpt }),
    ...(startEpoch === undefined ? {} : { startEpoch }),
    ...(resume === undefined ? {} : { resume }),
  });
}

/** Options of a call that may name the learning rate before them; the rate is then the option `key`. */
export function withRate<O extends object>(key: keyof O, rateOrOptions: HyperValue | O | undefined, more: O): O {
  const isRate = typeof rateOrOptions === "number" || Array.isArray(rateOrOptions) || rateOrOptions instanceof LrSlice;
  const first = isRate ? { [key]: rateOrOptions } : (rateOrOptions as O | undefined);
  return { ...first, ...more };
}

function checkFraction(where: string, name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) {
    throw new OptionError(where, { given: `${name} ${value}`, expected: "a fraction of the fit, 0…1" });
  }
}

function checkAbove0(where: string, factors: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(factors)) {
    if (value > 0 && Number.isFinite(value)) continue;
    throw new OptionError(where, { given: `${name} = ${value}`, expected: "a number above 0" });
  }
}

const divided = (rates: readonly number[], by: number): number[] => rates.map((r) => r / by);

/** Learning rate up, then down; momentum the other way round. @see Smith 2018, https://arxiv.org/abs/1803.09820 */
export async function fitOneCycle(
  learn: Learner,
  nEpoch: number,
  lrOrOptions?: HyperValue | FitOneCycleOptions,
  more: FitOneCycleOptions = {},
): Promise<void> {
  const options = withRate<FitOneCycleOptions>("lrMax", lrOrOptions, more);
  checkOptions("fitOneCycle", options, ONE_CYCLE);
  const { div = 25, divFinal = 1e5, pctStart = 0.25, moms = learn.moms } = options;
  checkFraction("fitOneCycle", "pctStart", pctStart);
  checkAbove0("fitOneCycle", { div, divFinal });
  const { lr, rates } = resolveRates(learn, options.lrMax);
  const schedules: Schedules = {
    lr: combinedCos(pctStart, divided(rates, div), rates, divided(rates, divFinal)),
    mom: combinedCos(pctStart, moms[0], moms[1], moms[2]),
  };
  await fitWith(learn, nEpoch, schedules, options, lr);
}

/** Full learning rate, then a cosine down. */
export async function fitFlatCos(
  learn: Learner,
  nEpoch: number,
  lrOrOptions?: HyperValue | FitFlatCosOptions,
  more: FitFlatCosOptions = {},
): Promise<void> {
  const options = withRate<FitFlatCosOptions>("lr", lrOrOptions, more);
  checkOptions("fitFlatCos", options, FLAT_COS);
  const { divFinal = 1e5, pctStart = 0.75 } = options;
  checkFraction("fitFlatCos", "pctStart", pctStart);
  checkAbove0("fitFlatCos", { divFinal });
  const { lr, rates } = resolveRates(learn, options.lr);
  await fitWith(learn, nEpoch, { lr: combinedCos(pctStart, rates, rates, divided(rates, divFinal)) }, options, lr);
}

/** Cosine cycles with restarts, each longer than the one before. @see Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983 */
export async function fitSgdr(
  learn: Learner,
  nCycles: number,
  cycleLen: number,
  lrOrOptions?: HyperValue | FitSgdrOptions,
  more: FitSgdrOptions = {},
): Promise<void> {
  const options = withRate<FitSgdrOptions>("lrMax", lrOrOptions, more);
  checkOptions("fitSgdr", options, SGDR);
  const { cycleMult = 2 } = options;
  if (!(cycleMult > 0) || !Number.isInteger(nCycles) || nCycles < 1) {
    throw new OptionError("fitSgdr", {
      given: `${nCycles} cycles, each ${cycleMult} times the last`,
      expected: "at least one cycle and a positive `cycleMult`",
    });
  }
  const lengths = Array.from({ length: nCycles }, (_, i) => cycleLen * cycleMult ** i);
  const nEpoch = lengths.reduce((sum, n) => sum + n, 0);
  const { lr, rates } = resolveRates(learn, options.lrMax);
  const zero = rates.map(() => 0);
  const cycles = combineScheds(
    lengths.map((n) => n / nEpoch),
    lengths.map(() => schedCos(rates, zero)),
  );
  await fitWith(learn, nEpoch, { lr: cycles }, options, lr);
}

/** First the head alone, then everything with lower rates for the first layers: the recipe for pretrained models. */
export async function fineTune(
  learn: Learner,
  epochs: number,
  lrOrOptions?: number | FineTuneOptions,
  more: FineTuneOptions = {},
): Promise<void> {
  const given = withRate<FineTuneOptions>("baseLr", lrOrOptions, more);
  const { baseLr = 2e-3, freezeEpochs = 1, lrMult = 100, pctStart = 0.3, div = 5, ...cycle } = given;
  checkOptions("fineTune", given, FINE_TUNE);
  if (typeof baseLr !== "number") {
    throw new OptionError("fineTune", {
      given: "a learning rate per group",
      expected: "`baseLr`, one number: the rates of both phases follow from it",
      fix: "to choose rates per group, call `freeze`, `fitOneCycle`, `unfreeze` and `fitOneCycle`",
    });
  }
  checkAbove0("fineTune", { baseLr, lrMult });
  if (!Number.isInteger(epochs) || epochs < 1) {
    throw new OptionError("fineTune", { given: `${epochs} epochs`, expected: "an integer of at least 1" });
  }
  if (freezeEpochs > 0) {
    learn.freeze();
    await fitOneCycle(learn, freezeEpochs, { ...cycle, lrMax: lrSlice(baseLr), pctStart: 0.99 });
  }
  const half = baseLr / 2;
  learn.unfreeze();
  const lrMax: LrSlice = lrSlice(half / lrMult, half);
  await fitOneCycle(learn, epochs, { ...cycle, lrMax, pctStart, div });
}
