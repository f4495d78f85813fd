import { checkOptions, OptionError } from "@layerwise/core";
import { DataLoaders, type DataLoadersOptions } from "./dataLoaders.ts";
import { gather } from "./gather.ts";
import { andThen, type MaybePromise, mapAll } from "./maybePromise.ts";
import type { PipelineDecodeOptions } from "./pipeline.ts";
import { TfmdLists, type TfmdListsConfig, type TfmdListsOptions } from "./tfmdLists.ts";
import { type ShowContext, showValue } from "./titled.ts";
import type { TransformLike } from "./transform.ts";
import { TransformContext } from "./transformContext.ts";
import { Tuple } from "./tuple.ts";

export interface TestSetOptions {
  /** Keeps the targets as well. @defaultValue false */
  withLabels?: boolean;
  /** How many leading transforms of each list to leave out. @defaultValue found from the class of the first item */
  rmTypeTfms?: number | readonly number[] | undefined;
}

export interface DatasetsOptions extends TfmdListsOptions {
  /** How many of the elements are inputs. @defaultValue all but the last, at least 1 */
  nInp?: number | undefined;
}

/** How lists make up a sample. */
export interface DatasetsParts {
  nInp?: number | undefined;
  /** Lists to decode with, when they are more than those of a sample. */
  decoders?: readonly TfmdLists[];
}

/** Data sets as an export file keeps them: transforms without items. */
export interface DatasetsConfig {
  readonly nInp: number;
  readonly lists: readonly TfmdListsConfig[];
}

/** Samples: one {@link TfmdLists} per element (image, label) over the same items; a sample is the tuple of their values. */
export class Datasets {
  readonly lists: readonly TfmdLists[];
  readonly nInp: number;
  /** Lists to decode with: those of the samples and, for test items without labels, the targets' as well. */
  readonly #decoders: readonly TfmdLists[];

  constructor(lists: readonly TfmdLists[], { nInp, decoders = lists }: DatasetsParts = {}) {
    const inputs = nInp ?? Math.max(1, lists.length - 1);
    if (lists.length === 0) {
      throw new OptionError("Datasets", { given: "no transforms", expected: "a list of transforms per element" });
    }
    if (!Number.isInteger(inputs) || inputs < 1 || inputs > lists.length) {
      throw new OptionError("Datasets", {
        given: `nInp = ${inputs}`,
        expected: `1…${lists.length}, inputs come first`,
      });
    }
    this.lists = lists;
    this.nInp = inputs;
    this.#decoders = decoders;
  }

  /**
   * Makes the lists and lets their transforms learn from the training subset.
   * @param tfms - one list of transforms per element of a sample
   */
  static async create(
    items: Iterable<unknown>,
    tfms: readonly (readonly TransformLike[])[],
    { nInp, ...options }: DatasetsOptions = {},
  ): Promise<Datasets> {
    checkOptions("Datasets", options, ["splits", "splitIdx", "types"]);
    const lists: TfmdLists[] = [];
    for (const list of tfms) lists.push(await TfmdLists.create(items, list, options));
    return new Datasets(lists, { nInp });
  }

  get items(): readonly unknown[] {
    return this.lists[0]!.items;
  }

  get length(): number {
    return this.items.length;
  }

  get splits(): readonly (readonly number[])[] {
    return this.lists[0]!.splits;
  }

  get splitIdx(): number | null {
    return this.lists[0]!.splitIdx;
  }

  get nSubsets(): number {
    return this.splits.length;
  }

  get train(): Datasets {
    return this.subset(0);
  }

  get valid(): Datasets {
    return this.subset(1);
  }

  get vocab(): unknown {
    return gather(this.#decoders, "vocab");
  }

  get c(): unknown {
    return gather(this.#decoders, "c");
  }

  get lossFunc(): unknown {
    return gather(this.#decoders, "lossFunc");
  }

  /** Sample `i`. */
  get(i: number, ctx?: TransformContext): MaybePromise<Tuple> {
    const context = ctx ?? new TransformContext({ splitIdx: this.splitIdx, item: this.items[i] });
    const values = mapAll(this.lists, (list, k) => list.get(i, k === 0 ? context : context.fork(k)));
    return values instanceof Promise ? values.then((elements) => new Tuple(elements)) : new Tuple(values);
  }

  /** Several samples, by positions. */
  many(which: readonly number[]): Promise<Tuple[]> {
    return Promise.all(which.map((i) => this.get(i)));
  }

  decode(sample: Tuple, options?: PipelineDecodeOptions): MaybePromise<Tuple> {
    const values = mapAll(sample.elements, (element, i) => this.decodeElement(i, element, options));
    return andThen(values, (elements) => new Tuple(elements));
  }

  /** Undoes the transforms of element `i` of a sample. */
  decodeElement(i: number, element: unknown, options?: PipelineDecodeOptions): MaybePromise<unknown> {
    const list = this.#decoders[i];
    return list === undefined ? element : list.decode(element, options);
  }

  /** Shows each element of a sample, in order, in one context: a title, or the row of a table. */
  async show(sample: Tuple, ctx?: ShowContext): Promise<ShowContext | undefined> {
    let shown = ctx;
    for (const [i, element] of sample.elements.entries()) {
      shown = await (this.#decoders[i]?.show(element, shown) ?? showValue(element, shown));
    }
    return shown;
  }

  subset(i: number): Datasets {
    return this.#over((list) => list.subset(i));
  }

  newEmpty(): Datasets {
    return this.#over((list) => list.newEmpty());
  }

  /** The same samples as another split would see them: training augmentation for validation items. */
  withSplitIdx(splitIdx: number): Datasets {
    return this.#over((list) => list.withItems(list.items, { splitIdx }));
  }

  /**
   * New items behind the same transforms, as a validation set. Items may be what `getItems` gives, or what any of the
   * transforms makes of it: a path or an image.
   */
  testSet(items: readonly unknown[], { withLabels = false, rmTypeTfms }: TestSetOptions = {}): Datasets {
    const kept = withLabels ? this.lists : this.lists.slice(0, this.nInp);
    const lists = kept.map((list, i) => {
      const given = typeof rmTypeTfms === "object" ? rmTypeTfms[i] : rmTypeTfms;
      const start = given ?? (items.length === 0 ? 0 : list.inferIdx(items[0]));
      return list.withItems(items, { splitIdx: 1, start });
    });
    return new Datasets(lists, { nInp: this.nInp, decoders: this.#decoders });
  }

  /** Loaders over the subsets, the first for training. */
  dataloaders<X = unknown, Y = unknown>(options?: DataLoadersOptions): Promise<DataLoaders<X, Y>> {
    return DataLoaders.fromDatasets<X, Y>(this, options);
  }

  /** Loaders whose training items are drawn in proportion to weights, one per training item. */
  weightedDataloaders<X = unknown, Y = unknown>(
    wgts: readonly number[],
    options?: DataLoadersOptions,
  ): Promise<DataLoaders<X, Y>> {
    return DataLoaders.weighted<X, Y>(this, wgts, options);
  }

  /** Loaders whose training passes are `partialN` random items each. */
  partialDataloaders<X = unknown, Y = unknown>(
    partialN: number,
    options?: DataLoadersOptions,
  ): Promise<DataLoaders<X, Y>> {
    return DataLoaders.partial<X, Y>(this, partialN, options);
  }

  overlappingSplits(): boolean {
    return this.lists[0]!.overlappingSplits();
  }

  toConfig(): DatasetsConfig {
    return { nInp: this.nInp, lists: this.lists.map((list) => list.toConfig()) };
  }

  static fromConfig({ nInp, lists }: DatasetsConfig): Datasets {
    return new Datasets(lists.map(TfmdLists.fromConfig), { nInp });
  }

  #over(change: (list: TfmdLists) => TfmdLists): Datasets {
    const decoders = this.#decoders.length > this.lists.length ? this.#decoders : undefined;
    return new Datasets(this.lists.map(change), { nInp: this.nInp, ...(decoders ? { decoders } : {}) });
  }
}
