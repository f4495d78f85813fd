import { checkOptions, DataError, OptionError } from "@layerwise/core";
import type { JsonObject } from "@layerwise/data";
import { Column } from "../table/column.ts";
import type { Table } from "../table/table.ts";
import { type ColumnNames, type Processed, TabularProc, tabularProcs } from "./tabularProc.ts";

/** What stands in for a missing number: the middle value, a constant, or the most frequent value. */
export type FillStrategy = "median" | "constant" | "mode";

export interface FillMissingOptions {
  /** @defaultValue "median" */
  fillStrategy?: FillStrategy;
  /** Adds a categorical column `<name>_na` that says where a value was missing. @defaultValue true */
  addCol?: boolean;
  /** The constants, by column, for the strategy "constant". @defaultValue 0 */
  fillVals?: Readonly<Record<string, number>>;
}

/**
 * Fills gaps in continuous columns with a value learned from the training rows, and notes where they were. Gaps in a
 * column that had none in training are an error: nothing was learned to fill them with.
 */
export class FillMissing extends TabularProc {
  override readonly order = 0;
  /** What fills each column that had gaps in training, once learned. */
  readonly naDict = new Map<string, number>();
  readonly #options: Required<FillMissingOptions>;

  constructor(options: FillMissingOptions = {}) {
    super();
    checkOptions("FillMissing", options, { fillStrategy: true, addCol: true, fillVals: true });
    const { fillStrategy = "median", addCol = true, fillVals = {} } = options;
    if (!["median", "constant", "mode"].includes(fillStrategy)) {
      throw new OptionError("FillMissing", {
        given: `fillStrategy "${fillStrategy}"`,
        expected: '"median", "constant" or "mode"',
      });
    }
    this.#options = { fillStrategy, addCol, fillVals };
  }

  override setups(train: Table, names: ColumnNames): void {
    const { fillStrategy, fillVals } = this.#options;
    for (const name of names.cont) {
      const column = train.column(name);
      const values = column.toNumbers(name);
      if (column.type === "int") continue; // no gaps
      const known = withoutNaN(values);
      if (known.length === values.length) continue;
      if (known.length === 0 && fillStrategy !== "constant") throw allMissing(name, values.length, fillStrategy);
      const fill = { median: () => median(known), mode: () => mode(known), constant: () => fillVals[name] ?? 0 };
      this.naDict.set(name, fill[fillStrategy]());
    }
  }

  override encodes(table: Table, names: ColumnNames): Processed {
    let filled = table;
    for (const name of names.cont) {
      const column = table.column(name);
      const values = column.toNumbers(name);
      const fill = this.naDict.get(name);
      if (fill === undefined) {
        const gap = column.type === "int" ? -1 : firstNaN(values);
        if (gap >= 0) throw newGap(name, gap);
        continue;
      }
      const whole = new Float64Array(values.length);
      const gaps = new Uint8Array(values.length);
      for (let i = 0; i < whole.length; i++) {
        const value = values[i]!;
        gaps[i] = Number.isNaN(value) ? 1 : 0;
        whole[i] = gaps[i] === 1 ? fill : value;
      }
      filled = filled.with(name, new Column("float", whole));
      if (!this.#options.addCol) continue;
      filled = filled.with(`${name}_na`, new Column("bool", gaps));
    }
    if (!this.#options.addCol) return { table: filled, names };
    const added = [...this.naDict.keys()].map((name) => `${name}_na`);
    return { table: filled, names: { ...names, cat: [...names.cat, ...added] } };
  }

  override toArgs(): JsonObject {
    return { ...this.#options, naDict: [...this.naDict] };
  }
}

function withoutNaN(values: ArrayLike<number>): Float64Array {
  const kept = new Float64Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isNaN(value)) kept[count++] = value;
  }
  return kept.subarray(0, count);
}

function firstNaN(values: ArrayLike<number>): number {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) return i;
  return -1;
}

/** The middle value, or the mean of the two in the middle. Partly sorts `values`. */
function median(values: Float64Array): number {
  const middle = values.length >> 1;
  const upper = select(values, middle);
  if (values.length % 2 === 1) return upper;
  let lower = values[0]!;
  for (let i = 1; i < middle; i++) lower = Math.max(lower, values[i]!);
  return (lower + upper) / 2;
}

/** The value at position `k` if `values` were sorted; smaller ones end before it. @see Hoare 1961, "Algorithm 65: find" */
function select(values: Float64Array, k: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let [i, j] = [low, high];
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const kept = values[i]!;
      values[i++] = values[j]!;
      values[j--] = kept;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return values[k]!;
}

/** The most frequent value; of several the one that comes first. */
function mode(values: Float64Array): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best = Number.NaN;
  for (const [value, count] of counts) if (count > (counts.get(best) ?? 0)) best = value;
  return best;
}

function allMissing(name: string, rows: number, strategy: string): DataError {
  return new DataError("FillMissing", {
    given: `the column "${name}", in which all ${rows} training rows are empty`,
    expected: `values to take the ${strategy} of`,
    fix: 'leave the column out of `contNames`, or use `new FillMissing({ fillStrategy: "constant" })`',
  });
}

function newGap(name: string, row: number): DataError {
  return new DataError("FillMissing", {
    given: `no value for "${name}" in row ${row}, a column that had no gaps in the training rows`,
    expected: "a number",
    fix: "fill the gap yourself, or train on rows of which some have gaps in this column",
  });
}

tabularProcs.add("FillMissing", ({ naDict, ...options }) => {
  const proc = new FillMissing(options as FillMissingOptions);
  for (const [name, value] of naDict as unknown as [string, number][]) proc.naDict.set(name, value);
  return proc;
});
