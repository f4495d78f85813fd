import { checkOptions, DataError, OptionError } from "@layerwise/core";
import { DataLoaders, type DataLoadersOptions } from "./dataLoaders.ts";
import type { TestSetRequest } from "./dataset.ts";
import { describeItem } from "./describe.ts";
import { classChain, classOf } from "./dispatch.ts";
import { mask2idxs, type Split } from "./mask2idxs.ts";
import { andThen, type MaybePromise } from "./maybePromise.ts";
import { Pipeline, type PipelineDecodeOptions } from "./pipeline.ts";
import type { ShowContext } from "./titled.ts";
import type { SetupSource, TransformConfig, TransformLike } from "./transform.ts";
import { TransformContext } from "./transformContext.ts";

export interface TfmdListsOptions {
  /** Subsets: training first, then validation. @defaultValue everything is training, validation is empty */
  splits?: readonly Split[] | undefined;
  /** Which subset this list is itself. @defaultValue null, all of them */
  splitIdx?: number | null;
  /** Class names of the value before each transform, as another list recorded them. */
  types?: readonly string[];
}

/** A list as an export file keeps it. */
export interface TfmdListsConfig {
  readonly tfms: readonly TransformConfig[];
  readonly types: readonly string[];
}

/** Items with a pipeline that is applied when one is asked for. */
export class TfmdLists implements SetupSource {
  readonly items: readonly unknown[];
  readonly splits: readonly (readonly number[])[];
  readonly splitIdx: number | null;
  readonly pipeline: Pipeline;
  /** Class name of the first training item before each transform, and after the last. */
  types: readonly string[];

  /** Makes the list without set-up: for pipelines that need none, or have had theirs. */
  constructor(items: Iterable<unknown>, tfms: Pipeline | readonly TransformLike[], options: TfmdListsOptions = {}) {
    checkOptions("TfmdLists", options, { splits: true, splitIdx: true, types: true });
    const { splits, splitIdx = null, types = [] } = options;
    this.items = Array.isArray(items) ? items : [...items];
    this.splits = splits?.map((split) => mask2idxs(split, this.items.length)) ?? [this.items.map((_, i) => i), []];
    this.splitIdx = splitIdx;
    this.pipeline = new Pipeline(tfms, { splitIdx });
    this.types = types;
  }

  /** Makes the list and lets its transforms learn from the training subset. */
  static async create(
    items: Iterable<unknown>,
    tfms: readonly TransformLike[],
    options: TfmdListsOptions = {},
  ): Promise<TfmdLists> {
    const list = new TfmdLists(items, tfms, options);
    await list.setup();
    return list;
  }

  get length(): number {
    return this.items.length;
  }

  get nSubsets(): number {
    return this.splits.length;
  }

  get train(): TfmdLists {
    return this.subset(0);
  }

  get valid(): TfmdLists {
    return this.subset(1);
  }

  get vocab(): unknown {
    return this.pipeline.vocab;
  }

  get c(): unknown {
    return this.pipeline.c;
  }

  get lossFunc(): unknown {
    return this.pipeline.lossFunc;
  }

  /** Item `i`, transformed. A transform that reads a file makes it a promise. */
  get(i: number, ctx?: TransformContext): MaybePromise<unknown> {
    const item = this.items[i];
    return this.pipeline.call(item, ctx ?? new TransformContext({ splitIdx: this.splitIdx, item }));
  }

  /** Several items, by positions or by a mask. */
  many(which: Split): Promise<unknown[]> {
    return Promise.all(mask2idxs(which, this.length).map((i) => this.get(i)));
  }

  decode(value: unknown, options?: PipelineDecodeOptions): MaybePromise<unknown> {
    return this.pipeline.decode(value, new TransformContext({ splitIdx: this.splitIdx }), options);
  }

  /** Undoes the transforms until the value can be shown, and shows it. */
  show(value: unknown, ctx?: ShowContext): Promise<ShowContext | undefined> {
    return this.pipeline.show(value, ctx);
  }

  /** Item `i`, transformed and decoded again. */
  decodeAt(i: number): MaybePromise<unknown> {
    return andThen(this.get(i), (value) => this.decode(value));
  }

  /** Shows item `i`, transformed. */
  async showAt(i: number, ctx?: ShowContext): Promise<ShowContext | undefined> {
    return this.show(await this.get(i), ctx);
  }

  /** The items of one split, with the same transforms. */
  subset(i: number): TfmdLists {
    const split = this.splits[i];
    if (split === undefined) {
      throw new OptionError("subset", { given: `${i}`, expected: `a subset from 0 to ${this.nSubsets - 1}` });
    }
    const items = split.map((position) => this.items[position]);
    return new TfmdLists(items, this.pipeline, { splitIdx: i, types: this.types });
  }

  /** The same transforms over other items (none by default), without set-up. */
  newEmpty(): TfmdLists {
    return this.withItems([]);
  }

  withItems(items: readonly unknown[], { splitIdx = this.splitIdx, start = 0 } = {}): TfmdLists {
    const pipeline = start === 0 ? this.pipeline : this.pipeline.slice(start);
    return new TfmdLists(items, pipeline, { splitIdx, types: this.types.slice(start) });
  }

  /** New items behind the same transforms, as a validation set; see `Datasets.testSet`. */
  testSet(items: readonly unknown[], { rmTypeTfms }: TestSetRequest = {}): TfmdLists {
    const given = typeof rmTypeTfms === "object" ? rmTypeTfms[0] : rmTypeTfms;
    const start = given ?? (items.length === 0 ? 0 : this.inferIdx(items[0]));
    return this.withItems(items, { splitIdx: 1, start });
  }

  /** The same items as another split would see them. */
  withSplitIdx(splitIdx: number): TfmdLists {
    return this.withItems(this.items, { splitIdx });
  }

  /** Loaders over the subsets, the first for training. */
  dataloaders<X = unknown, Y = unknown>(options?: DataLoadersOptions): Promise<DataLoaders<X, Y>> {
    return DataLoaders.fromDatasets<X, Y>(this, options);
  }

  /** True when an item is in more than one subset. */
  overlappingSplits(): boolean {
    const all = this.splits.flat();
    return new Set(all).size < all.length;
  }

  async setup(): Promise<void> {
    await this.pipeline.setup(this, true);
    await this.#recordTypes();
  }

  /**
   * Where in the pipeline a value like `x` enters: at the first transform that takes it as a source, else at the first
   * that the first training item reached as an instance of the same class.
   * @throws {@link DataError} if it never did
   */
  inferIdx(x: unknown): number {
    const source = this.pipeline.tfms.findIndex((tfm) => tfm.takesSource?.(x));
    if (source >= 0) return source;
    const kind = classOf(x);
    const names = kind === undefined ? [] : [kind, ...classChain(kind).filter(isOwn)].map((owner) => owner.name);
    const found = this.types.findIndex((type) => names.includes(type));
    if (found >= 0) return found;
    if (this.types.length === 0) return 0;
    throw new DataError("test items", {
      given: `${describeItem(x)}, a ${kind?.name ?? x}`,
      expected: `an item of class ${[...new Set(this.types)].join(" or ")}`,
      fix: "give items like those of `getItems`, or what one of the transforms makes of them",
    });
  }

  /** Applies the transforms from where a value like `x` enters. */
  infer(x: unknown): MaybePromise<unknown> {
    return this.pipeline.slice(this.inferIdx(x)).call(x, new TransformContext({ splitIdx: this.splitIdx, item: x }));
  }

  toConfig(): TfmdListsConfig {
    return { tfms: this.pipeline.toConfig(), types: this.types.slice(this.pipeline.leftOut) };
  }

  static fromConfig({ tfms, types }: TfmdListsConfig): TfmdLists {
    return new TfmdLists([], Pipeline.fromConfig(tfms), { types });
  }

  /** As far as the first item goes: what fails on it will say so when the item is used. */
  async #recordTypes(): Promise<void> {
    const first = this.splits[0]?.[0] ?? 0;
    if (first >= this.length) return;
    const types: string[] = [];
    let value = this.items[first];
    const ctx = new TransformContext({ splitIdx: 0, item: value, seed: 0 });
    try {
      types.push(classOf(value)?.name ?? "null");
      for (const tfm of this.pipeline.tfms) {
        value = await tfm.call(value, ctx);
        types.push(classOf(value)?.name ?? "null");
      }
    } catch {
      // the same error comes back, with the item named, from `get`
    }
    this.types = types;
  }
}

/** `Object` is a class only for plain objects. */
function isOwn(kind: unknown): boolean {
  return kind !== Object;
}
