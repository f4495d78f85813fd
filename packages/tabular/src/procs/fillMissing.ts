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
      const known = Float64Array.from(values).filter((value) => !Number.isNaN(value));
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
        const gap = column.type === "int" ? -1 : values.findIndex(Number.isNaN);
        if (gap >= 0) throw newGap(name, gap);
        continue;
      }
      const whole = Float64Array.from(values, (value) => (Number.isNaN(value) ? fill : value));
      filled = filled.with(name, new Column("float", whole));
      if (!this.#options.addCol) continue;
      const gaps = Uint8Array.from(values, (value) => (Number.isNaN(value) ? 1 : 0));
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

function median(values: Float64Array): number {
  const sorted = values.sort(); // typed arrays sort by number
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
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
