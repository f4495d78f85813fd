import { OptionError } from "../errors.ts";
import { combinedCos, combineScheds, type HyperValue, type LrSlice, lrSlice, schedCos } from "../optim/index.ts";
import type { FitOptions, Learner } from "./learner.ts";
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
  lrMax?: HyperValue;
  /** Each cycle is this many times as long as the one before. @defaultValue 2 */
  cycleMult?: number;
}

export interface FineTuneOptions extends FitOneCycleOptions {
  /** Rate of the frozen phase; the second phase starts from half of it. @defaultValue 2e-3 */
  baseLr?: number;
  /** Epochs in which only the head trains. @defaultValue 1 */
  freezeEpochs?: number;
  /** The first layers train at `baseLr / lrMult`. @defaultValue 100 */
  lrMult?: number;
}

/** Rates of every group for one `HyperValue`, as the optimizer resolves it. */
function ratesOf(learn: Learner, lr: HyperValue): number[] {
  const opt = learn.opt ?? learn.createOpt();
  opt.setHyper("lr", lr);
  return opt.hypers.map((h) => h.lr ?? 0);
}

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
    cbs: [new ParamScheduler(schedules), ...cbs],
    ...(wd === undefined ? {} : { wd }),
    ...(resetOpt === undefined ? {} : { resetOpt }),
    ...(startEpoch === undefined ? {} : { startEpoch }),
    ...(resume === undefined ? {} : { resume }),
  });
}

function isHyperValue(x: unknown): x is HyperValue {
  return typeof x === "number" || Array.isArray(x) || (typeof x === "object" && x !== null && "stop" in x);
}

function checkFraction(where: string, name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) {
    throw new OptionError(where, { given: `${name} ${value}`, expected: "a fraction of the fit, 0…1" });
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
  const options: FitOneCycleOptions = isHyperValue(lrOrOptions)
    ? { lrMax: lrOrOptions, ...more }
    : { ...lrOrOptions, ...more };
  const { div = 25, divFinal = 1e5, pctStart = 0.25, moms = learn.moms, lrMax = learn.lr } = options;
  checkFraction("fitOneCycle", "pctStart", pctStart);
  const rates = ratesOf(learn, lrMax);
  const schedules: Schedules = {
    lr: combinedCos(pctStart, divided(rates, div), rates, divided(rates, divFinal)),
    mom: combinedCos(pctStart, moms[0], moms[1], moms[2]),
  };
  await fitWith(learn, nEpoch, schedules, options, lrMax);
}

/** Full learning rate, then a cosine down. */
export async function fitFlatCos(learn: Learner, nEpoch: number, options: FitFlatCosOptions = {}): Promise<void> {
  const { divFinal = 1e5, pctStart = 0.75, lr = learn.lr } = options;
  checkFraction("fitFlatCos", "pctStart", pctStart);
  const rates = ratesOf(learn, lr);
  await fitWith(learn, nEpoch, { lr: combinedCos(pctStart, rates, rates, divided(rates, divFinal)) }, options, lr);
}

/** Cosine cycles with restarts, each longer than the one before. @see Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983 */
export async function fitSgdr(
  learn: Learner,
  nCycles: number,
  cycleLen: number,
  options: FitSgdrOptions = {},
): Promise<void> {
  const { cycleMult = 2, lrMax = learn.lr } = options;
  if (!(cycleMult > 0) || !Number.isInteger(nCycles) || nCycles < 1) {
    throw new OptionError("fitSgdr", {
      given: `${nCycles} cycles, each ${cycleMult} times the last`,
      expected: "at least one cycle and a positive `cycleMult`",
    });
  }
  const lengths = Array.from({ length: nCycles }, (_, i) => cycleLen * cycleMult ** i);
  const nEpoch = lengths.reduce((sum, n) => sum + n, 0);
  const rates = ratesOf(learn, lrMax);
  const zero = rates.map(() => 0);
  const lr = combineScheds(
    lengths.map((n) => n / nEpoch),
    lengths.map(() => schedCos(rates, zero)),
  );
  await fitWith(learn, nEpoch, { lr }, options, lrMax);
}

/** First the head alone, then everything with lower rates for the first layers: the recipe for pretrained models. */
export async function fineTune(
  learn: Learner,
  epochs: number,
  lrOrOptions?: number | FineTuneOptions,
  more: FineTuneOptions = {},
): Promise<void> {
  const given: FineTuneOptions =
    typeof lrOrOptions === "number" ? { baseLr: lrOrOptions, ...more } : { ...lrOrOptions, ...more };
  const { baseLr = 2e-3, freezeEpochs = 1, lrMult = 100, pctStart = 0.3, div = 5, ...cycle } = given;
  learn.freeze();
  await fitOneCycle(learn, freezeEpochs, { ...cycle, lrMax: lrSlice(baseLr), pctStart: 0.99 });
  const half = baseLr / 2;
  learn.unfreeze();
  const lrMax: LrSlice = lrSlice(half / lrMult, half);
  await fitOneCycle(learn, epochs, { ...cycle, lrMax, pctStart, div });
}
