import { LayerwiseError, OptionError } from "../errors.ts";
import type { JsonValue } from "./dataSource.ts";
import {
  BATCH_EVENTS,
  CancelError,
  EVENTS,
  type EventName,
  FitInterruptedError,
  type SyncEventName,
} from "./events.ts";
import type { Learner } from "./learner.ts";

/** A handler per event. Those within the gradient closure may not return a promise. */
export type CallbackHandlers = {
  [E in EventName]?: (callback: Callback) => E extends SyncEventName ? void : void | Promise<void>;
};

/** What a callback threw, with the callback's and the event's name; `cause` is the error itself. */
export class CallbackError extends LayerwiseError {}

/**
 * Code that runs at the events of a fit: a method named like the event. It reads and writes everything on
 * `this.learn`, and leaves a part of the loop by throwing one of the cancel errors.
 */
export class Callback {
  /** A name that survives when a bundler shortens the class's; each class says its own. */
  static readonly cbName?: string;
  /** Lower runs first; equal ones in the order they were added. */
  readonly order: number = 0;
  /** False switches the callback off until the fit ends. */
  run = true;
  /** Whether batch events reach it in training. */
  runTrain = true;
  /** Whether batch events reach it in validation. */
  runValid = true;
  /** True: takes part in training fits only, not in `validate`, `getPreds` or `predict`. */
  readonly trainOnly: boolean = false;
  /** True: left out of prediction passes that run beside a fit. */
  readonly removeOnFetch: boolean = false;

  afterCreate?(): void;
  beforeFit?(): void | Promise<void>;
  beforeEpoch?(): void | Promise<void>;
  beforeTrain?(): void | Promise<void>;
  beforeBatch?(): void | Promise<void>;
  afterPred?(): void;
  afterLoss?(): void;
  beforeBackward?(): void;
  afterCancelBackward?(): void | Promise<void>;
  afterBackward?(): void | Promise<void>;
  beforeStep?(): void | Promise<void>;
  afterCancelStep?(): void | Promise<void>;
  afterStep?(): void | Promise<void>;
  afterCancelBatch?(): void | Promise<void>;
  afterBatch?(): void | Promise<void>;
  afterCancelTrain?(): void | Promise<void>;
  afterTrain?(): void | Promise<void>;
  beforeValidate?(): void | Promise<void>;
  afterCancelValidate?(): void | Promise<void>;
  afterValidate?(): void | Promise<void>;
  afterCancelEpoch?(): void | Promise<void>;
  afterEpoch?(): void | Promise<void>;
  afterCancelFit?(): void | Promise<void>;
  afterFit?(): void | Promise<void>;

  /** Called when a fit or a validation pass ends, also when it fails: gives back what was taken. */
  cleanUp?(): void;
  /** What a checkpoint has to keep of this callback. */
  state?(): JsonValue;
  /** Goes on from a checkpoint; called after `beforeFit`. */
  setState?(state: JsonValue): void;

  #learn: Learner | null = null;

  /** @param handlers - for a callback without a class of its own: functions by event name */
  constructor(handlers: CallbackHandlers = {}) {
    for (const [event, handler] of Object.entries(handlers)) {
      if (!EVENTS.includes(event as EventName)) {
        throw new OptionError("Callback", {
          given: `a handler for "${event}"`,
          expected: `one of ${EVENTS.join(", ")}`,
        });
      }
      Object.assign(this, { [event]: () => handler(this) });
    }
  }

  /**
   * What a checkpoint and messages call this callback: the class's own `cbName`, or the class name without "Callback",
   * in camelCase: `lrFinder`.
   */
  get name(): string {
    const type = this.constructor as typeof Callback;
    if (Object.hasOwn(type, "cbName") && type.cbName !== undefined) return type.cbName;
    const base = this.constructor.name.replace(/Callback$/, "") || "callback";
    return base.replace(/^(?:[A-Z]+(?=[A-Z][a-z]|$)|[A-Z])/, (capitals) => capitals.toLowerCase());
  }

  /** The learner this callback was added to. */
  get learn(): Learner {
    if (this.#learn === null) {
      throw new OptionError(`${this.name}.learn`, {
        given: "a callback that no learner holds",
        expected: "a callback in use",
        fix: "pass it in `cbs`, or call `learn.addCb(cb)`",
      });
    }
    return this.#learn;
  }

  /** Set by `Learner.addCb` and cleared by `removeCb`. */
  attach(learn: Learner | null): void {
    this.#learn = learn;
  }

  /** Runs the handler of `event` if this callback is on and the event passes its filter. */
  call(event: EventName): void | Promise<void> {
    const handler = this[event] as (() => void | Promise<void>) | undefined;
    if (!this.run || handler === undefined || (BATCH_EVENTS.has(event) && !this.#wantsBatch())) {
      this.#rearm(event);
      return;
    }
    try {
      const result = handler.call(this);
      if (result instanceof Promise) {
        return result.then(
          () => this.#rearm(event),
          (error: unknown) => this.#rethrow(event, error),
        );
      }
      this.#rearm(event);
    } catch (error) {
      this.#rethrow(event, error);
    }
  }

  #wantsBatch(): boolean {
    return this.learn.training ? this.runTrain : this.runValid;
  }

  /** A callback that switched itself off takes part again in the next fit. */
  #rearm(event: EventName): void {
    if (event === "afterFit") this.run = true;
  }

  #rethrow(event: EventName, error: unknown): never {
    this.#rearm(event);
    if (error instanceof CancelError || error instanceof CallbackError || error instanceof FitInterruptedError)
      throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new CallbackError(`${this.constructor.name}.${event}`, {
      given: `an error: ${message}`,
      expected: "a handler that returns",
      fix: "see `cause` for where it was thrown, or leave the callback out with `learn.removeCb`",
      cause: error,
    });
  }
}
