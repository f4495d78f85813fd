import { checkOptions, DataError, OptionError } from "@layerwise/core";
import type { BlockLike, InputOf, TargetOf } from "./blockTypes.ts";
import { DataLoaders, type DataLoadersOptions } from "./dataLoaders.ts";
import { Datasets } from "./datasets.ts";
import { describeItem } from "./describe.ts";
import { Getter } from "./getter.ts";
import type { LoaderClass } from "./loaderRegistry.ts";
import type { MaybePromise } from "./maybePromise.ts";
import { mergeTfms } from "./mergeTfms.ts";
import { Pipeline } from "./pipeline.ts";
import { randomSplitter } from "./splitters.ts";
import { type SummaryOptions, summarize } from "./summary.ts";
import { Transform, type TransformLike } from "./transform.ts";
import { type TransformBlock, tfmsOf, transformBlock } from "./transformBlock.ts";
import { ItemGetter } from "./transforms/itemGetter.ts";
import { warn } from "./warn.ts";

/** Takes what one element of a sample is made from out of an item. */
export type GetterLike<I = never> = ((item: I) => unknown) | Transform | Pipeline;

/** Subsets as positions of items: training, validation, more. */
export type SplitterLike<I = never> = (items: readonly I[]) => MaybePromise<readonly (readonly number[])[]>;

export interface DataBlockOptions<B extends readonly BlockLike[], N extends number | undefined, I, S> {
  /** What the elements of a sample are, inputs first. @defaultValue two plain blocks */
  blocks?: B;
  /** How many of the blocks are inputs. @defaultValue all but the last, at least 1 */
  nInp?: N;
  /** The items of a source. @defaultValue the source is the list of items */
  getItems?: (source: S) => MaybePromise<Iterable<I>>;
  /** Which items are for training and which for validation. @defaultValue `randomSplitter()`, 20 % for validation */
  splitter?: SplitterLike<I>;
  /** From an item to the input, or one getter per input. */
  getX?: GetterLike<I> | readonly GetterLike<I>[];
  /** From an item to the target, or one getter per target. */
  getY?: GetterLike<I> | readonly GetterLike<I>[];
  /** From an item to each element, instead of `getX` and `getY`. */
  getters?: readonly GetterLike<I>[];
  /** Transforms of one sample, beside those of the blocks. */
  itemTfms?: readonly TransformLike[];
  /** Transforms of a batch, beside those of the blocks. */
  batchTfms?: readonly TransformLike[];
  /** Class of the loaders. @defaultValue that of the last block that has one */
  dlType?: LoaderClass;
}

const optionNames: readonly string[] = [
  "blocks",
  "nInp",
  "getItems",
  "splitter",
  "getX",
  "getY",
  "getters",
  "itemTfms",
  "batchTfms",
  "dlType",
];

export interface DatasetsRequest {
  /** Prints what is being done. @defaultValue false */
  verbose?: boolean;
}

export interface BlockLoadersOptions extends DataLoadersOptions, DatasetsRequest {}

/**
 * How data becomes samples and batches, stated in four separate parts: what the elements are (`blocks`), where the items
 * come from (`getItems`), which are for validation (`splitter`), and how to get from an item to each element (`getX`,
 * `getY`); with the transforms on top. A subclass may have those parts as methods.
 */
export class DataBlock<
  const B extends readonly BlockLike[] = readonly [TransformBlock, TransformBlock],
  const N extends number | undefined = undefined,
  I = unknown,
  S = Iterable<I>,
> {
  readonly blocks: readonly TransformBlock<never, unknown>[];
  readonly nInp: number;
  readonly dlType: LoaderClass | undefined;
  readonly dlKwargs: object;
  readonly #options: DataBlockOptions<B, N, I, S>;

  /** The items of a source; an option of the same name goes first, as for the next three. */
  getItems?(source: S): MaybePromise<Iterable<I>>;
  /** Which items train and which validate. */
  splitter?(items: readonly I[]): MaybePromise<readonly (readonly number[])[]>;
  /** From an item to the input, where there is one. */
  getX?(item: I): unknown;
  /** From an item to the target, where there is one. */
  getY?(item: I): unknown;

  constructor(options: DataBlockOptions<B, N, I, S> = {}) {
    checkOptions("DataBlock", options, optionNames);
    const { blocks, nInp, dlType } = options;
    this.#options = options;
    this.blocks = (blocks ?? [transformBlock(), transformBlock()]).map((block) =>
      typeof block === "function" ? block() : block,
    );
    this.nInp = nInp ?? Math.max(1, this.blocks.length - 1);
    resolveGetters(options, this.blocks.length, this.nInp); // the number of getters is checked here
    this.dlType = dlType ?? this.blocks.findLast((block) => block.dlType !== undefined)?.dlType;
    this.dlKwargs = Object.assign({}, ...this.blocks.map((block) => block.dlKwargs));
  }

  /** A block whose source is columns, one per element: `DataBlock.fromColumns({ blocks }).dataloaders([names, labels])`. */
  static fromColumns<
    const B extends readonly BlockLike[],
    const N extends number | undefined = undefined,
    S = readonly (readonly unknown[])[],
  >({
    getItems,
    getters,
    ...options
  }: Omit<DataBlockOptions<B, N, readonly unknown[], S>, "getItems" | "getX" | "getY"> & {
    getItems?: (source: S) => MaybePromise<readonly (readonly unknown[])[]>;
  }): DataBlock<B, N, readonly unknown[], S> {
    const count = options.blocks?.length ?? 2;
    const rest = options as DataBlockOptions<B, N, readonly unknown[], S>;
    return new DataBlock({
      ...rest,
      getItems: async (source) => zip((await getItems?.(source)) ?? (source as readonly (readonly unknown[])[])),
      getters: getters ?? Array.from({ length: count }, (_, i) => new ItemGetter(i)),
    });
  }

  /** From an item to each element. */
  get getters(): readonly (readonly TransformLike[])[] {
    return resolveGetters(this.#parts, this.blocks.length, this.nInp);
  }

  /** Transforms of one sample: the blocks', with the user's in place of those of the same class. */
  get itemTfms(): readonly TransformLike[] {
    return mergeTfms(...this.blocks.map((block) => tfmsOf(block.itemTfms)), this.#options.itemTfms ?? []);
  }

  /** Transforms of a batch, likewise. */
  get batchTfms(): readonly TransformLike[] {
    return mergeTfms(...this.blocks.map((block) => tfmsOf(block.batchTfms)), this.#options.batchTfms ?? []);
  }

  /** A copy with transforms added; one of a class that is there already takes its place. */
  with({
    itemTfms = [],
    batchTfms = [],
  }: {
    itemTfms?: readonly TransformLike[];
    batchTfms?: readonly TransformLike[];
  }): DataBlock<B, N, I, S> {
    const options = this.#options;
    return new (this.constructor as typeof DataBlock<B, N, I, S>)({
      ...options,
      itemTfms: [...(options.itemTfms ?? []), ...itemTfms],
      batchTfms: [...(options.batchTfms ?? []), ...batchTfms],
    });
  }

  /** Items of the source and their subsets. */
  async split(
    source: S,
    log: (line: string) => void = () => {},
  ): Promise<{ items: readonly I[]; splits: readonly (readonly number[])[] }> {
    const { getItems, splitter = randomSplitter() } = this.#parts;
    log(`Collecting items from ${describeItem(source)}`);
    const found = getItems === undefined ? source : await getItems(source);
    const items = toItems(found, getItems === undefined ? "the source" : "getItems") as readonly I[];
    if (items.length === 0) {
      throw new DataError("DataBlock", {
        given: `no items in ${describeItem(source)}`,
        expected: "at least one item",
        fix: "check the path, the extensions and folders that `getItems` looks for",
      });
    }
    log(`Found ${items.length} items`);
    const splits = await splitter(items);
    checkSplits(splits, items.length);
    return { items, splits };
  }

  /** Samples of a source: items, split and behind the blocks' transforms, which learn from the training subset. */
  async datasets(source: S, { verbose = false }: DatasetsRequest = {}): Promise<Datasets> {
    const log = verbose ? (line: string) => console.log(line) : () => {};
    const { items, splits } = await this.split(source, log);
    log(`${splits.length} datasets of sizes ${splits.map((split) => split.length).join(",")}`);
    const { getters } = this;
    const tfms = this.blocks.map((block, i) => [...getters[i]!, ...tfmsOf(block.typeTfms)]);
    for (const list of tfms) log(`Setting up ${new Pipeline(list)}`);
    return Datasets.create(items, tfms, { splits, nInp: this.nInp });
  }

  /** Loaders of a source, ready for a learner. */
  async dataloaders(
    source: S,
    { verbose = false, ...options }: BlockLoadersOptions = {},
  ): Promise<DataLoaders<InputOf<B, N>, TargetOf<B, N>>> {
    return DataLoaders.fromDatasets(await this.datasets(source, { verbose }), this.loaderOptions(options));
  }

  /**
   * Loaders whose training items are drawn in proportion to weights.
   * @param wgts - one per item of the source; those of the training items are used
   */
  async weightedDataloaders(
    source: S,
    wgts: readonly number[],
    { verbose = false, ...options }: BlockLoadersOptions = {},
  ): Promise<DataLoaders<InputOf<B, N>, TargetOf<B, N>>> {
    const datasets = await this.datasets(source, { verbose });
    if (wgts.length !== datasets.length) {
      throw new OptionError("weightedDataloaders", {
        given: `${wgts.length} weights for ${datasets.length} items`,
        expected: "one weight per item of the source",
      });
    }
    const training = datasets.splits[0]!.map((i) => wgts[i]!);
    return DataLoaders.weighted(datasets, training, this.loaderOptions(options));
  }

  /** Loaders whose training passes are `partialN` random items each. */
  async partialDataloaders(
    source: S,
    partialN: number,
    { verbose = false, ...options }: BlockLoadersOptions = {},
  ): Promise<DataLoaders<InputOf<B, N>, TargetOf<B, N>>> {
    return DataLoaders.partial(await this.datasets(source, { verbose }), partialN, this.loaderOptions(options));
  }

  /**
   * Walks the first samples through every step and prints what becomes of them; at the first failure, says which step
   * failed, on what, and why. Resolves to the text.
   */
  summary(source: S, options: SummaryOptions = {}): Promise<string> {
    return summarize(this, source, options);
  }

  /** The options, with methods of a subclass where there are none. */
  get #parts(): DataBlockOptions<B, N, I, S> {
    const { getItems, splitter, getX, getY } = this;
    return {
      ...(getItems && { getItems: getItems.bind(this) }),
      ...(splitter && { splitter: splitter.bind(this) }),
      ...(getX && { getX: named(getX.name, getX.bind(this)) }),
      ...(getY && { getY: named(getY.name, getY.bind(this)) }),
      ...this.#options,
    };
  }

  /** Options of the loaders: the blocks', then the caller's. */
  loaderOptions(options: DataLoadersOptions): DataLoadersOptions {
    return { dlType: this.dlType, ...this.dlKwargs, afterItem: this.itemTfms, afterBatch: this.batchTfms, ...options };
  }
}

function named<F extends (...args: never[]) => unknown>(name: string, fn: F): F {
  return Object.defineProperty(fn, "name", { value: name });
}

function resolveGetters(
  {
    getX,
    getY,
    getters,
  }: Pick<DataBlockOptions<readonly BlockLike[], number | undefined, never, unknown>, "getX" | "getY" | "getters">,
  count: number,
  nInp: number,
): (readonly TransformLike[])[] {
  if (!Number.isInteger(nInp) || nInp < 1 || nInp > count) {
    throw new OptionError("DataBlock", { given: `nInp = ${nInp} with ${count} blocks`, expected: `1…${count}` });
  }
  if (getters !== undefined && getters.length !== count) throw wrongCount("getters", getters.length, count, "block");
  const resolved = Array.from({ length: count }, (_, i) => asMembers(getters?.[i], i < nInp ? "getX" : "getY"));
  place(resolved, 0, "getX", getX, nInp, "input");
  place(resolved, nInp, "getY", getY, count - nInp, "target");
  return resolved;
}

function place(
  resolved: (readonly TransformLike[])[],
  start: number,
  role: "getX" | "getY",
  given: GetterLike | readonly GetterLike[] | undefined,
  count: number,
  what: string,
): void {
  if (given === undefined) return;
  const list = Array.isArray(given) ? (given as readonly GetterLike[]) : [given as GetterLike];
  if (list.length !== count) throw wrongCount(role, list.length, count, what);
  for (const [i, getter] of list.entries()) resolved[start + i] = asMembers(getter, role);
}

function asMembers(getter: GetterLike | undefined, role: string): readonly TransformLike[] {
  if (getter === undefined) return [];
  if (getter instanceof Pipeline) return getter.tfms;
  if (getter instanceof Transform) return [getter];
  if (typeof getter === "function") return [new Getter(getter, role)];
  throw new OptionError("DataBlock", {
    given: `${role} = ${describeItem(getter)}`,
    expected: "a function of an item, or a transform",
  });
}

function wrongCount(role: string, given: number, count: number, what: string): OptionError {
  return new OptionError("DataBlock", {
    given: `${role} contains ${given} functions`,
    expected: `${role} must contain ${count} (one for each ${what})`,
    fix: "give one getter per element; put several steps of one element into `new Pipeline([first, second])`",
  });
}

function toItems(found: unknown, where: string): readonly unknown[] {
  if (Array.isArray(found)) return found;
  if (typeof found === "object" && found !== null && Symbol.iterator in found) return [...(found as Iterable<unknown>)];
  throw new DataError("DataBlock", {
    given: `${describeItem(found)} from ${where}`,
    expected: "a list of items",
    fix: "give a `getItems` that finds the items of your source, such as `getImageFiles` for a folder",
  });
}

function checkSplits(splits: readonly (readonly number[])[], n: number): void {
  const [train, valid] = splits;
  if (!Array.isArray(splits) || train === undefined || train.length === 0) {
    throw new DataError("DataBlock", {
      given: `no training items among ${n}`,
      expected: "a splitter that gives at least one",
      fix: "check what the splitter goes by (folder names, a column), or use `randomSplitter()`",
    });
  }
  if (valid === undefined || valid.length === 0) {
    warn(
      `the validation set is empty: ${n} items, all for training. Metrics will be missing; give a \`splitter\` that leaves some.`,
    );
  }
  const inTraining = new Set(train);
  const shared = valid?.find((i) => inTraining.has(i));
  if (shared !== undefined)
    warn(`item ${shared} is in training and in validation; validation will look better than it is.`);
}

function zip(columns: readonly (readonly unknown[])[]): (readonly unknown[])[] {
  const [first = []] = columns;
  const uneven = columns.findIndex((column) => column.length !== first.length);
  if (uneven > 0) {
    throw new DataError("DataBlock.fromColumns", {
      given: `${columns[uneven]!.length} values in column ${uneven}, ${first.length} in column 0`,
      expected: "columns of one length",
    });
  }
  return Array.from(first, (_, row) => columns.map((column) => column[row]));
}
