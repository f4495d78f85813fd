import { checkOptions, OptionError, Rng, useBackend } from "@layerwise/core";
import type { DecodedSample, PassStart, ShowOptions } from "@layerwise/core/learner";
import { TensorCategory, TensorFloat, type TypedTensor } from "@layerwise/core/tensor";
import {
  type BatchTensors,
  DataBatch,
  DataLoader,
  type DataLoaderOptions,
  mixSeed,
  type ShowBatchOptions,
  TransformContext,
  Tuple,
} from "@layerwise/data";
import { table as drawTable, type Figure } from "@layerwise/plot";
import * as tf from "@tensorflow/tfjs-core";
import { cellText } from "../table/cellText.ts";
import type { TableRow } from "../table/table.ts";
import { decodeRows } from "./decodeRows.ts";
import { TabularDataset } from "./tabularDataset.ts";

// Streams of one pass seed: the order, and one per batch.
const ORDER_STREAM = 0x6f726472;
const BATCH_STREAM = 0x62617463;

/**
 * Batches of a prepared table, cut from its arrays: ids of categories int32 `[N, nCat]`, numbers float32 `[N, nCont]`,
 * and targets, class indices `[N]` or numbers `[N, targets]`.
 */
export class TabDataLoader<Y = unknown, O extends DataLoaderOptions = DataLoaderOptions> extends DataLoader<
  TableRow,
  Y,
  O
> {
  declare readonly dataset: TabularDataset<Y>;

  constructor(dataset: TabularDataset<Y>, options: O = {} as O) {
    if (!(dataset instanceof TabularDataset)) {
      throw new OptionError(new.target.name, {
        given: "a data set of another kind",
        expected: "a TabularDataset",
        fix: "use `TabularDataLoaders`",
      });
    }
    super(dataset, options);
    if (this.afterItem.length === 0 && this.beforeBatch.length === 0) return;
    throw new OptionError(new.target.name, {
      given: "transforms of single rows",
      expected: "processors of the table, or transforms of whole batches",
      fix: "pass `procs`, or `afterBatch`",
    });
  }

  /** A pass from a known seed; with `startBatch`, its later part. */
  override async *iterate({ seed, startBatch = 0 }: PassStart): AsyncGenerator<DataBatch, void, undefined> {
    await useBackend();
    const { bs, dropLast, options } = this;
    const size = bs ?? 1;
    const random = new Rng(mixSeed(seed, ORDER_STREAM));
    const rows = options.order ?? (options.getIdxs ? options.getIdxs(random) : this.getIdxs(random));
    if (rows.length > 0 && rows.length < (dropLast ? size : 1)) throw tooFewRows(rows.length, size);
    const order: number[] = [];
    Object.assign(this, { epochSeed: seed, order, skipped: [] });
    await (options.beforeIter ?? (() => this.beforeIter()))();
    try {
      const end = dropLast ? rows.length - (rows.length % size) : rows.length;
      for (let start = startBatch * size; start < end; start += size) {
        const chosen = rows.slice(start, Math.min(start + size, end));
        for (const row of chosen) order.push(row);
        yield this.batchOf(chosen, mixSeed(seed ^ BATCH_STREAM, start / size));
      }
    } finally {
      await (options.afterIter ?? (() => this.afterIter()))();
    }
  }

  /** Like the base's, without a list of numbers to pick from where there is nothing to pick. */
  override getIdxs(random: Rng): readonly number[] {
    const { shuffle, itemCount, options } = this;
    return shuffle && options.shuffleFn === undefined ? random.permutation(itemCount) : super.getIdxs(random);
  }

  /** The rows at these positions as tensors, through the batch transforms. */
  batchOf(rows: ArrayLike<number>, seed: number): DataBatch {
    const { cats, conts, targets, to } = this.dataset;
    const { cat, cont, y } = to.names;
    const target = to.processing.target;
    const n = rows.length;
    const xb: TypedTensor[] = [
      new TensorCategory(tf.tensor2d(gather(cats, rows, cat.length, Int32Array), [n, cat.length], "int32")),
    ];
    if (to.processing.withCont) {
      xb.push(new TensorFloat(tf.tensor2d(gather(conts, rows, cont.length, Float32Array), [n, cont.length])));
    }
    if (targets === null || target === undefined) return this.#afterBatch(xb, [], seed);
    const values = gather<Int32Array | Float32Array>(
      targets,
      rows,
      y.length,
      targets instanceof Int32Array ? Int32Array : Float32Array,
    );
    const yb = target.isCategory ? tf.tensor1d(values, "int32") : tf.tensor2d(values, [n, y.length]);
    return this.#afterBatch(xb, [new target.kind(yb)], seed);
  }

  /** Reads a batch back as rows; class indices and outputs of a model become targets as a person reads them. */
  override async decodeBatch(
    batch: BatchTensors,
    { maxN = 9 }: ShowOptions = {},
  ): Promise<DecodedSample<TableRow, Y>[]> {
    return decodeRows<Y>(this.dataset.to.processing, batch, maxN);
  }

  override async showBatch(options: ShowBatchOptions = {}): Promise<Figure> {
    checkOptions("showBatch", options, { maxN: true, unique: true, batch: true });
    const { maxN = 10, batch } = options;
    const shown = batch ?? (await this.with({ dropLast: false }).oneBatch());
    try {
      return this.#figure(await this.decodeBatch(shown, { maxN }));
    } finally {
      if (batch === undefined) shown.dispose();
    }
  }

  override async showResults(batch: BatchTensors, decoded: tf.Tensor, options: ShowOptions = {}): Promise<Figure> {
    checkOptions("showResults", options, { maxN: true });
    const { maxN = 10 } = options;
    const samples = await this.decodeBatch(batch, { maxN });
    return this.#figure(samples, await this.decodeBatch({ xb: batch.xb, yb: [decoded] }, { maxN }));
  }

  #figure(
    samples: readonly DecodedSample<TableRow, Y>[],
    predicted: readonly DecodedSample<TableRow, Y>[] | null = null,
  ): Figure {
    const { names, processing } = this.dataset.to;
    const xNames = [...names.cat, ...names.cont];
    const hasTargets = samples.some(({ y }) => y !== undefined);
    const cells = (y: Y | undefined) => (y === undefined ? [] : (processing.target?.cells(y) ?? []));
    const rows = samples.map(({ x, y }, i) => [
      ...xNames.map((name) => cellText(x[name])),
      ...cells(y),
      ...cells(predicted?.[i]?.y),
    ]);
    const yNames = [...(hasTargets ? names.y : []), ...(predicted ? names.y.map((name) => `${name}_pred`) : [])];
    return drawTable({ columns: [...xNames, ...yNames], rows });
  }

  #afterBatch(xb: readonly TypedTensor[], yb: readonly TypedTensor[], seed: number): DataBatch {
    if (this.afterBatch.length === 0) return new DataBatch(xb, yb);
    const ctx = new TransformContext({ seed, splitIdx: this.splitIdx });
    let typed: readonly TypedTensor[] = [];
    try {
      tf.tidy(() => {
        typed = (this.afterBatch.call(new Tuple([...xb, ...yb]), ctx) as Tuple<TypedTensor[]>).elements;
        return typed.map(({ data }) => data);
      });
    } finally {
      const kept = new Set(typed.map(({ data }) => data));
      for (const { data } of [...xb, ...yb]) if (!kept.has(data)) data.dispose();
    }
    return new DataBatch(typed.slice(0, xb.length), typed.slice(xb.length));
  }
}

/** Rows of an array that holds `width` numbers for each. */
function gather<T extends Int32Array | Float32Array>(
  values: T,
  rows: ArrayLike<number>,
  width: number,
  kind: new (length: number) => T,
): T {
  const out = new kind(rows.length * width);
  for (let i = 0, at = 0; i < rows.length; i++) {
    const from = rows[i]! * width;
    for (let k = 0; k < width; k++) out[at++] = values[from + k]!;
  }
  return out;
}

function tooFewRows(rows: number, bs: number): OptionError {
  return new OptionError("TabDataLoader", {
    given: `${rows} rows and batches of ${bs}, of which the last one is dropped unless it is full`,
    expected: "rows for at least one batch",
    fix: `choose \`bs\` of at most ${rows}, or \`dropLast: false\``,
  });
}
