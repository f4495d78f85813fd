import { dirname } from "node:path";
import { checkOptions } from "@layerwise/core";
import { dataSourcesRegistry, type JsonValue, type TestDlOptions } from "@layerwise/core/learner";
import {
  type Category,
  DataLoaders,
  type DataLoadersOptions,
  dataLoaderOptionNames,
  indexSplitter,
  randomSplitter,
} from "@layerwise/data";
import { Processing } from "../processing.ts";
import { type ReadTableOptions, readTable } from "../table/readTable.ts";
import { Table, type TableLike, type TableRow } from "../table/table.ts";
import { TabularTable, type TabularTableOptions } from "../tabularTable.ts";
import { TabDataLoader } from "./tabDataLoader.ts";
import { TabularDataset } from "./tabularDataset.ts";
import { TabWeightedDL } from "./tabWeightedDl.ts";

/** Options of loaders over a prepared table. */
export interface TabularLoadersOptions
  extends Omit<DataLoadersOptions, "dlType" | "dlKwargs" | "afterItem" | "beforeBatch"> {
  /**
   * How often each training row should come, relative to the others; drawn with replacement.
   * @defaultValue every row once per epoch
   */
  wgts?: ArrayLike<number>;
}

export interface TabularFromDfOptions<Y = unknown>
  extends Omit<TabularTableOptions<Y>, "splits">,
    TabularLoadersOptions {
  /** Positions of the validation rows. @defaultValue a random part */
  validIdx?: readonly number[];
  /** Part of the rows that validates, 0…1. @defaultValue 0.2 */
  validPct?: number;
  /** An integer for a random split that is always the same. */
  seed?: number;
}

export interface TabularFromCsvOptions<Y = unknown> extends TabularFromDfOptions<Y> {
  /** How the file is written. */
  csv?: ReadTableOptions;
}

const TABLE_OPTIONS = ["procs", "catNames", "contNames", "yNames", "yBlock", "reduceMemory", "withCont"] as const;
const LOADER_OPTIONS = [...dataLoaderOptionNames, "path", "valBs", "valShuffle", "wgts"];
const SPLIT_OPTIONS = ["validIdx", "validPct", "seed"] as const;

/** A training and a validation loader over a table; what is learned from the training rows serves both. */
export class TabularDataLoaders<Y = unknown> extends DataLoaders<TableRow, Y> {
  /**
   * Loaders of a table in memory: columns, rows, a `Frame`. Continuous columns are, unless named, all that are neither
   * categories nor targets.
   * @throws {@link DataError} for columns that are not there, or values that a step cannot take
   */
  static async fromDf<Y = Category>(
    source: TableLike,
    options: TabularFromDfOptions<Y> = {},
  ): Promise<TabularDataLoaders<Y>> {
    checkOptions("TabularDataLoaders", options, [...TABLE_OPTIONS, ...SPLIT_OPTIONS, ...LOADER_OPTIONS]);
    const table = Table.from(source);
    const {
      procs,
      catNames = [],
      yNames = [],
      yBlock,
      reduceMemory,
      withCont,
      validIdx,
      validPct,
      seed,
      ...loaders
    } = options;
    const taken = [...catNames, ...(typeof yNames === "string" ? [yNames] : yNames)];
    const { contNames = table.names.filter((name) => !taken.includes(name)), ...rest } = loaders;
    const splitter = validIdx
      ? indexSplitter(validIdx)
      : randomSplitter({ ...(validPct === undefined ? {} : { validPct }), ...(seed === undefined ? {} : { seed }) });
    const to = new TabularTable<Y>(table, {
      ...{ catNames, contNames, yNames, splits: splitter },
      ...(procs && { procs }),
      ...(yBlock && { yBlock }),
      ...(reduceMemory !== undefined && { reduceMemory }),
      ...(withCont !== undefined && { withCont }),
    });
    return TabularDataLoaders.fromTable(to, rest);
  }

  /** Loaders of a CSV file. Files are kept beside it unless `path` says otherwise. */
  static async fromCsv<Y = Category>(
    file: string,
    { csv, ...options }: TabularFromCsvOptions<Y> = {},
  ): Promise<TabularDataLoaders<Y>> {
    return TabularDataLoaders.fromDf<Y>(await readTable(file, csv), { path: dirname(file), ...options });
  }

  /** Loaders of a prepared table: its training rows, and those for validation. */
  static async fromTable<Y>(to: TabularTable<Y>, options: TabularLoadersOptions = {}): Promise<TabularDataLoaders<Y>> {
    checkOptions("TabularDataLoaders", options, LOADER_OPTIONS);
    const { path = ".", valBs, valShuffle = false, wgts, ...rest } = options;
    const [trainSet, validSet] = [0, 1].map((i) => new TabularDataset<Y>(to.subset(i), { splitIdx: i }));
    const own = { bs: 64, shuffle: true, ...rest };
    const train: TabDataLoader<Y> =
      wgts === undefined
        ? new TabDataLoader(trainSet!, own)
        : (new TabWeightedDL(trainSet!, { ...own, wgts }) as never);
    await train.setup();
    const valid = train.withDataset(validSet!, { bs: valBs ?? train.bs, shuffle: valShuffle, dropLast: false });
    return new TabularDataLoaders<Y>([train, valid as TabDataLoader<Y>], { path });
  }

  override get(i: number): TabDataLoader<Y> {
    return super.get(i) as TabDataLoader<Y>;
  }

  override get train(): TabDataLoader<Y> {
    return this.get(0);
  }

  override get valid(): TabDataLoader<Y> {
    return this.get(1);
  }

  /** The fitted steps and the training rows. */
  get to(): TabularTable<Y> {
    return this.train.dataset.to;
  }

  /** A loader over new rows, prepared as the training rows were; `withLabels` if they have targets. */
  override testDl(
    items: TableLike | readonly unknown[],
    { withLabels = false, bs }: TestDlOptions = {},
  ): TabDataLoader<Y> {
    const dataset = this.valid.dataset.testSet(Table.from(items as TableLike), { withLabels });
    const changes = { shuffle: false, dropLast: false, ...(bs === undefined ? {} : { bs }) };
    return this.valid.withDataset(dataset, changes) as TabDataLoader<Y>;
  }

  override newEmpty(): TabularDataLoaders<Y> {
    const loaders = [this.train, this.valid].map((loader) => loader.withDataset(loader.dataset.newEmpty()));
    return new TabularDataLoaders<Y>(loaders as TabDataLoader<Y>[], { path: this.path });
  }

  override toConfig(): JsonValue {
    return { kind: "TabularDataLoaders", bs: this.valid.bs, processing: this.to.processing.toConfig() };
  }

  /** Empty loaders from what `toConfig` wrote. Runs no code from the file. */
  static override fromConfig<X = TableRow, Y = unknown>(config: JsonValue): DataLoaders<X, Y> {
    const { bs, processing } = config as { bs: number; processing: JsonValue };
    const fitted = Processing.fromConfig(processing);
    const dataset = (splitIdx: number) => new TabularDataset<Y>(emptyTable<Y>(fitted), { splitIdx });
    const train = new TabDataLoader<Y>(dataset(0), { bs, shuffle: true });
    const valid = train.withDataset(dataset(1), { shuffle: false, dropLast: false }) as TabDataLoader<Y>;
    return new TabularDataLoaders<Y>([train, valid]) as unknown as DataLoaders<X, Y>;
  }
}

function emptyTable<Y>(processing: Processing): TabularTable<Y> {
  const { cat, cont, y } = processing.names;
  return TabularTable.of<Y>(processing, Table.empty([...cat, ...cont, ...y]));
}

dataSourcesRegistry.add("TabularDataLoaders", (config) => TabularDataLoaders.fromConfig(config));
