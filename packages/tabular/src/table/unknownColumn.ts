import { DataError } from "@layerwise/core";
import { closest } from "fastest-levenshtein";

/** A name that no column has, with the nearest one that there is. */
export function unknownColumn(where: string, name: string, known: readonly string[]): DataError {
  const shown = known.slice(0, 30).map((column) => `"${column}"`);
  const more = known.length > shown.length ? `, … (${known.length} in all)` : "";
  return new DataError(where, {
    given: `the column "${name}"`,
    expected: known.length === 0 ? "a table with columns" : `one of ${shown.join(", ")}${more}`,
    ...(known.length === 0 ? {} : { fix: `perhaps "${closest(name, [...known])}" is meant` }),
  });
}

/** @throws {@link DataError} for the first name that is not among `known` */
export function requireColumns(where: string, names: readonly string[], known: readonly string[]): void {
  const there = new Set(known);
  const missing = names.find((name) => !there.has(name));
  if (missing !== undefined) throw unknownColumn(where, missing, known);
}
