import type { Callback } from "./callback.ts";
import { type CallbackLike, CallbackList, listed } from "./callbackList.ts";
import { type EventName, LEVELS, type Level, type SyncEventName } from "./events.ts";
import type { Learner } from "./learner.ts";
import { LoopState } from "./loopState.ts";
import { Recorder } from "./recorder.ts";

/** What a learner is to its callbacks: it holds them, and fires events at them. */
export abstract class CallbackHost<X = unknown, Y = unknown> extends LoopState<X, Y> {
  readonly #callbacks = new CallbackList(this as unknown as Learner);

  get cbs(): readonly Callback[] {
    return this.#callbacks.all;
  }

  addCb(cb: CallbackLike): this {
    this.#callbacks.add(cb);
    return this;
  }

  addCbs(cbs: readonly CallbackLike[]): this {
    for (const cb of listed(cbs)) this.addCb(cb);
    return this;
  }

  /** Removes an instance, or every instance of a class. */
  removeCb(cb: CallbackLike): this {
    this.#callbacks.remove(cb);
    return this;
  }

  removeCbs(cbs: readonly CallbackLike[]): this {
    for (const cb of cbs) this.removeCb(cb);
    return this;
  }

  /** The first callback of a class, `undefined` if there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: a class with any constructor is meant
  findCb<C extends Callback>(kind: abstract new (...args: any[]) => C): C | undefined {
    return this.cbs.find((cb): cb is C => cb instanceof kind);
  }

  /**
   * Callbacks that listen to `event`, in the order they run.
   * @throws {@link OptionError} for an event that does not exist
   */
  orderedCbs(event: EventName): Callback[] {
    return this.#callbacks.ordered(event);
  }

  get recorder(): Recorder | undefined {
    return this.findCb(Recorder);
  }

  /** Runs `body` with more callbacks, and takes them away again. */
  withAddedCbs<T>(cbs: readonly CallbackLike[], body: () => T | Promise<T>): Promise<T> {
    return this.#callbacks.withAdded(cbs, body);
  }

  /** Runs `body` without some callbacks, and puts them back. */
  withRemovedCbs<T>(cbs: readonly CallbackLike[], body: () => T | Promise<T>): Promise<T> {
    return this.#callbacks.withRemoved(cbs, body);
  }

  /** Fires an event at every callback that listens to it, in order. */
  event(name: EventName): void | Promise<void> {
    return this.#callbacks.fireAsync(name);
  }

  /** Fires an event whose handlers may not wait. */
  eventSync(name: SyncEventName): void {
    this.#callbacks.fire(name);
  }

  /** before, body, after; a cancel of this level leads to its cancel event, any other error passes through. */
  async during(level: Level, body: () => void | Promise<void>): Promise<void> {
    const { before, cancelled, after, cancel } = LEVELS[level];
    try {
      await this.event(before);
      await body();
    } catch (error) {
      if (!(error instanceof cancel)) throw error;
      await this.event(cancelled);
    }
    await this.event(after);
  }
}
