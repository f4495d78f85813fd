import type { Figure } from "@layerwise/plot";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { LossFunc } from "../losses/index.ts";
import type { TypedTensor } from "../tensor/kinds.ts";

/** Plain data that survives `JSON.parse(JSON.stringify(x))`. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Class names, in the order of the model's outputs. */
export type Vocab = readonly (string | number | boolean)[];

/** Inputs and targets of one step, on the device. Whoever takes it from a loader disposes it. */
export interface Batch {
  readonly xb: readonly TypedTensor[];
  readonly yb: readonly TypedTensor[];
  dispose(): void;
}

/** One sample as a person reads it. */
export interface DecodedSample<X, Y> {
  readonly x: X;
  readonly y: Y | undefined;
}

/** What can be changed in a copy of a loader; everything else stays as it is. */
export interface DataSourceChanges {
  shuffle?: boolean;
  dropLast?: boolean;
  bs?: number;
  /** Dataset indices of one pass, in this order. */
  order?: readonly number[];
  /** 0: transforms behave as in training, 1: as in validation. */
  splitIdx?: number;
  /** Replaces the item transforms. */
  itemTfms?: readonly unknown[];
  /** Replaces the batch transforms. */
  batchTfms?: readonly unknown[];
}

/** Where the next batch comes from, so that a killed run can go on in mid-epoch. */
export interface PassStart {
  /** Seed of the pass: order and random transforms follow from it. */
  seed: number;
  /** First batch to yield; earlier ones are not even read. */
  startBatch?: number;
}

export interface ShowOptions {
  /** @defaultValue 9 */
  maxN?: number;
}

/** What the Learner needs of a loader. `DataLoader` of `@layerwise/data` implements it; so can anybody. */
export interface DataSource<X = unknown, Y = unknown> extends AsyncIterable<Batch> {
  /** Batches in one pass. */
  readonly length: number;
  /** Items in one pass. */
  readonly itemCount: number;
  readonly bs: number | null;
  readonly nInp: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  /** Dataset index of every item of the latest pass, `null` while unknown. */
  readonly order: readonly number[] | null;
  readonly lossFunc: LossFunc | undefined;
  /** Number of outputs that the targets ask for. */
  readonly c: number | undefined;
  readonly vocab: Vocab | readonly Vocab[] | undefined;
  /** A pass from a known seed; the plain async iterator draws the seed from the shared generator. */
  iterate(start: PassStart): AsyncIterableIterator<Batch>;
  with(changes: DataSourceChanges): DataSource<X, Y>;
  oneBatch(): Promise<Batch>;
  /** Reads a batch back and undoes every transform. */
  decodeBatch(
    batch: { xb: readonly (Tensor | TypedTensor)[]; yb: readonly (Tensor | TypedTensor)[] },
    options?: ShowOptions,
  ): Promise<DecodedSample<X, Y>[]>;
  showBatch(options?: ShowOptions): Promise<Figure>;
  /** @param decoded - model outputs after the loss's activation and `decodes`, `[N, ...]` */
  showResults(batch: Batch, decoded: Tensor, options?: ShowOptions): Promise<Figure>;
}

/** A training and a validation loader, and what can be made from them. */
export interface DataSources<X = unknown, Y = unknown> {
  readonly train: DataSource<X, Y>;
  readonly valid: DataSource<X, Y>;
  readonly length: number;
  readonly path: string;
  readonly nInp: number;
  readonly c: number | undefined;
  readonly vocab: Vocab | readonly Vocab[] | undefined;
  readonly lossFunc: LossFunc | undefined;
  get(index: number): DataSource<X, Y>;
  testDl(items: readonly unknown[], options?: TestDlOptions): DataSource<X, Y>;
  /** What `export` writes: transforms and vocabularies by registered name, no items. */
  toConfig(): JsonValue;
}

export interface TestDlOptions {
  /** @defaultValue false */
  withLabels?: boolean;
  bs?: number;
  /** Type transforms that the items have behind them already. @defaultValue found by the type of the first item */
  rmTypeTfms?: number;
}
