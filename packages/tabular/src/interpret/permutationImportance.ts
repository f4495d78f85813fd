import { checkOptions, OptionError, Rng, rng } from "@layerwise/core";
import type { Learner } from "@layerwise/core/learner";
import type { TabDataLoader } from "../loaders/tabDataLoader.ts";
import { TabularDataset } from "../loaders/tabularDataset.ts";
import type { Column } from "../table/column.ts";
import type { TableRow } from "../table/table.ts";
import { TabularTable } from "../tabularTable.ts";

export interface PermutationOptions {
  /** Columns to try. @defaultValue all inputs */
  columns?: readonly string[];
  /** How often each is shuffled; results are averaged. @defaultValue 3 */
  repeats?: number;
  /** Which number of `learn.validate()`: 0 the loss, 1 the first metric. @defaultValue 0 */
  metric?: number;
  /** True if more of it is better, as for accuracy. @defaultValue false for the loss, true for a metric */
  higherIsBetter?: boolean;
  /** Which of the learner's loaders. @defaultValue 1, validation */
  dsIdx?: number;
  /** An integer for results that are always the same. */
  seed?: number;
}

/** What shuffling one column does. */
export interface ColumnImportance {
  readonly column: string;
  /** How much worse the model gets, in the metric's unit. */
  readonly importance: number;
  /** Standard deviation over the repeats. */
  readonly std: number;
}

/**
 * How much a model needs each column: shuffle it, keep the rest, and see how much worse the loss or a metric gets. Works
 * for any model; the columns that matter most come first. `FillMissing`'s `_na` columns are shuffled with their own.
 * @see Fisher, Rudin & Dominici 2019, https://arxiv.org/abs/1801.01489
 * @throws {@link OptionError} for a metric that the learner does not have
 */
export async function permutationImportance<Y>(
  learn: Learner<TableRow, Y>,
  options: PermutationOptions = {},
): Promise<ColumnImportance[]> {
  checkOptions("permutationImportance", options, {
    ...{ columns: true, repeats: true, metric: true, higherIsBetter: true, dsIdx: true, seed: true },
  });
  const { repeats = 3, metric = 0, higherIsBetter = metric > 0, dsIdx = 1, seed } = options;
  const dl = learn.dls.get(dsIdx).with({ shuffle: false, dropLast: false }) as TabDataLoader<Y>;
  const { to } = dl.dataset;
  const score = async (table: TabularTable<Y>): Promise<number> => {
    const row = await learn.validate({ dl: dl.withDataset(new TabularDataset(table, { splitIdx: 1 })) });
    const value = row[metric];
    if (typeof value === "number") return higherIsBetter ? -value : value;
    throw new OptionError("permutationImportance", {
      given: `metric ${metric}`,
      expected: `0…${row.length - 1}: the loss and the learner's metrics`,
    });
  };
  const base = await score(to);
  const random = new Rng(seed ?? rng().uint32());
  const found: ColumnImportance[] = [];
  for (const column of options.columns ?? ownColumns(to)) {
    const worse: number[] = [];
    for (let i = 0; i < repeats; i++) {
      const order = Uint32Array.from(random.permutation(to.length));
      worse.push((await score(shuffled(to, column, order))) - base);
    }
    const mean = worse.reduce((a, b) => a + b, 0) / repeats;
    const std = Math.sqrt(worse.reduce((sum, value) => sum + (value - mean) ** 2, 0) / repeats);
    found.push({ column, importance: mean, std });
  }
  return found.sort((a, b) => b.importance - a.importance);
}

/** Input columns that the user named: not those that `FillMissing` added. */
function ownColumns(to: TabularTable<unknown>): readonly string[] {
  const { given } = to.processing;
  return [...given.cat, ...given.cont];
}

function shuffled<Y>(to: TabularTable<Y>, name: string, order: Uint32Array): TabularTable<Y> {
  const both = [name, `${name}_na`].filter((column) => to.table.has(column) || column === name);
  const swap = (column: string): Column => to.table.column(column).take(order);
  const table = both.reduce((t, column) => t.with(column, swap(column)), to.table);
  return TabularTable.of<Y>(to.processing, table);
}
