import { OptionError } from "../errors.ts";

/** A hyper-parameter over a fit: `pos` is how much of it is done, 0…1. A list has one number per parameter group. */
export type Schedule = (pos: number) => number | number[];

/** Where a schedule starts or ends: one number, or one per parameter group. */
export type ScheduleEnd = number | readonly number[];

/** Makes a schedule from a start and an end. */
export type ScheduleFactory = (start: ScheduleEnd, end: ScheduleEnd) => Schedule;

/**
 * Turns `f(start, end, pos)` into a schedule factory; starts and ends may then be lists.
 * @throws {@link OptionError} (from the factory) if start and end are lists of different length
 */
export function annealer(f: (start: number, end: number, pos: number) => number): ScheduleFactory {
  return (start, end) => {
    if (typeof start === "number" && typeof end === "number") return (pos) => f(start, end, pos);
    const groups = checkedLength(start, end);
    return (pos) => Array.from({ length: groups }, (_, i) => f(at(start, i), at(end, i), pos));
  };
}

/** A straight line. */
export const schedLin: ScheduleFactory = annealer((start, end, pos) => start + pos * (end - start));

/** Half a cosine wave: slow, fast, slow. */
export const schedCos: ScheduleFactory = annealer(
  (start, end, pos) => start + ((1 + Math.cos(Math.PI * (1 - pos))) * (end - start)) / 2,
);

/** Stays at the start. */
export const schedNo: ScheduleFactory = annealer((start) => start);

/** A constant factor per step; start and end must not be 0. */
export const schedExp: ScheduleFactory = annealer((start, end, pos) => start * (end / start) ** pos);

/** `start + (end − start) · pos^power`. */
export function schedPoly(start: ScheduleEnd, end: ScheduleEnd, power: number): Schedule {
  return annealer((a, b, pos) => a + (b - a) * pos ** power)(start, end);
}

/**
 * One schedule after another, each over its share of the fit; at a boundary the next one counts.
 * @param pcts - shares, none negative, with sum 1
 * @throws {@link OptionError} if shares and schedules do not match
 */
export function combineScheds(pcts: readonly number[], scheds: readonly Schedule[]): Schedule {
  const total = pcts.reduce((a, b) => a + b, 0);
  if (pcts.length === 0 || pcts.length !== scheds.length || !pcts.every((p) => p >= 0) || Math.abs(total - 1) > 1e-5) {
    throw new OptionError("combineScheds", {
      given: `shares [${pcts.join(", ")}] for ${scheds.length} schedules`,
      expected: "one share per schedule, none negative, with sum 1",
    });
  }
  const starts = pcts.map((_, i) => pcts.slice(0, i).reduce((a, b) => a + b, 0));
  return (pos) => {
    const later = starts.findIndex((start) => start > pos);
    // A last share of 0 starts at 1 and lasts no time: the one before it reaches its end there.
    let i = later === -1 ? starts.length - 1 : Math.max(0, later - 1);
    while (i > 0 && pcts[i] === 0 && pos >= 1) i--;
    const share = pcts[i]!;
    return scheds[i]!(share === 0 ? 0 : Math.min(1, (pos - starts[i]!) / share));
  };
}

/** A cosine from `start` to `middle` over the share `pct`, then one from `middle` to `end`. */
export function combinedCos(pct: number, start: ScheduleEnd, middle: ScheduleEnd, end: ScheduleEnd): Schedule {
  return combineScheds([pct, 1 - pct], [schedCos(start, middle), schedCos(middle, end)]);
}

function at(value: ScheduleEnd, i: number): number {
  return typeof value === "number" ? value : value[i]!;
}

function checkedLength(start: ScheduleEnd, end: ScheduleEnd): number {
  const a = typeof start === "number" ? undefined : start.length;
  const b = typeof end === "number" ? undefined : end.length;
  if (a !== undefined && b !== undefined && a !== b) {
    throw new OptionError("schedule", {
      given: `a start with ${a} numbers and an end with ${b}`,
      expected: "as many starts as ends, one per parameter group",
    });
  }
  return a ?? b ?? 1;
}
