import { OptionError } from "./errors.ts";

/** @throws {@link OptionError} unless `value` is a whole number of at least `least` */
export function checkWhole(where: string, name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new OptionError(where, { given: `${name} = ${value}`, expected: `a whole number, ${least} or more` });
}
