import { OptionError } from "@layerwise/core";
import { closest } from "fastest-levenshtein";

/**
 * Refuses options that nobody reads: a typo in plain JavaScript would else do nothing.
 * @throws {@link OptionError} with the nearest known name
 */
export function checkOptions(where: string, options: object, known: readonly string[]): void {
  for (const [name, value] of Object.entries(options)) {
    if (known.includes(name) || value === undefined) continue;
    throw new OptionError(where, {
      given: `the option "${name}"`,
      expected: `one of ${known.join(", ")}`,
      fix: `did you mean "${closest(name, [...known])}"`,
    });
  }
}

/** @throws {@link OptionError} unless `value` is a whole number of at least `least` */
export function checkWhole(where: string, name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new OptionError(where, { given: `${name} = ${value}`, expected: `a whole number, ${least} or more` });
}
