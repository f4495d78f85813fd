import { setImmediate as nextTurn } from "node:timers/promises";
import { Rng, rng, useBackend } from "@layerwise/core";
import type {
  DataSource,
  DataSourceChanges,
  DecodedSample,
  PassStart,
  ShowOptions,
  Vocab,
} from "@layerwise/core/learner";
import type { LossFunc } from "@layerwise/core/losses";
import type { TensorKind, TypedTensor } from "@layerwise/core/tensor";
import type { Figure } from "@layerwise/plot";
import * as tf from "@tensorflow/tfjs-core";
import { DataBatch } from "./batch.ts";
import { collate, convert } from "./collate.ts";
import { type Dataset, listDataset } from "./dataset.ts";
import { type BatchTensors, decodeBatch, type ElementKind } from "./decodeBatch.ts";
import { describeItem } from "./describe.ts";
import { ItemFailure, ItemStream } from "./itemStream.ts";
import { noBatches, reportSkipped, requireSync, type SkippedItem, skipRefused } from "./loaderErrors.ts";
import { checkLoaderOptions, type DataLoaderOptions, dataLoaderOptionNames } from "./loaderOptions.ts";
import { andThen, type MaybePromise } from "./maybePromise.ts";
import { Pipeline } from "./pipeline.ts";
import { showBatch, showResults } from "./show.ts";
import type { JsonObject, SetupSource, Transform, TransformLike } from "./transform.ts";
import { mixSeed, TransformContext } from "./transformContext.ts";
import { SkipItemError } from "./transformError.ts";
import { asTuple, Tuple } from "./tuple.ts";

/** The stages of a loader at which transforms run. */
export type LoaderStage = "afterItem" | "beforeBatch" | "afterBatch";

interface Loaded {
  readonly position: number;
  readonly sample: unknown;
}

// Streams of one pass seed: the order, then one per item and one per batch.
const ORDER_STREAM = 0x6f726472;
const BATCH_STREAM = 0x62617463;

/**
 * Batches of a data set: item transforms, collation with one upload per tensor, batch transforms on the device.
 * Reading overlaps with training; order and chance follow from one seed, however many items are read at once.
 * A subclass may override `getIdxs`, `createItem` or `createBatch`.
 */
export class DataLoader<X = unknown, Y = unknown, O extends DataLoaderOptions = DataLoaderOptions>
  implements DataSource<X, Y>
{
  readonly dataset: Dataset;
  readonly options: O;
  readonly bs: number | null;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  /** Seed of the latest pass; `iterate({ seed })` repeats it. */
  epochSeed: number | null = null;
  /** Data set index of every item that the latest pass gave, `null` before the first. */
  order: readonly number[] | null = null;
  /** Items that the latest pass left out. */
  skipped: readonly SkippedItem[] = [];
  /** What the tensors of a batch are, once one was made; for decoding. */
  kinds: readonly ElementKind[] | null = null;
  // No `#private` fields: a view made by `Object.create(loader)` must work too.
  /** A pass of this loader says nothing about what it left out. */
  protected quiet = false;
  private stages: Record<LoaderStage, Pipeline>;

  constructor(dataset: Dataset | readonly unknown[], options: O = {} as O) {
    const where = new.target.name;
    checkLoaderOptions(where, options, new.target.optionNames);
    this.dataset = Array.isArray(dataset) ? listDataset(dataset) : (dataset as Dataset);
    this.options = options;
    const { bs = 64, shuffle = false, dropLast, afterItem = [], beforeBatch = [], afterBatch = [] } = options;
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

  get itemCount(): number {
    const { n, order } = this.options;
    return order?.length ?? Math.min(n ?? this.dataset.length, this.dataset.length);
  }

  get length(): number {
    const { bs, itemCount } = this;
    if (bs === null) return itemCount;
    return this.dropLast ? Math.floor(itemCount / bs) : Math.ceil(itemCount / bs);
  }

  get nInp(): number {
    return this.dataset.nInp ?? Math.max(1, (this.kinds?.length ?? 1) - 1);
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

  get c(): number | undefined {
    for (const c of [this.dataset.c, this.afterItem.c, this.afterBatch.c]) {
      const last = Array.isArray(c) ? c.at(-1) : c;
      if (typeof last === "number" && last > 0) return last;
    }
    const { vocab } = this;
    const last = Array.isArray(vocab?.at(-1)) ? (vocab.at(-1) as Vocab) : vocab;
    return last?.length;
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

  /** Order of one pass, as data set indices. */
  getIdxs(random: Rng): readonly number[] {
    const { order } = this.options;
    if (order !== undefined) return order;
    const { itemCount } = this;
    return this.shuffle ? random.permutation(itemCount) : Array.from({ length: itemCount }, (_, i) => i);
  }

  /** Sample `index` of the data set, before the item transforms. */
  createItem(index: number, ctx: TransformContext): MaybePromise<unknown> {
    return this.dataset.get(index, ctx);
  }

  /** Stacks samples into tensors, inside `tf.tidy`. @param itemName - names sample `i` for messages */
  createBatch(samples: readonly Tuple[], itemName: (i: number) => string): TypedTensor[] {
    if (this.bs === null) return convert(samples[0]!);
    return collate(samples, { itemName, checkFinite: this.options.checkFinite ?? false });
  }

  /** A pass from a new seed of the shared generator. */
  [Symbol.asyncIterator](): AsyncGenerator<DataBatch, void, undefined> {
    return this.iterate({ seed: rng().uint32() });
  }

  /** A pass from a known seed; with `startBatch`, its later part. */
  async *iterate({ seed, startBatch = 0 }: PassStart): AsyncGenerator<DataBatch, void, undefined> {
    await useBackend();
    this.requireBatches();
    const indices = this.getIdxs(new Rng(mixSeed(seed, ORDER_STREAM)));
    const bs = this.bs ?? 1;
    const skipping = this.options.onError === "skip";
    const delivered: number[] = [];
    const skipped: SkippedItem[] = [];
    Object.assign(this, { epochSeed: seed, order: delivered, skipped });
    const first = skipping ? 0 : startBatch * bs;
    const stream = this.stream(indices, seed, first);
    try {
      for (let batch = skipping ? 0 : startBatch; ; batch++) {
        const loaded = await this.nextSamples(stream, indices, bs, skipped);
        if (loaded.length === 0 || (this.dropLast && loaded.length < bs)) break;
        if (batch < startBatch) continue;
        for (const { position } of loaded) delivered.push(indices[position]!);
        yield this.makeBatch(
          loaded,
          indices,
          new TransformContext(this.contextOptions(mixSeed(seed ^ BATCH_STREAM, batch))),
        );
        if (stream.isAsync) await nextTurn();
      }
    } finally {
      stream.stop();
      if (skipped.length > 0 && !this.quiet) reportSkipped(skipped, indices.length);
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

  /** A copy over another data set, with the same transforms. */
  withDataset(dataset: Dataset | readonly unknown[], changes: Partial<O> = {}): DataLoader<X, Y, O> {
    return this.clone({ n: undefined, order: undefined, ...changes } as Partial<O>, dataset);
  }

  /** Reads a batch back and undoes every transform, sample by sample. */
  decodeBatch(batch: BatchTensors, { maxN = 9 }: ShowOptions = {}): Promise<DecodedSample<X, Y>[]> {
    return decodeBatch(this, batch, maxN) as Promise<DecodedSample<X, Y>[]>;
  }

  /** Samples as the model gets them, decoded for a person: a picture, or a table. */
  async showBatch({ maxN = 9, unique = false, batch }: ShowBatchOptions = {}): Promise<Figure> {
    const shown = batch ?? (await (unique ? this.repeatFirst(maxN) : this).oneBatch());
    try {
      return await showBatch(await this.decodeBatch(shown, { maxN }), this);
    } finally {
      if (batch === undefined) shown.dispose();
    }
  }

  /** Samples with their targets and what a model says. */
  showResults(batch: BatchTensors, decoded: tf.Tensor, { maxN = 9 }: ShowOptions = {}): Promise<Figure> {
    return showResults(this, batch, decoded, maxN);
  }

  private setupSource(): SetupSource {
    return { length: this.itemCount, get: (i) => this.loadItem(i, i, 0), oneBatch: () => this.oneBatch() };
  }

  protected clone(changes: Partial<O>, dataset: Dataset | readonly unknown[] = this.dataset): this {
    const { dropLast } = this.options;
    const stages = { ...this.stages };
    const kept = { ...this.options, dropLast, ...stages, ...changes };
    const copy = new (this.constructor as new (dataset: Dataset | readonly unknown[], options: O) => this)(
      dataset,
      kept,
    );
    copy.kinds = this.kinds;
    return copy;
  }

  /** Loads one item through the data set and the item transforms, with a generator of its own. */
  protected loadItem(index: number, position: number, seed: number): MaybePromise<unknown> {
    const item = this.dataset.items?.[index];
    const ctx = new TransformContext(this.contextOptions(mixSeed(seed, position), item));
    return andThen(this.createItem(index, ctx), (sample) => this.afterItem.call(sample, ctx));
  }

  private contextOptions(seed: number, item?: unknown): { seed: number; splitIdx: number | null; item?: unknown } {
    return { seed, splitIdx: this.splitIdx, ...(item === undefined ? {} : { item }) };
  }

  private stream(indices: readonly number[], seed: number, start: number): ItemStream<unknown> {
    const { prefetch = 2, workers } = this.options;
    const bs = this.bs ?? 1;
    const ahead = Math.max(1, bs * Math.max(1, prefetch));
    return new ItemStream({
      load: (position) => this.loadItem(indices[position]!, position, seed),
      start,
      // without skips, the items of a partial last batch need not be read
      end: this.dropLast ? indices.length - (indices.length % bs) : indices.length,
      ahead,
      workers: Math.max(1, workers ?? Math.min(256, Math.max(16, ahead))),
    });
  }

  private async nextSamples(
    stream: ItemStream<unknown>,
    indices: readonly number[],
    count: number,
    skipped: SkippedItem[],
  ): Promise<Loaded[]> {
    const loaded: Loaded[] = [];
    while (loaded.length < count) {
      const position = stream.position;
      if (position >= stream.end) break;
      let sample = stream.take();
      if (sample instanceof Promise) sample = await sample;
      if (!(sample instanceof ItemFailure)) {
        loaded.push({ position, sample });
        continue;
      }
      stream.end = indices.length;
      const { error } = sample;
      const index = indices[position]!;
      if (error instanceof SkipItemError) {
        if (this.options.allowSkip ?? true) continue;
        throw skipRefused(this.dataset.items?.[index] ?? index, error);
      }
      if (this.options.onError !== "skip") throw error;
      skipped.push({ index, item: this.dataset.items?.[index] ?? index, error });
    }
    return loaded;
  }

  private makeBatch(loaded: readonly Loaded[], indices: readonly number[], ctx: TransformContext): DataBatch {
    const samples = loaded.map(({ sample }) => sample);
    const itemName = (i: number) => {
      const index = indices[loaded[i]!.position]!;
      const item = this.dataset.items?.[index];
      return item === undefined ? `item ${index}` : `item ${index} (${describeItem(item)})`;
    };
    let typed: readonly TypedTensor[] = [];
    tf.tidy(() => {
      const before = this.beforeBatch.length === 0 ? samples : this.beforeBatch.call(samples, ctx);
      const tuples = (requireSync(before, "beforeBatch") as unknown[]).map(asTuple);
      const batch = this.afterBatch.call(new Tuple(this.createBatch(tuples, itemName)), ctx);
      typed = (requireSync(batch, "afterBatch") as Tuple<TypedTensor[]>).elements;
      return typed.map((tensor) => tensor.data);
    });
    this.kinds = typed.map((tensor) => ({ kind: tensor.constructor as TensorKind, meta: tensor.meta }));
    const { nInp } = this;
    return new DataBatch(typed.slice(0, nInp), typed.slice(nInp));
  }

  /** One item through everything, to learn what a batch is made of and to fail early. */
  protected async onePass(): Promise<void> {
    const probe = this.clone({
      bs: this.bs === null ? null : 1,
      dropLast: false,
      shuffle: false,
      prefetch: 0,
    } as Partial<O>);
    probe.quiet = true;
    for await (const batch of probe.iterate({ seed: 0 })) {
      batch.dispose();
      this.kinds = probe.kinds;
      return;
    }
  }

  private repeatFirst(count: number): DataLoader<X, Y, O> {
    const [first = 0] = this.getIdxs(new Rng(0));
    const order = Array.from({ length: count }, () => first);
    return this.with({ order, bs: count, dropLast: false });
  }

  private requireBatches(): void {
    if (this.length === 0 && this.itemCount > 0) throw noBatches(this.itemCount, this.bs);
  }
}

/** Options of `showBatch`. */
export interface ShowBatchOptions extends ShowOptions {
  /** Shows one item again and again, to see what the random transforms make of it. @defaultValue false */
  unique?: boolean;
  /** Shows this batch, which stays the caller's. @defaultValue a new one */
  batch?: BatchTensors & { dispose(): void };
}
