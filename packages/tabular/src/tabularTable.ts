import { checkOptions, DataError, OptionError } from "@layerwise/core";
import type { Vocab } from "@layerwise/core/learner";
import type { LossFunc } from "@layerwise/core/losses";
import type { Category, PositionSplitter, Splits, TransformBlock } from "@layerwise/data";
import type { Figure } from "@layerwise/plot";
import { dfShrink } from "./columns/dfShrink.ts";
import { Processing } from "./processing.ts";
import { type ColumnNames, type ProcLike, sortedProcs } from "./procs/tabularProc.ts";
import { Column } from "./table/column.ts";
import { Table, type TableLike, type TableRow } from "./table/table.ts";
import { requireColumns } from "./table/unknownColumn.ts";
import { Target } from "./target.ts";

export interface TabularTableOptions<Y = unknown> {
  /** Steps that prepare the columns, usually `[Categorify, FillMissing, Normalize]`; they run by their `order`. */
  procs?: readonly ProcLike[];
  /** Columns of categories. */
  catNames?: readonly string[];
  /** Columns of continuous numbers. */
  contNames?: readonly string[];
  /** Columns of targets. */
  yNames?: string | readonly string[];
  /** What the targets are. @defaultValue regression if all are numbers, else classes */
  yBlock?: TransformBlock<never, Y>;
  /** Positions of training and validation rows, or a splitter that chooses them. @defaultValue all rows train */
  splits?: Readonly<Splits> | PositionSplitter;
  /** Stores columns as small as their values allow first; text becomes categories of all rows. @defaultValue true */
  reduceMemory?: boolean;
  /** Whether batches carry a tensor of continuous columns, even if there are none. @defaultValue true */
  withCont?: boolean;
}

/**
 * A table prepared for a model: processors learned from the training rows and were applied to all. Training rows come
 * first. The given table is not changed; `new` prepares other rows the same way.
 */
export class TabularTable<Y = unknown> {
  /** The prepared columns. */
  readonly table: Table;
  /** Number of training rows. */
  readonly split: number;
  /** Row of the given table that each row comes from. */
  readonly index: Uint32Array;
  /** The fitted steps. */
  readonly processing: Processing;
  /** Never set; carries the type. */
  readonly types?: Y;

  /** @throws {@link DataError} for columns that are not there, or values that a step cannot take */
  constructor(source: TableLike, options: TabularTableOptions<Y> = {}) {
    checkOptions("TabularTable", options, [
      ...["procs", "catNames", "contNames", "yNames", "yBlock", "splits", "reduceMemory", "withCont"],
    ]);
    const { procs = [], yBlock, reduceMemory = true, withCont = true } = options;
    const given = Table.from(source);
    const splits = typeof options.splits === "function" ? options.splits({ length: given.length }) : options.splits;
    const names = checkedNames(options as TabularTableOptions, given);
    this.index = splits === undefined ? countUp(given.length) : order(splits, given);
    this.split = splits?.[0]?.length ?? given.length;
    if (!withCont && names.cont.length > 0) {
      throw new OptionError("TabularTable", {
        given: `withCont: false and the continuous columns ${names.cont.join(", ")}`,
        expected: "no `contNames`",
      });
    }
    const used = given.select([...new Set([...names.cat, ...names.cont, ...names.y])]);
    const small = reduceMemory ? dfShrink(used) : used;
    const rows = splits === undefined ? small : small.take(this.index);
    const target = yBlock ? new Target(names.y, yBlock) : names.y.length > 0 ? Target.infer(names.y, rows) : undefined;
    this.processing = new Processing(names, sortedProcs(procs), target, withCont);
    this.table = this.processing.fit(rows, this.split);
  }

  /** A table around rows that are prepared already. */
  static of<Y>(processing: Processing, table: Table, split = table.length, index?: Uint32Array): TabularTable<Y> {
    const made: TabularTable<Y> = Object.create(TabularTable.prototype);
    const rows = index ?? countUp(table.length);
    return Object.assign(made, { processing, table, split, index: rows });
  }

  get length(): number {
    return this.table.length;
  }

  /** Names of the columns after all steps: `cat` includes the `_na` columns of `FillMissing`. */
  get names(): ColumnNames {
    return this.processing.names;
  }

  get catNames(): readonly string[] {
    return this.names.cat;
  }

  get contNames(): readonly string[] {
    return this.names.cont;
  }

  get yNames(): readonly string[] {
    return this.names.y;
  }

  /** Training rows. */
  get train(): TabularTable<Y> {
    return this.subset(0);
  }

  /** Validation rows. */
  get valid(): TabularTable<Y> {
    return this.subset(1);
  }

  /** Rows of one split, 0 for training; they share the fitted steps. */
  subset(i: number): TabularTable<Y> {
    const [start, end] = i === 0 ? [0, this.split] : [this.split, this.length];
    const index = this.index.subarray(start, end);
    return TabularTable.of(this.processing, this.table.slice(start, end), end - start, index);
  }

  get cats(): Table {
    return this.table.select(this.names.cat);
  }

  get conts(): Table {
    return this.table.select(this.names.cont);
  }

  /** Inputs: categories, then continuous columns. */
  get xs(): Table {
    return this.table.select([...this.names.cat, ...this.names.cont]);
  }

  get ys(): Table {
    return this.table.select(this.names.y);
  }

  get allCols(): Table {
    return this.table.select([...this.names.cat, ...this.names.cont, ...this.names.y]);
  }

  /** The first target. */
  get y(): Column {
    const [name] = this.names.y;
    if (name !== undefined) return this.table.column(name);
    throw new OptionError("TabularTable.y", { given: "a table without targets", expected: "`yNames`" });
  }

  /** All targets, row by row. */
  get targ(): Float32Array {
    const columns = this.names.y.map((name) => this.table.column(name).values);
    return rowMajor(columns, this.length, Float32Array);
  }

  /** Classes of each categorical column, `#na#` first. */
  get classes(): Readonly<Record<string, readonly Category[]>> {
    const { categorify } = this.processing;
    if (categorify === undefined) return {};
    return Object.fromEntries(this.names.cat.map((name) => [name, categorify.classesOf(name)]));
  }

  /** Classes of the target. */
  get vocab(): Vocab | undefined {
    return this.processing.target?.vocab;
  }

  /** Number of outputs that the targets ask for. */
  get c(): number | undefined {
    return this.processing.target?.c;
  }

  get lossFunc(): LossFunc | undefined {
    return this.processing.target?.lossFunc;
  }

  /** Other rows, prepared by the same steps; nothing is learned. @throws {@link DataError} for missing columns */
  new(source: TableLike, { withTargets = false }: { withTargets?: boolean } = {}): TabularTable<Y> {
    const table = this.processing.apply(Table.from(source), withTargets);
    return TabularTable.of(this.processing, table);
  }

  /** The same steps and columns without rows. */
  newEmpty(): TabularTable<Y> {
    return TabularTable.of(this.processing, this.table.slice(0, 0));
  }

  /** The rows at these positions. */
  rows(positions: ArrayLike<number>): TabularTable<Y> {
    const index = Uint32Array.from(positions, (i) => this.index[i]!);
    const split = Array.from(positions).filter((i) => i < this.split).length;
    return TabularTable.of(this.processing, this.table.take(positions), split, index);
  }

  /** The values that a person reads: categories by name, numbers as they were, classes for targets. */
  decode(): Table {
    const decoded = this.processing.decode(this.table);
    const { target } = this.processing;
    if (target === undefined || !this.names.y.every((name) => this.table.has(name))) return decoded;
    const columns = this.names.y.map((name) => this.table.column(name).values);
    const cells = Array.from({ length: this.length }, (_, i) => {
      return target.cells(target.decode(columns.map((values) => values[i]!)));
    });
    return this.names.y.reduce((table, name, k) => table.with(name, Column.from(cells.map((row) => row[k]!))), decoded);
  }

  /** One row, decoded. */
  decodeRow(position: number): TableRow {
    return this.rows([position]).decode().row(0);
  }

  /** The first rows, decoded. */
  show({ maxN = 10 }: { maxN?: number } = {}): Figure {
    const count = Math.min(maxN, this.length);
    return this.rows(countUp(count))
      .decode()
      .select([...this.names.cat, ...this.names.cont, ...this.names.y].filter((name) => this.table.has(name)))
      .show({ maxN });
  }
}

/** Columns as one array, row by row. */
export function rowMajor<T extends Float32Array | Int32Array>(
  columns: readonly ArrayLike<number>[],
  length: number,
  kind: new (length: number) => T,
): T {
  const width = columns.length;
  const out = new kind(length * width);
  columns.forEach((values, k) => {
    for (let i = 0, at = k; i < length; i++, at += width) out[at] = values[i]!;
  });
  return out;
}

function checkedNames(options: TabularTableOptions<unknown>, table: Table): ColumnNames {
  const { catNames = [], contNames = [], yNames = [] } = options;
  const y = typeof yNames === "string" ? [yNames] : yNames;
  const all = [...catNames, ...contNames, ...y];
  requireColumns("TabularTable", all, table.names);
  const twice = all.find((name, i) => all.indexOf(name) !== i);
  if (twice === undefined) return { cat: catNames, cont: contNames, y };
  throw new OptionError("TabularTable", {
    given: `the column "${twice}" in two places`,
    expected: "each column once, in `catNames`, `contNames` or `yNames`",
  });
}

/** Row numbers of training and validation, one after the other. */
function order(splits: Readonly<Splits>, table: Table): Uint32Array {
  const rows = new Uint32Array(splits.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of splits) {
    for (const row of part) {
      if (!Number.isInteger(row) || row < 0 || row >= table.length) {
        throw new DataError("TabularTable", { given: `row ${row} in \`splits\``, expected: `0…${table.length - 1}` });
      }
      rows[at++] = row;
    }
  }
  if ((splits[0]?.length ?? 0) === 0) {
    throw new DataError("TabularTable", {
      given: `no training rows: ${table.length} rows, ${splits[1]?.length ?? 0} of them for validation`,
      expected: "rows to learn from",
    });
  }
  return rows;
}

function countUp(length: number): Uint32Array {
  const rows = new Uint32Array(length);
  for (let i = 0; i < length; i++) rows[i] = i;
  return rows;
}
