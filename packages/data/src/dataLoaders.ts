import { OptionError, StateError } from "@layerwise/core";
import type { DataSources, DecodedSample, JsonValue, TestDlOptions, Vocab } from "@layerwise/core/learner";
import { dataSourcesRegistry } from "@layerwise/core/learner";
import type { LossFunc } from "@layerwise/core/losses";
import type { Figure } from "@layerwise/plot";
import type { DataBatch } from "./batch.ts";
import { DataLoader, type LoaderStage } from "./dataLoader.ts";
import type { Dataset } from "./dataset.ts";
import type { DatasetsConfig } from "./datasets.ts";
import type { BatchTensors, DecodeOptions } from "./decodeBatch.ts";
import { type DatasetLike, toDataset } from "./iterableDataset.ts";
import type { DataLoaderOptions } from "./loaderOptions.ts";
import { type ElementKindConfig, kindToConfig, type LoaderClass, loaderRegistry } from "./loaderRegistry.ts";
import { PartialDL } from "./partialDl.ts";
import { Pipeline } from "./pipeline.ts";
import type { ShowBatchOptions } from "./show.ts";
import type { TfmdListsConfig } from "./tfmdLists.ts";
import type { TransformConfig, TransformLike } from "./transform.ts";
import { splitValOptions, type ValOptions } from "./valOptions.ts";
import { WeightedDL } from "./weightedDl.ts";

/** Options of loaders made together; each with `val` in front is for the loaders after the first. */
export interface DataLoadersOptions extends Omit<DataLoaderOptions, "order" | "splitIdx">, ValOptions {
  /** Where the learner keeps its files. @defaultValue "." */
  path?: string;
  /** Whether the training loader shuffles. @defaultValue true, where samples have positions */
  shuffle?: boolean;
  /** Class of the loaders. @defaultValue `DataLoader` */
  dlType?: LoaderClass | undefined;
  /** Options that belong to `dlType` only, or to one loader only: one set for all, or one per loader. */
  dlKwargs?: object | readonly object[] | undefined;
}

/** Loaders as an export file keeps them: no items. */
export interface DataLoadersConfig {
  readonly kind: "DataLoaders";
  readonly loader: string;
  readonly bs: number | null;
  readonly datasets: DatasetsConfig | TfmdListsConfig;
  readonly kinds: readonly ElementKindConfig[] | null;
  readonly stages: Readonly<Record<LoaderStage, readonly TransformConfig[]>>;
  readonly options: { readonly [key: string]: JsonValue };
}

/** Data sets in subsets: `Datasets`, or a `TfmdLists`. */
export interface Subsets {
  readonly nSubsets: number;
  subset(i: number): Dataset;
}

/** A training and a validation loader (and perhaps more) that share their transforms. */
export class DataLoaders<X = unknown, Y = unknown> implements DataSources<X, Y> {
  /** Where the learner keeps its files. */
  path: string;
  readonly #loaders: DataLoader<X, Y>[];

  constructor(loaders: readonly DataLoader<X, Y>[], { path = "." }: { path?: string } = {}) {
    if (loaders.length === 0) {
      throw new OptionError("DataLoaders", {
        given: "no loaders",
        expected: "a training loader, and one for validation",
      });
    }
    this.#loaders = [...loaders];
    this.path = path;
  }

  /** Loaders over the subsets of data sets: the first for training, which the transforms learn from. */
  static fromDatasets<X = unknown, Y = unknown>(
    datasets: Subsets,
    options: DataLoadersOptions = {},
  ): Promise<DataLoaders<X, Y>> {
    const subsets = Array.from({ length: datasets.nSubsets }, (_, i) => datasets.subset(i));
    return DataLoaders.fromDsets<X, Y>(subsets, options);
  }

  /** Loaders over one data set each: the first for training. Lists and iterables of samples are data sets as well. */
  static async fromDsets<X = unknown, Y = unknown>(
    dsets: readonly DatasetLike[],
    given: DataLoadersOptions = {},
  ): Promise<DataLoaders<X, Y>> {
    const Loader = (given.dlType ?? DataLoader) as LoaderClass;
    const { rest, val } = splitValOptions(given, Loader.optionNames);
    const { path = ".", dlType: _dlType, dlKwargs, ...options } = rest as Omit<DataLoadersOptions, keyof ValOptions>;
    const ownOptions = (i: number) => (Array.isArray(dlKwargs) ? (dlKwargs[i] as object) : dlKwargs) ?? {};
    const [first, ...others] = dsets.map(toDataset);
    const train = new Loader<X, Y>(first ?? [], {
      shuffle: first?.iterate === undefined,
      ...options,
      ...splitOf(first, 0),
      ...ownOptions(0),
    });
    await train.setup();
    const loaders = others.map((dataset, i) =>
      train.withDataset(dataset, {
        shuffle: false,
        dropLast: false,
        ...val,
        ...splitOf(dataset, i + 1),
        ...ownOptions(i + 1),
      }),
    );
    return new DataLoaders<X, Y>([train, ...loaders], { path });
  }

  /** Loaders of a source, as `dblock.dataloaders(source, options)` makes them. */
  static fromDblock<S, D extends DataLoaders>(
    dblock: { dataloaders(source: S, options?: DataLoadersOptions): Promise<D> },
    source: S,
    options?: DataLoadersOptions,
  ): Promise<D> {
    return dblock.dataloaders(source, options);
  }

  /**
   * Like `fromDatasets`, with training items drawn in proportion to weights.
   * @param wgts - one per training item
   */
  static weighted<X = unknown, Y = unknown>(
    datasets: Subsets,
    wgts: readonly number[],
    options: DataLoadersOptions = {},
  ): Promise<DataLoaders<X, Y>> {
    return DataLoaders.fromDatasets<X, Y>(datasets, {
      ...options,
      ...perTraining(options, WeightedDL as LoaderClass, { wgts }, datasets),
    });
  }

  /** Like `fromDatasets`, with `partialN` random training items per pass. */
  static partial<X = unknown, Y = unknown>(
    datasets: Subsets,
    partialN: number,
    options: DataLoadersOptions = {},
  ): Promise<DataLoaders<X, Y>> {
    return DataLoaders.fromDatasets<X, Y>(datasets, {
      ...options,
      ...perTraining(options, PartialDL as LoaderClass, { partialN }, datasets),
    });
  }

  get loaders(): readonly DataLoader<X, Y>[] {
    return this.#loaders;
  }

  get length(): number {
    return this.#loaders.length;
  }

  get train(): DataLoader<X, Y> {
    return this.get(0);
  }

  set train(loader: DataLoader<X, Y>) {
    this.#loaders[0] = loader;
  }

  get valid(): DataLoader<X, Y> {
    return this.get(1);
  }

  set valid(loader: DataLoader<X, Y>) {
    this.#loaders[1] = loader;
  }

  get trainDs(): Dataset {
    return this.train.dataset;
  }

  get validDs(): Dataset {
    return this.valid.dataset;
  }

  get nInp(): number {
    return this.train.nInp;
  }

  /** Number of outputs that the targets ask for, if something knows it; `getC(dls)` gives a number or an error. */
  get c(): number | undefined {
    return this.train.c;
  }

  get vocab(): Vocab | readonly Vocab[] | undefined {
    return this.train.vocab;
  }

  get lossFunc(): LossFunc | undefined {
    return this.train.lossFunc;
  }

  /** Loader `i`. */
  get(i: number): DataLoader<X, Y> {
    const loader = this.loaders[i];
    if (loader !== undefined) return loader;
    const fix = i === 1 ? { fix: "give a `splitter` that leaves items for validation, or a second data set" } : {};
    throw new OptionError("DataLoaders.get", { given: `loader ${i}`, expected: `0…${this.length - 1}`, ...fix });
  }

  /** One training batch; the caller's to dispose. */
  oneBatch(): Promise<DataBatch> {
    return this.train.oneBatch();
  }

  decodeBatch(batch: BatchTensors, options?: DecodeOptions): Promise<DecodedSample<X, Y>[]> {
    return this.train.decodeBatch(batch, options);
  }

  showBatch(options?: ShowBatchOptions): Promise<Figure> {
    return this.train.showBatch(options);
  }

  /** A loader over new items, with the transforms of validation; an item that cannot be read is an error. */
  testDl(
    items: readonly unknown[],
    { withLabels = false, bs, rmTypeTfms }: TestDlOptions & { rmTypeTfms?: number | readonly number[] } = {},
  ): DataLoader<X, Y> {
    if (!Array.isArray(items)) {
      throw new OptionError("testDl", {
        given: `a ${typeof items}`,
        expected: "a list of items",
        fix: "write `testDl([item])`",
      });
    }
    const source = this.loaders[1] ?? this.train;
    const dataset = source.dataset.testSet?.(items, { withLabels, rmTypeTfms }) ?? items;
    const changes = { shuffle: false, dropLast: false, onError: "throw" as const, allowSkip: false };
    return source.withDataset(dataset, bs === undefined ? changes : { ...changes, bs });
  }

  /**
   * Adds transforms, the same ones, to a stage of all loaders or of some; they learn from training data.
   * @param loaders - by number, or "train" and "valid"
   */
  async addTfms(
    tfms: readonly TransformLike[],
    stage: LoaderStage,
    loaders?: readonly (number | "train" | "valid")[],
  ): Promise<void> {
    if (!["afterItem", "beforeBatch", "afterBatch"].includes(stage)) {
      throw new OptionError("addTfms", {
        given: `the stage ${JSON.stringify(stage)}`,
        expected: '"afterItem", "beforeBatch" or "afterBatch"',
      });
    }
    const chosen = loaders?.map((i) => (typeof i === "number" ? this.get(i) : this[i])) ?? this.loaders;
    const members = new Pipeline(tfms).tfms;
    await this.train.setupStage(stage, members);
    for (const loader of chosen) await loader.addTfms(stage, members);
  }

  /** The same loaders without items. */
  newEmpty(): DataLoaders<X, Y> {
    const loaders = this.loaders.map((loader) => loader.withDataset(loader.dataset.newEmpty?.() ?? []));
    return new DataLoaders(loaders, { path: this.path });
  }

  /**
   * Transforms, with what they learned, as plain data.
   * @throws {@link StateError} if a transform or the data set cannot be named in a file
   */
  toConfig(): JsonValue {
    const { train } = this;
    const { dataset } = train;
    if (dataset.toConfig === undefined) {
      throw new StateError("export", {
        given: "loaders over a data set of your own",
        expected: "loaders of a `DataBlock` or of `Datasets`, whose transforms a file can name",
      });
    }
    const config: DataLoadersConfig = {
      kind: "DataLoaders",
      loader: train.constructor.name,
      bs: train.bs,
      datasets: dataset.toConfig() as DatasetsConfig | TfmdListsConfig,
      kinds: train.kinds?.map(kindToConfig) ?? null,
      stages: {
        afterItem: train.afterItem.toConfig(),
        beforeBatch: train.beforeBatch.toConfig(),
        afterBatch: train.afterBatch.toConfig(),
      },
      options: train.optionsToConfig(),
    };
    loaderRegistry.get(config.loader);
    return config as unknown as JsonValue;
  }

  /** Empty loaders from what `toConfig` wrote, for `testDl`. Runs no code from the file. */
  static fromConfig<X = unknown, Y = unknown>(config: JsonValue): DataLoaders<X, Y> {
    return dataSourcesRegistry.get("DataLoaders")(config) as DataLoaders<X, Y>;
  }
}

/** A data set that does not know its split gets it from its place. */
function splitOf(dataset: Dataset | undefined, i: number): { splitIdx: number | undefined } {
  const own = dataset?.splitIdx;
  return { splitIdx: own === undefined || own === null ? Math.min(i, 1) : undefined };
}

/** A loader class and options for the training loader; the others keep their own options. */
function perTraining(
  { dlKwargs }: DataLoadersOptions,
  dlType: LoaderClass,
  training: object,
  datasets: Subsets,
): Pick<DataLoadersOptions, "dlType" | "dlKwargs"> {
  const own = (i: number): object => ((Array.isArray(dlKwargs) ? dlKwargs[i] : dlKwargs) as object | undefined) ?? {};
  const kwargs = Array.from({ length: datasets.nSubsets }, (_, i) => (i === 0 ? { ...own(0), ...training } : own(i)));
  return { dlType, dlKwargs: kwargs };
}
