import type { MaybePromise } from "./maybePromise.ts";

/** An item that could not be loaded. */
export class ItemFailure {
  readonly error: unknown;
  readonly position: number;

  constructor(error: unknown, position: number) {
    this.error = error;
    this.position = position;
  }
}

/** Said by `load` where there are no more items. */
export const END: unique symbol = Symbol("end of the items");

export interface ItemStreamOptions<T> {
  /** Loads the item at a position of the pass. */
  load: (position: number) => MaybePromise<T | typeof END>;
  /** First position, and the one after the last; `end` may grow. */
  start: number;
  end: number;
  /** Items being loaded at once, at most. */
  workers: number;
  /** Items started before they are asked for, at most. */
  ahead: number;
}

/**
 * Items of a pass in order. Those that take time (files) are started ahead, a bounded number at once; those that do not
 * are made when asked for, without a turn of the event loop.
 */
export class ItemStream<T> {
  readonly #options: ItemStreamOptions<T>;
  /** Started and not yet taken, in order. */
  readonly #started: MaybePromise<T | ItemFailure | typeof END>[] = [];
  #next: number;
  #loading = 0;
  #stopped = false;
  /** True once an item took time. */
  isAsync = false;
  /** Position after the last item. */
  end: number;

  constructor(options: ItemStreamOptions<T>) {
    this.#options = options;
    this.#next = options.start;
    this.end = options.end;
  }

  /** Position of the item that `take` gives next. */
  get position(): number {
    return this.#next - this.#started.length;
  }

  /** The next item, or `undefined` at the end. A promise of it settles with a failure instead of rejecting. */
  take(): MaybePromise<T | ItemFailure | typeof END> | undefined {
    if (this.#started.length === 0) {
      if (this.#next >= this.end) return undefined;
      this.#start();
    }
    const item = this.#started.shift()!;
    if (this.isAsync) this.#fill();
    return item;
  }

  /** Starts nothing more. */
  stop(): void {
    this.#stopped = true;
  }

  #start(): void {
    const position = this.#next++;
    let item: MaybePromise<T | ItemFailure | typeof END>;
    try {
      item = this.#options.load(position);
    } catch (error) {
      item = new ItemFailure(error, position);
    }
    if (item instanceof Promise) {
      this.isAsync = true;
      this.#loading++;
      item = item.then(
        (value) => this.#settle(value, position),
        (error) => this.#settle(new ItemFailure(error, position), position),
      );
    } else if (item === END) this.end = Math.min(this.end, position);
    this.#started.push(item);
  }

  #settle<V>(value: V, position: number): V {
    this.#loading--;
    if (value === END) this.end = Math.min(this.end, position);
    this.#fill();
    return value;
  }

  #fill(): void {
    const { ahead, workers } = this.#options;
    while (!this.#stopped && this.#next < this.end && this.#started.length < ahead && this.#loading < workers)
      this.#start();
  }
}
