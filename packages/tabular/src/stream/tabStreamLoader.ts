import { OptionError, Rng, useBackend } from "@layerwise/core";
import type { PassStart } from "@layerwise/core/learner";
import { type DataBatch, type DataLoaderOptions, mixSeed } from "@layerwise/data";
import { TabDataLoader } from "../loaders/tabDataLoader.ts";
import { TabularDataset } from "../loaders/tabularDataset.ts";
import { Table } from "../table/table.ts";
import type { TableSource } from "./tableSource.ts";

export interface TabStreamLoaderOptions extends DataLoaderOptions {
  /** Where the rows come from. */
  source: TableSource;
}

/**
 * Batches of a table that is read in pieces: no more than a few pieces are in memory. Shuffling mixes the rows of each
 * piece; rows that are sorted by what they say should be stored in another order.
 */
export class TabStreamLoader<Y = unknown> extends TabDataLoader<Y, TabStreamLoaderOptions> {
  static override get optionNames(): readonly string[] {
    return [...TabDataLoader.optionNames, "source"];
  }

  constructor(dataset: TabularDataset<Y>, options: TabStreamLoaderOptions) {
    super(dataset, options);
    if (options.order === undefined) return;
    throw new OptionError("TabStreamLoader", {
      given: "a fixed order of rows that are read in pieces",
      expected: "rows in memory",
      fix: "look at a part of the rows: `dls.testDl(rows, { withLabels: true })`",
    });
  }

  override get itemCount(): number {
    const { n, source } = this.options;
    return Math.min(n ?? source.rows, source.rows);
  }

  /** A pass from a known seed; with `startBatch`, its later part: earlier rows are read, not prepared. */
  override async *iterate({ seed, startBatch = 0 }: PassStart): AsyncGenerator<DataBatch, void, undefined> {
    await useBackend();
    const size = this.bs ?? 1;
    const random = new Rng(mixSeed(seed, 0x6f726472));
    Object.assign(this, { epochSeed: seed, order: null, skipped: [] });
    let pending: Table | null = null;
    let left = this.itemCount;
    let batch = 0;
    for await (const chunk of this.options.source.chunks()) {
      const mixed = this.shuffle ? chunk.take(random.permutation(chunk.length)) : chunk;
      const table: Table = (pending === null ? mixed : Table.concat([pending, mixed])).slice(0, left);
      const isLast = table.length >= left;
      const whole = isLast && !this.dropLast ? table.length : table.length - (table.length % size);
      for await (const made of this.#batches(table.slice(0, whole), batch, startBatch, seed)) yield made;
      batch += Math.ceil(whole / size);
      left -= whole;
      if (isLast) return;
      pending = table.slice(whole);
    }
    if (pending !== null && pending.length > 0 && !this.dropLast)
      yield* this.#batches(pending, batch, startBatch, seed);
  }

  /** Rows in memory take the place of the source. */
  override withDataset(dataset: TabularDataset<Y>, changes: Partial<DataLoaderOptions> = {}): never {
    const { source: _, ...options } = this.options;
    return new TabDataLoader<Y>(dataset, { ...options, n: undefined, ...changes }) as never;
  }

  *#batches(table: Table, first: number, startBatch: number, seed: number): Generator<DataBatch> {
    const size = this.bs ?? 1;
    const skipped = Math.max(0, startBatch - first) * size;
    if (skipped >= table.length) return;
    const { to, splitIdx } = this.dataset;
    const prepared = to.new(table, { withTargets: to.yNames.length > 0 });
    const rows = new TabDataLoader<Y>(new TabularDataset(prepared, { splitIdx }), {
      bs: size,
      afterBatch: this.afterBatch,
    });
    for (let start = skipped; start < table.length; start += size) {
      const chosen = Array.from({ length: Math.min(size, table.length - start) }, (_, i) => start + i);
      yield rows.batchOf(chosen, mixSeed(seed ^ 0x62617463, first + start / size));
    }
  }
}
