import { setImmediate as nextTurn } from "node:timers/promises";
import { checkOptions, OptionError, Rng, rng, useBackend } from "@layerwise/core";
import type {
  DataSource,
  DataSourceChanges,
  DecodedSample,
  PassStart,
  ShowOptions,
  Vocab,
} from "@layerwise/core/learner";
import type { LossFunc } from "@layerwise/core/losses";
import type { TypedTensor } from "@layerwise/core/tensor";
import type { Figure } from "@layerwise/plot";
import type * as tf from "@tensorflow/tfjs-core";
import { assembleBatch } from "./assembleBatch.ts";
import { DataBatch } from "./batch.ts";
import { collate, convert, retainKinds } from "./collate.ts";
import type { Dataset } from "./dataset.ts";
import { type BatchTensors, type DecodeOptions, decodeBatch, type ElementKind, inputTensors } from "./decodeBatch.ts";
import { ItemPass } from "./itemPass.ts";
import { type DatasetLike, toDataset } from "./iterableDataset.ts";
import { noBatches, reportSkipped, requireSync, type SkippedItem, unknownLength } from "./loaderErrors.ts";
import type { ItemName, LoaderHooks } from "./loaderHooks.ts";
import { checkLoaderOptions, type DataLoaderOptions, dataLoaderOptionNames } from "./loaderOptions.ts";
import { andThen, type MaybePromise } from "./maybePromise.ts";
import { Pipeline } from "./pipeline.ts";
import { type ShowBatchOptions, showBatch, showResults } from "./show.ts";
import type { JsonObject, SetupSource, Transform, TransformLike } from "./transform.ts";
import { mixSeed, TransformContext } from "./transformContext.ts";
import { asTuple, type Tuple } from "./tuple.ts";

/** The stages of a loader at which transforms run. */
export type LoaderStage = "afterItem" | "beforeBatch" | "afterBatch";

// Streams of one pass seed: the order, then one per item and one per batch.
const ORDER_STREAM = 0x6f726472;
const BATCH_STREAM = 0x62617463;

/**
 * Batches of a data set: item transforms, collation with one upload per tensor, batch transforms on the device.
 * Reading overlaps with training; order and chance follow from one seed, however many items are read at once.
 * A subclass may override any of the {@link LoaderHooks}.
 */
export class DataLoader<X = unknown, Y = unknown, O extends DataLoaderOptions = DataLoaderOptions>
  implements DataSource<X, Y>, Required<LoaderHooks>
{
  readonly dataset: Dataset;
  readonly options: O;
  readonly bs: number | null;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  /** Seed of the latest pass; `iterate({ seed })` repeats it. */
  epochSeed: number | null = null;
  /** Data set index of every item that the latest pass gave; `null` before the first, and where items have none. */
  order: readonly number[] | null = null;
  /** Items that the latest pass left out. */
  skipped: readonly SkippedItem[] = [];
  /** What the tensors of a batch are, once one was made; for decoding. */
  kinds: readonly ElementKind[] | null = null;
  // No `#private` fields: a view made by `Object.create(loader)` must work too.
  /** A pass of this loader says nothing about what it left out. */
  protected quiet = false;
  private stages: Record<LoaderStage, Pipeline>;

  constructor(dataset: DatasetLike, options: O = {} as O) {
    const where = new.target.name;
    checkLoaderOptions(where, options, new.target.optionNames);
    this.dataset = toDataset(dataset);
    this.options = options;
    const { bs = 64, shuffle = false, dropLast, afterItem = [], beforeBatch = [], afterBatch = [] } = options;
    if (!this.indexed && (shuffle || options.order !== undefined)) {
      throw new OptionError(where, {
        given: `${shuffle ? "shuffle" : "order"} for samples that come one after the other`,
        expected: "samples with positions",
        fix: "mix them where they come from, or collect them in a list",
      });
    }
    this.bs = bs;
    this.shuffle = shuffle;
    this.dropLast = dropLast ?? (shuffle && bs !== null && this.itemCount >= bs);
    this.stages = {
      afterItem: new Pipeline(afterItem),
      beforeBatch: new Pipeline(beforeBatch),
      afterBatch: new Pipeline(afterBatch),
    };
  }

  /** Names of the options that the constructor takes; a subclass adds its own. */
  static get optionNames(): readonly string[] {
    return dataLoaderOptionNames;
  }

  get afterItem(): Pipeline {
    return this.stages.afterItem;
  }

  get beforeBatch(): Pipeline {
    return this.stages.beforeBatch;
  }

  get afterBatch(): Pipeline {
    return this.stages.afterBatch;
  }

  /** Whether samples have positions; those of an iterable come one after the other. */
  get indexed(): boolean {
    return this.dataset.iterate === undefined;
  }

  /** Items in one pass; `Infinity` where nobody knows. */
  get itemCount(): number {
    const { n, order } = this.options;
    return order?.length ?? Math.min(n ?? this.dataset.length, this.dataset.length);
  }

  /** Batches in one pass. @throws {@link StateError} where nobody knows how many samples will come */
  get length(): number {
    const { bs, itemCount } = this;
    if (itemCount === Number.POSITIVE_INFINITY) throw unknownLength();
    if (bs === null) return itemCount;
    return this.dropLast ? Math.floor(itemCount / bs) : Math.ceil(itemCount / bs);
  }

  /** How many of a batch's tensors are inputs. */
  get nInp(): number {
    const { nInp } = this.dataset;
    if (nInp !== undefined) return inputTensors(this.kinds, nInp);
    const elements = (this.kinds?.at(-1)?.element ?? (this.kinds?.length ?? 1) - 1) + 1;
    return inputTensors(this.kinds, Math.max(1, elements - 1));
  }

  get splitIdx(): number | null {
    return this.options.splitIdx ?? this.dataset.splitIdx ?? null;
  }

  get vocab(): Vocab | readonly Vocab[] | undefined {
    return (this.dataset.vocab ?? this.afterItem.vocab ?? this.afterBatch.vocab) as
      | Vocab
      | readonly Vocab[]
      | undefined;
  }

  /** Number of outputs that the targets ask for, if something knows it; see `getC`. */
  get c(): number | undefined {
    const { vocab } = this;
    const own = [this.dataset.c, this.afterItem.c, this.afterBatch.c].map((c) => (Array.isArray(c) ? c.at(-1) : c));
    const last = Array.isArray(vocab?.at(-1)) ? (vocab.at(-1) as Vocab) : vocab;
    return own.find((c): c is number => typeof c === "number" && c > 0) ?? last?.length;
  }

  get lossFunc(): LossFunc | undefined {
    const { lossFunc } = this.dataset;
    return (Array.isArray(lossFunc) ? undefined : lossFunc) as LossFunc | undefined;
  }

  /**
   * Lets the transforms of each stage learn, in order, from what the stages before them give. Once, on training data;
   * copies share what was learned.
   */
  async setup(): Promise<void> {
    const source = this.setupSource();
    for (const stage of ["afterItem", "beforeBatch", "afterBatch"] as const) await this.stages[stage].setup(source);
    if (this.kinds === null && this.itemCount > 0) await this.onePass();
  }

  /** Adds transforms to one stage of this loader only; without set-up. */
  async addTfms(stage: LoaderStage, tfms: readonly TransformLike[]): Promise<void> {
    const pipeline = new Pipeline(this.stages[stage].tfms);
    await pipeline.add(tfms);
    this.stages = { ...this.stages, [stage]: pipeline };
  }

  /** Lets transforms that are not in the loader yet learn from its data, each as if it were added. */
  async setupStage(stage: LoaderStage, tfms: readonly Transform[]): Promise<void> {
    const copy = this.with({});
    for (const tfm of tfms) {
      await tfm.setup(copy.setupSource());
      await copy.addTfms(stage, [tfm]);
    }
  }

  /** Options that prediction depends on, as plain data for an export file; a subclass adds its own. */
  optionsToConfig(): JsonObject {
    return {};
  }

  beforeIter(): MaybePromise<void> {}

  afterIter(): MaybePromise<void> {}

  getIdxs(random: Rng): readonly number[] {
    const idxs = Array.from({ length: this.itemCount }, (_, i) => i);
    return this.shuffle ? this.hook("shuffleFn")(idxs, random) : idxs;
  }

  shuffleFn(idxs: readonly number[], random: Rng): readonly number[] {
    return random.permutation(idxs.length).map((i) => idxs[i]!);
  }

  createItem(index: number, ctx: TransformContext): MaybePromise<unknown> {
    return this.dataset.get(index, ctx);
  }

  createBatch(samples: readonly Tuple[], itemName: ItemName): readonly (TypedTensor | tf.Tensor)[] {
    if (this.bs === null) return convert(samples[0]!);
    return collate(samples, { itemName, checkFinite: this.options.checkFinite ?? false });
  }

  retain(batch: readonly (TypedTensor | tf.Tensor)[], samples: readonly Tuple[]): readonly TypedTensor[] {
    return retainKinds(batch, samples[0]!);
  }

  doBatch(samples: readonly unknown[], itemName: ItemName, ctx: TransformContext): readonly TypedTensor[] {
    const before = this.beforeBatch.length === 0 ? samples : this.beforeBatch.call(samples, ctx);
    const tuples = (requireSync(before, "beforeBatch") as unknown[]).map(asTuple);
    return this.hook("retain")(this.hook("createBatch")(tuples, itemName), tuples);
  }

  /** A pass from a new seed of the shared generator. */
  [Symbol.asyncIterator](): AsyncGenerator<DataBatch, void, undefined> {
    return this.iterate({ seed: rng().uint32() });
  }

  /** A pass from a known seed; with `startBatch`, its later part. */
  async *iterate({ seed, startBatch = 0 }: PassStart): AsyncGenerator<DataBatch, void, undefined> {
    await useBackend();
    if (this.itemCount > 0 && this.itemCount < (this.dropLast ? (this.bs ?? 1) : 1)) {
      throw noBatches(this.itemCount, this.bs);
    }
    await this.hook("beforeIter")();
    const skipping = this.options.onError === "skip";
    const bs = this.bs ?? 1;
    const pass = this.openPass(seed, skipping ? 0 : startBatch * bs);
    const delivered: number[] = [];
    Object.assign(this, { epochSeed: seed, order: this.indexed ? delivered : null, skipped: pass.skipped });
    try {
      for (let batch = skipping ? 0 : startBatch; ; batch++) {
        const loaded = await pass.next(bs);
        if (loaded.length === 0 || (this.dropLast && loaded.length < bs)) break;
        if (batch < startBatch) continue;
        for (const { position } of loaded) delivered.push(pass.indexOf(position));
        const itemName = (i: number) => pass.nameOf(loaded[i]!.position);
        const samples = loaded.map(({ sample }) => sample);
        const ctx = this.context(mixSeed(seed ^ BATCH_STREAM, batch));
        const { tensors, kinds } = assembleBatch(samples, this.hook("doBatch"), this.afterBatch, itemName, ctx);
        this.kinds = kinds;
        yield new DataBatch(tensors.slice(0, this.nInp), tensors.slice(this.nInp));
        if (pass.isAsync) await nextTurn();
      }
    } finally {
      pass.stop();
      if (pass.skipped.length > 0 && !this.quiet) reportSkipped(pass.skipped, this.itemCount);
      await this.hook("afterIter")();
    }
  }

  /** The first batch of a pass of its own; with `shuffle` another one each time. */
  async oneBatch(): Promise<DataBatch> {
    const single = this.clone({ prefetch: 0 } as Partial<O>);
    single.quiet = true;
    for await (const batch of single.iterate({ seed: rng().uint32() })) {
      this.kinds ??= single.kinds;
      return batch;
    }
    throw noBatches(this.itemCount, this.bs);
  }

  /** A copy with some things changed. Transforms and what they learned are shared. */
  with(changes: DataSourceChanges & Partial<DataLoaderOptions>): DataLoader<X, Y, O> {
    const { itemTfms, batchTfms, ...rest } = changes;
    const options: Partial<DataLoaderOptions> = { ...rest };
    if (itemTfms) options.afterItem = itemTfms as readonly TransformLike[];
    if (batchTfms) options.afterBatch = batchTfms as readonly TransformLike[];
    if (rest.order !== undefined) options.shuffle = false;
    if (rest.shuffle) options.order = undefined;
    if (rest.shuffle !== undefined && rest.dropLast === undefined) options.dropLast = this.dropLast;
    return this.clone(options as Partial<O>);
  }

  /** A copy over another data set, with the same transforms; options that speak of positions are not taken over. */
  withDataset(dataset: DatasetLike, changes: Partial<O> = {}): DataLoader<X, Y, O> {
    const own = { n: undefined, order: undefined, getIdxs: undefined, createItem: undefined };
    return this.clone({ ...own, ...changes } as Partial<O>, dataset);
  }

  /** Reads a batch back and undoes every transform, sample by sample. */
  decodeBatch(batch: BatchTensors, { maxN = 9, full = true }: DecodeOptions = {}): Promise<DecodedSample<X, Y>[]> {
    return decodeBatch(this, batch, { maxN, full }) as Promise<DecodedSample<X, Y>[]>;
  }

  /** Samples as the model gets them, decoded for a person: a picture, or a table. */
  async showBatch(options: ShowBatchOptions = {}): Promise<Figure> {
    checkOptions("showBatch", options, { maxN: true, unique: true, batch: true });
    const { maxN = 9, unique = false, batch } = options;
    const shown = batch ?? (await (unique ? this.repeatFirst(maxN) : this).oneBatch());
    try {
      return await showBatch(await this.decodeBatch(shown, { maxN }), this);
    } finally {
      if (batch === undefined) shown.dispose();
    }
  }

  /** Samples with their targets and what a model says. */
  showResults(batch: BatchTensors, decoded: tf.Tensor, options: ShowOptions = {}): Promise<Figure> {
    checkOptions("showResults", options, { maxN: true });
    return showResults(this, batch, decoded, options.maxN ?? 9);
  }

  private setupSource(): SetupSource {
    return { length: this.itemCount, get: (i) => this.loadItem(i, i, 0), oneBatch: () => this.oneBatch() };
  }

  protected clone(changes: Partial<O>, dataset: DatasetLike = this.dataset): this {
    const { dropLast } = this.options;
    const kept = { ...this.options, dropLast, ...this.stages, ...changes };
    const copy = new (this.constructor as new (dataset: DatasetLike, options: O) => this)(dataset, kept);
    copy.kinds = this.kinds;
    return copy;
  }

  /** Loads one item through the data set and the item transforms, with a generator of its own. */
  protected loadItem(index: number, position: number, seed: number): MaybePromise<unknown> {
    const ctx = this.context(mixSeed(seed, position), this.dataset.items?.[index]);
    return andThen(this.hook("createItem")(index, ctx), (sample) => this.afterItem.call(sample, ctx));
  }

  /** The hook that is an option, else the method. */
  private hook<K extends keyof LoaderHooks>(name: K): NonNullable<LoaderHooks[K]> {
    const { [name]: given } = this.options as LoaderHooks;
    return (given ?? (this[name] as unknown as (...args: never[]) => unknown).bind(this)) as NonNullable<
      LoaderHooks[K]
    >;
  }

  private context(seed: number, item?: unknown): TransformContext {
    return new TransformContext({ seed, splitIdx: this.splitIdx, ...(item === undefined ? {} : { item }) });
  }

  private openPass(seed: number, first: number): ItemPass {
    const { dataset, indexed, dropLast, options } = this;
    const { prefetch = 2, workers, onError = "throw", allowSkip = true } = options;
    const random = new Rng(mixSeed(seed, ORDER_STREAM));
    const indices = indexed ? (options.order ?? this.hook("getIdxs")(random)) : null;
    const load = (position: number, given: unknown): MaybePromise<unknown> => {
      if (indexed) return this.loadItem(given as number, position, seed);
      return this.afterItem.call(given, this.context(mixSeed(seed, position), given));
    };
    const count = indices?.length ?? this.itemCount;
    const bs = this.bs ?? 1;
    return new ItemPass({ dataset, indices, count, bs, dropLast, first, prefetch, workers, onError, allowSkip, load });
  }

  /** One item through everything, to learn what a batch is made of and to fail early. */
  protected async onePass(): Promise<void> {
    const bs = this.bs === null ? null : 1;
    const probe = this.clone({ bs, dropLast: false, shuffle: false, prefetch: 0 } as Partial<O>);
    probe.quiet = true;
    for await (const batch of probe.iterate({ seed: 0 })) {
      batch.dispose();
      this.kinds = probe.kinds;
      return;
    }
  }

  private repeatFirst(count: number): DataLoader<X, Y, O> {
    const [first = 0] = this.options.order ?? this.hook("getIdxs")(new Rng(0));
    const order = Array.from({ length: count }, () => first);
    return this.with({ order, bs: count, dropLast: false });
  }
}
