import type { Dataset } from "./dataset.ts";
import { describeItem } from "./describe.ts";
import { END, ItemFailure, ItemStream } from "./itemStream.ts";
import { type SkippedItem, skipRefused } from "./loaderErrors.ts";
import { andThen, type MaybePromise } from "./maybePromise.ts";
import { SkipItemError } from "./transformError.ts";
import { warn } from "./warn.ts";

/** A sample on its way into a batch. */
export interface Loaded {
  readonly position: number;
  readonly sample: unknown;
}

/** What a pass needs to know of its loader. */
export interface ItemPassOptions {
  readonly dataset: Dataset;
  /** Data set index at each position; null where samples have none. */
  readonly indices: readonly number[] | null;
  /** Positions in the pass, at most. */
  readonly count: number;
  /** Items in a batch. */
  readonly bs: number;
  readonly dropLast: boolean;
  /** First position that is wanted. */
  readonly first: number;
  readonly prefetch: number;
  readonly workers: number | undefined;
  readonly onError: "throw" | "skip";
  readonly allowSkip: boolean;
  /** Makes the sample at a position. @param given - its data set index; where there are none, the sample as it came */
  readonly load: (position: number, given: unknown) => MaybePromise<unknown>;
}

/** The items of one pass over a loader, read ahead where that takes time, without those that are left out. */
export class ItemPass {
  /** Items left out because they could not be read. */
  readonly skipped: SkippedItem[] = [];
  readonly #options: ItemPassOptions;
  readonly #stream: ItemStream<unknown>;
  readonly #samples: SampleReader | undefined;

  constructor(options: ItemPassOptions) {
    const { dataset, indices, count, bs, dropLast, first, prefetch, workers, load } = options;
    const ahead = Math.max(1, bs * Math.max(1, prefetch));
    const samples = dataset.iterate === undefined ? undefined : new SampleReader(dataset.iterate());
    this.#options = options;
    this.#samples = samples;
    this.#stream = new ItemStream({
      load: (position) => {
        if (samples === undefined) return load(position, indices![position]!);
        return andThen(samples.next(), (sample) => {
          return sample === END || position < first ? sample : load(position, sample);
        });
      },
      start: samples === undefined ? first : 0,
      // without skips, the items of a partial last batch need not be read
      end: dropLast && Number.isFinite(count) ? count - (count % bs) : count,
      ahead,
      workers: Math.max(1, workers ?? Math.min(256, Math.max(16, ahead))),
    });
  }

  /** True once an item took time. */
  get isAsync(): boolean {
    return this.#stream.isAsync;
  }

  /** The next `wanted` items; fewer at the end. */
  async next(wanted: number): Promise<Loaded[]> {
    const { onError, allowSkip, first } = this.#options;
    const stream = this.#stream;
    const loaded: Loaded[] = [];
    while (loaded.length < wanted) {
      const position = stream.position;
      if (position >= stream.end) break;
      let sample = stream.take();
      if (sample instanceof Promise) sample = await sample;
      if (sample === END) break;
      if (!(sample instanceof ItemFailure)) {
        if (position >= first) loaded.push({ position, sample });
        continue;
      }
      const { error } = sample;
      if (error === this.#samples?.failure) throw error;
      stream.end = this.#options.count;
      if (error instanceof SkipItemError) {
        if (allowSkip) continue;
        throw skipRefused(this.#item(position), error);
      }
      if (onError !== "skip") throw error;
      this.skipped.push({ index: this.indexOf(position), item: this.#item(position), error });
    }
    return loaded;
  }

  /** Data set index of a position; where there is none, how many items came before. */
  indexOf(position: number): number {
    return this.#options.indices?.[position] ?? position;
  }

  /** Names the item of a position, for messages. */
  nameOf(position: number): string {
    const index = this.indexOf(position);
    const item = this.#options.dataset.items?.[index];
    return item === undefined ? `item ${index}` : `item ${index} (${describeItem(item)})`;
  }

  /** Reads nothing more. */
  stop(): void {
    this.#stream.stop();
    this.#samples?.close();
  }

  #item(position: number): unknown {
    const index = this.indexOf(position);
    return this.#options.dataset.items?.[index] ?? index;
  }
}

/** Samples of an iterator, each asked for only when the one before it came, as plain iterators need. */
class SampleReader {
  /** What the iterator itself failed with: nothing comes after that. */
  failure: unknown = END;
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  #latest: Promise<unknown> | undefined;
  #done = false;

  constructor(iterator: Iterator<unknown> | AsyncIterator<unknown>) {
    this.#iterator = iterator;
  }

  next(): MaybePromise<unknown> {
    if (this.#latest === undefined) return this.#step();
    const step = this.#latest.then(
      () => this.#step(),
      () => END,
    );
    this.#latest = step;
    return step;
  }

  /** Lets a generator clean up; nobody waits for it. */
  close(): void {
    if (this.#done) return;
    this.#done = true;
    const told = (error: unknown) => warn(`closing the samples failed: ${String((error as Error)?.message ?? error)}`);
    try {
      Promise.resolve(this.#iterator.return?.()).catch(told);
    } catch (error) {
      told(error);
    }
  }

  #step(): MaybePromise<unknown> {
    if (this.#done) return END;
    try {
      const given = this.#iterator.next();
      if (!("then" in given)) return this.#valueOf(given);
      const result = Promise.resolve(given);
      this.#latest ??= result;
      return result.then((settled) => this.#valueOf(settled), this.#fail);
    } catch (error) {
      return this.#fail(error);
    }
  }

  #valueOf({ done, value }: IteratorResult<unknown>): unknown {
    if (done) this.#done = true;
    return done ? END : value;
  }

  readonly #fail = (error: unknown): never => {
    this.failure = error;
    this.#done = true;
    throw error;
  };
}
