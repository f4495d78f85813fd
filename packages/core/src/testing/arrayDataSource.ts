import { type Figure, table } from "@layerwise/plot";
import * as tf from "@tensorflow/tfjs-core";
import { OptionError, StateError } from "../errors.ts";
import type {
  Batch,
  DataSource,
  DataSourceChanges,
  DataSources,
  DecodedSample,
  JsonValue,
  PassStart,
  ShowOptions,
} from "../learner/dataSource.ts";
import type { LossFunc } from "../losses/index.ts";
import { Rng, rng } from "../random.ts";
import { TensorCategory, TensorFloat } from "../tensor/kinds.ts";

/** Rows of numbers: `x[i]` are the features of item i, `y[i]` its targets. */
export interface Rows {
  x: readonly (readonly number[])[];
  y: readonly (readonly number[])[];
  /** Shape of one input, if it is not a plain list. */
  xShape?: readonly number[];
  /** True: `y` holds one class index per item. @defaultValue false */
  classes?: boolean;
}

interface Settings {
  bs: number;
  shuffle: boolean;
  dropLast: boolean;
  indices: readonly number[] | null;
}

/** A loader over arrays in memory, for tests and small experiments; nothing is transformed. */
export class ArrayDataSource implements DataSource<number[], number[]> {
  readonly nInp = 1;
  readonly c = undefined;
  readonly vocab = undefined;
  readonly lossFunc: LossFunc | undefined;
  order: readonly number[] | null = null;
  readonly #rows: Rows;
  readonly #settings: Settings;

  constructor(rows: Rows, settings: Partial<Settings> = {}, lossFunc?: LossFunc) {
    this.#rows = rows;
    this.#settings = { bs: 16, shuffle: false, dropLast: false, indices: null, ...settings };
    this.lossFunc = lossFunc;
  }

  get bs(): number {
    return this.#settings.bs;
  }

  get shuffle(): boolean {
    return this.#settings.shuffle;
  }

  get dropLast(): boolean {
    return this.#settings.dropLast;
  }

  get itemCount(): number {
    const n = this.#settings.indices?.length ?? this.#rows.x.length;
    return this.dropLast ? n - (n % this.bs) : n;
  }

  get length(): number {
    return Math.ceil(this.itemCount / this.bs);
  }

  with({ bs, shuffle, dropLast, order }: DataSourceChanges): ArrayDataSource {
    const settings = { ...this.#settings };
    if (bs !== undefined) settings.bs = bs;
    if (shuffle !== undefined) settings.shuffle = shuffle;
    if (dropLast !== undefined) settings.dropLast = dropLast;
    if (order !== undefined) Object.assign(settings, { indices: order, shuffle: false, dropLast: false });
    return new ArrayDataSource(this.#rows, settings, this.lossFunc);
  }

  async *iterate({ seed, startBatch = 0 }: PassStart): AsyncIterableIterator<Batch> {
    const indices = this.#settings.indices ?? this.#rows.x.map((_, i) => i);
    const order = this.shuffle ? new Rng(seed).permutation(indices.length).map((i) => indices[i] as number) : indices;
    this.order = order.slice(0, this.itemCount);
    for (let b = startBatch; b < this.length; b++) yield this.#batch(this.order.slice(b * this.bs, (b + 1) * this.bs));
  }

  [Symbol.asyncIterator](): AsyncIterator<Batch> {
    return this.iterate({ seed: rng().uint32() });
  }

  async oneBatch(): Promise<Batch> {
    for await (const batch of this) return batch;
    throw new StateError("ArrayDataSource.oneBatch", { given: "no batches", expected: "at least one" });
  }

  #batch(indices: readonly number[]): Batch {
    const { x, y, xShape, classes = false } = this.#rows;
    const pick = (rows: readonly (readonly number[])[]): number[][] => indices.map((i) => [...(rows[i] ?? [])]);
    const inputs = tf.tidy(() => {
      const flat = tf.tensor2d(pick(x));
      return xShape === undefined ? flat : tf.reshape(flat, [indices.length, ...xShape]);
    });
    const xb = [new TensorFloat(inputs)];
    const yb = [
      classes ? new TensorCategory(tf.tensor1d(pick(y).flat(), "int32")) : new TensorFloat(tf.tensor2d(pick(y))),
    ];
    return { xb, yb, dispose: () => [...xb, ...yb].forEach((t) => void t.dispose()) };
  }

  async decodeBatch(
    { xb, yb }: Parameters<DataSource["decodeBatch"]>[0],
    { maxN = 9 }: ShowOptions = {},
  ): Promise<DecodedSample<number[], number[]>[]> {
    const read = async (t: (typeof xb)[number] | undefined): Promise<number[][]> => {
      const tensor = t instanceof tf.Tensor ? t : t?.data;
      return tensor === undefined ? [] : ((await tensor.array()) as number[][]);
    };
    const [xs, ys] = [await read(xb[0]), await read(yb[0])];
    return xs.slice(0, maxN).map((x, i) => ({ x, y: ys[i] }));
  }

  async showBatch(options: ShowOptions = {}): Promise<Figure> {
    const batch = await this.oneBatch();
    const samples = await this.decodeBatch(batch, options);
    batch.dispose();
    return table({ columns: ["x", "y"], rows: samples.map(({ x, y }) => [String(x), String(y)]) });
  }

  async showResults(batch: Batch, decoded: tf.Tensor, options: ShowOptions = {}): Promise<Figure> {
    const samples = await this.decodeBatch(batch, options);
    const preds = await this.decodeBatch({ xb: batch.xb, yb: [decoded] }, options);
    return table({
      columns: ["x", "y", "pred"],
      rows: samples.map(({ x, y }, i) => [String(x), String(y), String(preds[i]?.y)]),
    });
  }
}

/** Training and validation rows in memory as what a Learner takes. */
export class ArrayDataSources implements DataSources<number[], number[]> {
  readonly train: ArrayDataSource;
  readonly valid: ArrayDataSource;
  readonly length = 2;
  readonly path: string;
  readonly nInp = 1;
  readonly c = undefined;
  readonly vocab = undefined;

  constructor(train: ArrayDataSource, valid: ArrayDataSource, path = ".") {
    this.train = train;
    this.valid = valid;
    this.path = path;
  }

  get lossFunc(): LossFunc | undefined {
    return this.train.lossFunc;
  }

  get(index: number): ArrayDataSource {
    if (index === 0) return this.train;
    if (index === 1) return this.valid;
    throw new OptionError("ArrayDataSources.get", { given: `loader ${index}`, expected: "0 or 1" });
  }

  testDl(items: readonly unknown[]): ArrayDataSource {
    const x = items as readonly (readonly number[])[];
    return new ArrayDataSource({ x, y: x.map(() => [0]) }, { bs: 16 }, this.lossFunc);
  }

  toConfig(): JsonValue {
    return { kind: "array" };
  }
}
