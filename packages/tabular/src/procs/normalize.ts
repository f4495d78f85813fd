import { DataError } from "@layerwise/core";
import type { JsonObject } from "@layerwise/data";
import { Column } from "../table/column.ts";
import type { Table } from "../table/table.ts";
import { type ColumnNames, type Processed, TabularProc, tabularProcs } from "./tabularProc.ts";

/** Keeps the division away from 0. */
const EPS = 1e-7;

/** What was learned of one column. */
export interface ColumnStats {
  readonly mean: number;
  /** Of the population, plus 1e-7; 1 for a column whose values are all the same. */
  readonly std: number;
  /** Whether the values are whole numbers, and are shown as such. */
  readonly whole: boolean;
}

/** Brings continuous columns to mean 0 and standard deviation 1 by what the training rows say, and back. */
export class Normalize extends TabularProc {
  override readonly order = 99;
  /** By column, once learned. */
  readonly stats = new Map<string, ColumnStats>();

  override setups(train: Table, names: ColumnNames): void {
    for (const name of names.cont) {
      const column = train.column(name);
      const values = column.toNumbers(name);
      this.stats.set(name, {
        ...meanAndStd(values, name),
        whole: column.type === "int" || values.every(Number.isInteger),
      });
    }
  }

  override encodes(table: Table, names: ColumnNames): Processed {
    let normalized = table;
    for (const name of names.cont) {
      const { mean, std } = this.stats.get(name)!;
      const values = table.column(name).toNumbers(name);
      const scaled = new Float32Array(values.length);
      for (let i = 0; i < values.length; i++) scaled[i] = (values[i]! - mean) / std;
      normalized = normalized.with(name, new Column("float", scaled));
    }
    return { table: normalized, names };
  }

  override decodes(table: Table, names: ColumnNames): Table {
    let decoded = table;
    for (const name of names.cont.filter((column) => table.has(column))) {
      const { mean, std, whole } = this.stats.get(name)!;
      const values = Float64Array.from(table.column(name).values, (value) => value * std + mean);
      decoded = decoded.with(name, new Column("float", values.map(whole ? wholeNumber : sevenDigits)));
    }
    return decoded;
  }

  override toArgs(): JsonObject {
    return { stats: [...this.stats].map(([name, { mean, std, whole }]) => [name, mean, std, whole]) };
  }
}

/** Without the sign of -0. */
function wholeNumber(value: number): number {
  return Math.round(value) + 0;
}

/** What is left of a number that was stored in 32 bits. */
function sevenDigits(value: number): number {
  return Number(value.toPrecision(7));
}

/** Two passes, so that large numbers of little spread keep their digits. */
function meanAndStd(values: ArrayLike<number>, name: string): { mean: number; std: number } {
  let [sum, first] = [0, values[0] ?? 0];
  for (let i = 0; i < values.length; i++) sum += values[i]! - first;
  const mean = first + sum / values.length;
  let [squares, spread] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const away = values[i]! - mean;
    squares += away * away;
    spread = Math.max(spread, Math.abs(values[i]! - first));
  }
  const std = Math.sqrt(squares / values.length);
  if (Number.isFinite(mean) && Number.isFinite(std)) return { mean, std: spread === 0 ? 1 : std + EPS };
  let row = 0;
  while (row < values.length && Number.isFinite(values[row])) row++;
  throw notFinite(name, values[row], row);
}

/** A value that no model can learn from. */
export function notFinite(name: string, value: number | undefined, row: number): DataError {
  const isInfinite = value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;
  return new DataError("Normalize", {
    given: value === undefined ? `the column "${name}" without rows` : `${value} in the column "${name}", row ${row}`,
    expected: "finite numbers",
    fix: isInfinite
      ? 'read infinite values as missing ones, `csv: { naValues: ["inf", "-inf"] }`, or clip them'
      : "add `FillMissing` to `procs`",
  });
}

tabularProcs.add("Normalize", ({ stats }) => {
  const proc = new Normalize();
  for (const [name, mean, std, whole] of stats as unknown as [string, number, number, boolean][]) {
    proc.stats.set(name, { mean, std, whole });
  }
  return proc;
});
