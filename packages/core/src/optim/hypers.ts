import { OptionError } from "../errors.ts";

/**
 * Numbers that steer the steppers of one parameter group. Those of the built-in steppers are named here; a stepper
 * of yours may use any other name.
 */
export interface Hypers {
  /** Learning rate. */
  lr: number;
  /** Weight of the past in the average of gradients (beta 1). */
  mom: number;
  /** Weight of the past in the average of squared gradients (beta 2). */
  sqrMom: number;
  /** Added to a denominator to keep it from zero. */
  eps: number;
  /** Weight decay. */
  wd: number;
  [name: string]: number;
}

/** Learning rates spread over parameter groups; resolved when an optimizer with groups takes it. */
export class LrSlice {
  readonly start: number | undefined;
  readonly stop: number;

  constructor(start: number | undefined, stop: number) {
    this.start = start;
    this.stop = stop;
  }

  /** One value per group: geometric from `start` to `stop`; without a start, `stop / 10` for all but the last. */
  resolve(groups: number): number[] {
    if (this.start) return evenMults(this.start, this.stop, groups);
    return Array.from({ length: groups }, (_, i) => (i === groups - 1 ? this.stop : this.stop / 10));
  }
}

/** `lrSlice(stop)`: a tenth for the early groups, all of it for the last. `lrSlice(start, stop)`: geometric steps. */
export function lrSlice(stop: number): LrSlice;
export function lrSlice(start: number, stop: number): LrSlice;
export function lrSlice(a: number, b?: number): LrSlice {
  return b === undefined ? new LrSlice(undefined, a) : new LrSlice(a, b);
}

/** `n` numbers from `start` to `stop`, each the same factor above the one before; `[stop]` if `n` is 1. */
export function evenMults(start: number, stop: number, n: number): number[] {
  if (n === 1) return [stop];
  const ratio = stop / start;
  return Array.from({ length: n }, (_, i) => start * ratio ** (i / (n - 1)));
}

/** What a hyper-parameter can be set to: one number for all groups, one per group, or a spread. */
export type HyperValue = number | readonly number[] | LrSlice;
/** What a learning rate can be: one for all parameter groups, one per group, or `lrSlice(start, stop)`. */
export type LrValue = HyperValue;

/** @throws {@link OptionError} unless a list has one entry, or one per group */
export function perGroup(name: string, value: HyperValue, groups: number): readonly number[] {
  const list = value instanceof LrSlice ? value.resolve(groups) : typeof value === "number" ? [value] : value;
  const all = list.length === 1 ? Array.from({ length: groups }, () => list[0] as number) : list;
  if ((name === "lr" || name === "wd") && all.some((v) => v < 0)) {
    throw new OptionError("Optimizer.setHyper", { given: `${name} = ${all.join(", ")}`, expected: "0 or more" });
  }
  if (all.length !== groups || !all.every((v) => typeof v === "number" && !Number.isNaN(v))) {
    throw new OptionError("Optimizer.setHyper", {
      given: `${name} = ${list.length === 1 ? list[0] : `[${list.join(", ")}]`}`,
      expected: `one number, or ${groups} of them, as the model has ${groups} parameter ${groups === 1 ? "group" : "groups"}`,
      fix: "pass one number for all groups, one per group, or `lrSlice(start, stop)`",
    });
  }
  return all;
}
