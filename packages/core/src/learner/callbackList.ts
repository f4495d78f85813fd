import { OptionError } from "../errors.ts";
import { Callback } from "./callback.ts";
import { EVENTS, type EventName } from "./events.ts";
import type { Learner } from "./learner.ts";

/** A callback, or a class of callbacks to be made without options. */
export type CallbackLike = Callback | (new () => Callback);

const known: ReadonlySet<string> = new Set(EVENTS);

function checkEvent(event: string): void {
  if (known.has(event)) return;
  throw new OptionError("Learner.event", { given: `the event "${event}"`, expected: `one of ${EVENTS.join(", ")}` });
}

/** The callbacks of one learner, in the order they were added. */
export class CallbackList {
  #items: Callback[] = [];
  readonly #learn: Learner;

  constructor(learn: Learner) {
    this.#learn = learn;
  }

  get all(): readonly Callback[] {
    return this.#items;
  }

  add(like: CallbackLike): Callback {
    const callback = typeof like === "function" ? new like() : like;
    if (!(callback instanceof Callback)) {
      throw new OptionError("Learner.addCb", {
        given: String(callback),
        expected: "a Callback or a class of callbacks",
      });
    }
    if (this.#items.includes(callback)) {
      throw new OptionError("Learner.addCb", {
        given: `a ${callback.constructor.name} that this learner holds already`,
        expected: "each callback once: it would run twice, and be gone after the fit",
        fix: "leave it out of `cbs` here, or of those of the learner",
      });
    }
    callback.attach(this.#learn);
    this.#items = [...this.#items, callback];
    return callback;
  }

  /** @returns what was removed: one instance, or all of a class */
  remove(like: CallbackLike): Callback[] {
    const gone = this.#items.filter((cb) => (typeof like === "function" ? cb.constructor === like : cb === like));
    this.#items = this.#items.filter((cb) => !gone.includes(cb));
    for (const callback of gone) callback.attach(null);
    return gone;
  }

  async withAdded<T>(likes: readonly CallbackLike[], body: () => T | Promise<T>): Promise<T> {
    const added: Callback[] = [];
    try {
      for (const like of listed(likes)) added.push(this.add(like));
      return await body();
    } finally {
      for (const callback of added) this.remove(callback);
    }
  }

  /** Removed ones come back in their old places, so that ties keep their order. */
  async withRemoved<T>(likes: readonly CallbackLike[], body: () => T | Promise<T>): Promise<T> {
    const before = this.#items;
    const removed = likes.flatMap((like) => this.remove(like));
    try {
      return await body();
    } finally {
      const addedMeanwhile = this.#items.filter((cb) => !before.includes(cb));
      this.#items = [...before.filter((cb) => this.#items.includes(cb) || removed.includes(cb)), ...addedMeanwhile];
      for (const callback of removed) callback.attach(this.#learn);
    }
  }

  /** Those that handle `event`, by `order`; equal ones as added. Looked up anew, so callbacks added in mid-fit take part. */
  ordered(event: EventName): Callback[] {
    checkEvent(event);
    return this.#items.filter((cb) => cb[event] !== undefined).sort((a, b) => a.order - b.order);
  }

  /** Waits only for handlers that return a promise. */
  fireAsync(event: EventName): void | Promise<void> {
    const callbacks = event === "afterFit" ? this.#everyOne(event) : this.ordered(event);
    for (let i = 0; i < callbacks.length; i++) {
      const result = callbacks[i]?.call(event);
      if (result instanceof Promise) return this.#rest(event, callbacks.slice(i + 1), result);
    }
  }

  async #rest(event: EventName, callbacks: readonly Callback[], first: Promise<void>): Promise<void> {
    await first;
    for (const callback of callbacks) await callback.call(event);
  }

  /** `afterFit` switches callbacks on again, also those that have no handler for it. */
  #everyOne(event: EventName): Callback[] {
    for (const callback of this.#items) if (callback[event] === undefined) callback.run = true;
    return this.ordered(event);
  }

  fire(event: EventName): void {
    for (const callback of this.ordered(event)) {
      const result = callback.call(event);
      if (result instanceof Promise) {
        result.catch(() => {}); // what it ends in no longer matters
        throw new OptionError(`${callback.name}.${event}`, {
          given: "a handler that returns a promise",
          expected: "a plain function: this event happens while gradients are being recorded",
          fix: "do what has to wait in `afterBatch`",
        });
      }
    }
  }
}

/** @throws {@link OptionError} for a callback in place of a list of them */
export function listed(likes: readonly CallbackLike[]): readonly CallbackLike[] {
  if (Array.isArray(likes)) return likes;
  throw new OptionError("cbs", {
    given: `${String((likes as object)?.constructor?.name ?? likes)} that is no list`,
    expected: "a list of callbacks",
    fix: "`cbs: [new MyCallback()]`",
  });
}
