import { DataError } from "@layerwise/core";
import { Column } from "../table/column.ts";
import { Table, type TableLike } from "../table/table.ts";
import { dateColumn } from "./makeDate.ts";

const DAY = 86_400_000;
/** Rows, with the current one, over which events are counted. */
const WINDOW = 7;

/**
 * For each event column and each `base` (a shop, say): days since the last event, days until the next one (negative),
 * and the number of events in the last and in the next 7 rows: `After<event>`, `Before<event>`, `<event>_bw`,
 * `<event>_fw`. Rows keep their order.
 * @param fields - columns that say whether the event happened
 * @throws {@link DataError} if dates are missing or unreadable
 */
export function addElapsedTimes(
  source: TableLike,
  fields: string | readonly string[],
  dateField: string,
  baseField: string,
): Table {
  const table = Table.from(source);
  const names = typeof fields === "string" ? [fields] : fields;
  const dates = dateColumn(table.column(dateField), dateField);
  const undated = dates.values.findIndex((value) => Number.isNaN(value));
  if (undated >= 0) {
    throw new DataError("addElapsedTimes", {
      given: `no date in "${dateField}", row ${undated}`,
      expected: "a date in every row",
      fix: "drop the rows without one",
    });
  }
  const bases = groupNumbers(table.column(baseField));
  const forward = order(table.length, bases, dates.values, 1);
  const backward = order(table.length, bases, dates.values, -1);
  const events = names.map((name) => eventFlags(table.column(name), name));
  let result = table.with(dateField, dates);
  const add = (name: string, values: Int32Array): void => {
    result = result.with(name, new Column("int", values));
  };
  for (const [i, name] of names.entries()) add(`After${name}`, elapsed(forward, bases, dates.values, events[i]!));
  for (const [i, name] of names.entries()) add(`Before${name}`, elapsed(backward, bases, dates.values, events[i]!));
  for (const [i, name] of names.entries()) add(`${name}_bw`, windowSums(forward, bases, events[i]!));
  for (const [i, name] of names.entries()) add(`${name}_fw`, windowSums(backward, bases, events[i]!));
  return result;
}

/** The same small number for the same value; missing ones are a group as well. */
function groupNumbers(column: Column): Int32Array {
  const sorted = [...new Set(column.values)].sort((a, b) => a - b);
  const places = new Map(sorted.map((value, i) => [value, i]));
  return Int32Array.from(column.values, (value) => places.get(value)!);
}

/** Row numbers by base, then by date; equal ones stay in their order. */
function order(length: number, bases: Int32Array, dates: ArrayLike<number>, sign: 1 | -1): Uint32Array {
  return Uint32Array.from({ length }, (_, i) => i).sort(
    (a, b) => bases[a]! - bases[b]! || sign * (dates[a]! - dates[b]!) || a - b,
  );
}

function eventFlags(column: Column, name: string): Uint8Array {
  if (column.isCoded) column.toNumbers(name); // says what is wrong
  return Uint8Array.from(column.values, (value, i) => (!column.isMissing(i) && value !== 0 ? 1 : 0));
}

/** Whole days since the last event on the way through `rows`, 0 before the first. */
function elapsed(rows: Uint32Array, bases: Int32Array, dates: ArrayLike<number>, events: Uint8Array): Int32Array {
  const days = new Int32Array(rows.length);
  let base = -1;
  let last = Number.NaN;
  for (const row of rows) {
    if (bases[row] !== base) last = Number.NaN;
    base = bases[row]!;
    if (events[row] === 1) last = dates[row]!;
    days[row] = Number.isNaN(last) ? 0 : Math.trunc((dates[row]! - last) / DAY);
  }
  return days;
}

/** Events in the current row and up to 6 rows before it, on the way through `rows`. */
function windowSums(rows: Uint32Array, bases: Int32Array, events: Uint8Array): Int32Array {
  const sums = new Int32Array(rows.length);
  rows.forEach((row, i) => {
    for (let k = Math.max(0, i - WINDOW + 1); k <= i; k++) {
      if (bases[rows[k]!] === bases[row]) sums[row]! += events[rows[k]!]!;
    }
  });
  return sums;
}
