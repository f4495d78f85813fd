import { DataError } from "@layerwise/core";
import type { Vocab } from "@layerwise/core/learner";
import type { LossFunc } from "@layerwise/core/losses";
import type { Dataset, TestSetRequest } from "@layerwise/data";
import type { Column } from "../table/column.ts";
import type { TableLike, TableRow } from "../table/table.ts";
import { rowMajor, type TabularTable } from "../tabularTable.ts";

/** The rows of a prepared table as arrays that batches are cut from: ids, numbers and targets, row by row. */
export class TabularDataset<Y = unknown> implements Dataset {
  readonly to: TabularTable<Y>;
  readonly splitIdx: number | null;
  /** Inputs of a batch: ids of categories and, unless left out, continuous columns. */
  readonly nInp: number;
  /** int32 `[rows, nCat]` */
  readonly cats: Int32Array;
  /** float32 `[rows, nCont]` */
  readonly conts: Float32Array;
  /** `[rows]` class indices or `[rows, targets]` numbers; null without targets. */
  readonly targets: Int32Array | Float32Array | null;

  /** @throws {@link DataError} for text among the inputs, or a missing or infinite number */
  constructor(to: TabularTable<Y>, { splitIdx = null }: { splitIdx?: number | null } = {}) {
    this.to = to;
    this.splitIdx = splitIdx;
    this.nInp = to.processing.withCont ? 2 : 1;
    const { names, table, length } = to;
    this.cats = rowMajor(
      names.cat.map((name) => idsOf(table.column(name), name)),
      length,
      Int32Array,
    );
    this.conts = rowMajor(
      names.cont.map((name) => table.column(name).toNumbers(name)),
      length,
      Float32Array,
    );
    requireFinite(this.conts, names.cont);
    const hasTargets = names.y.length > 0 && names.y.every((name) => table.has(name));
    const ys = hasTargets ? names.y.map((name) => table.column(name).toNumbers(name)) : null;
    const kind = to.processing.target?.isCategory ? Int32Array : Float32Array;
    this.targets = ys && rowMajor<Int32Array | Float32Array>(ys, length, kind);
  }

  get length(): number {
    return this.to.length;
  }

  get vocab(): Vocab | undefined {
    return this.to.vocab;
  }

  get c(): number | undefined {
    return this.to.c;
  }

  get lossFunc(): LossFunc | undefined {
    return this.to.lossFunc;
  }

  get(i: number): TableRow {
    return this.to.decodeRow(i);
  }

  testSet(items: TableLike | readonly unknown[], { withLabels = false }: TestSetRequest = {}): TabularDataset<Y> {
    return new TabularDataset(this.to.new(items as TableLike, { withTargets: withLabels }), {
      splitIdx: this.splitIdx,
    });
  }

  newEmpty(): TabularDataset<Y> {
    return new TabularDataset(this.to.newEmpty(), { splitIdx: this.splitIdx });
  }

  /** The fitted steps. */
  toConfig(): object {
    return this.to.processing.toConfig() as object;
  }
}

function idsOf(column: Column, name: string): ArrayLike<number> {
  if (column.type === "int") return column.values;
  throw new DataError("TabularDataLoaders", {
    given: `the categorical column "${name}" as ${column.type}`,
    expected: "numbers of categories",
    fix: "add `Categorify` to `procs`",
  });
}

function requireFinite(values: Float32Array, names: readonly string[]): void {
  let at = 0;
  while (at < values.length && Number.isFinite(values[at])) at++;
  if (at === values.length) return;
  const isMissing = Number.isNaN(values[at]);
  throw new DataError("TabularDataLoaders", {
    given: `${values[at]} in the column "${names[at % names.length]}", row ${Math.floor(at / names.length)}`,
    expected: "finite numbers",
    fix: isMissing
      ? "add `FillMissing` to `procs`"
      : 'read infinite values as missing ones, `csv: { naValues: ["inf", "-inf"] }`, or clip them',
  });
}
