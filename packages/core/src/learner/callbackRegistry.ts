import { OptionError } from "../errors.ts";
import { Registry } from "../registry.ts";
import type { Callback } from "./callback.ts";
import type { JsonValue } from "./dataSource.ts";
import { InterruptCallback } from "./interrupt.ts";
import { ProgressCallback } from "./progress.ts";
import { Recorder } from "./recorder.ts";
import { TrainEvalCallback } from "./trainEval.ts";

/** A kind of callback that exported learners keep. */
export interface CallbackRow {
  readonly type: abstract new (...args: never[]) => Callback;
  /** Options that make such a callback again. */
  toArgs(callback: Callback): Record<string, unknown>;
  make(args: Record<string, unknown>): Callback;
}

/**
 * Callbacks by their `cbName`, for exported learners. Those that write files are not in it: a file from elsewhere
 * must not choose where. Add your own with {@link addCallback}.
 */
export const callbackRegistry: Registry<CallbackRow> = new Registry<CallbackRow>("callback");

/**
 * Lets exported learners keep callbacks of this class.
 * @param type - takes one object of options, and has a `cbName`
 * @param options - the options, each also a readable property of the callback
 */
export function addCallback<C extends Callback, O extends object | undefined>(
  type: (new (options: O) => C) & { readonly cbName?: string },
  options: readonly (keyof NonNullable<O> & keyof C & string)[] = [],
): void {
  const name = Object.hasOwn(type, "cbName") ? type.cbName : undefined;
  if (name === undefined) {
    throw new OptionError("addCallback", {
      given: `${type.name}, which has no name of its own`,
      expected: "a class with a name that files can carry",
      fix: 'give it `static override readonly cbName: string = "myCallback"`',
    });
  }
  const pick = (from: object): Record<string, unknown> =>
    Object.fromEntries(
      options.filter((key) => key in from).map((key) => [key, (from as Record<string, unknown>)[key]]),
    );
  callbackRegistry.add(name, { type, toArgs: pick, make: (args) => new type(pick(args) as O) });
}

addCallback(TrainEvalCallback);
addCallback(Recorder, ["addTime", "trainMetrics", "validMetrics", "beta"]);
callbackRegistry.add("progress", { type: ProgressCallback, toArgs: () => ({}), make: () => new ProgressCallback() });
callbackRegistry.add("interrupt", { type: InterruptCallback, toArgs: () => ({}), make: () => new InterruptCallback() });

/** A callback as data. */
export interface CallbackConfig {
  readonly name: string;
  readonly args: JsonValue;
  /** Whether predictions differ without it. */
  readonly essential: boolean;
}

/** A callback as data, `null` if its class is not registered. */
export function callbackToConfig(callback: Callback): CallbackConfig | null {
  const { name } = callback;
  const row = callbackRegistry.has(name) ? callbackRegistry.get(name) : undefined;
  if (row?.type !== callback.constructor) return null;
  return { name, args: numbersToJson(row.toArgs(callback)), essential: changesPredictions(callback) };
}

/** Makes the callback that `callbackToConfig` described. @throws {@link OptionError} for an unknown name */
export function callbackFromConfig({ name, args }: CallbackConfig): Callback {
  return callbackRegistry.get(name).make(numbersFromJson(args));
}

/** Whether it takes part in prediction passes, and in what the model gets or gives. */
export function changesPredictions({ trainOnly, runValid, beforeBatch, afterPred }: Callback): boolean {
  return !trainOnly && runValid && (beforeBatch !== undefined || afterPred !== undefined);
}

/** JSON has no infinity: `{ number: "Infinity" }`. */
function numbersToJson(args: Record<string, unknown>): JsonValue {
  const plain = Object.entries(args).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    plain.map(([key, value]) => [
      key,
      typeof value === "number" && !Number.isFinite(value) ? { number: String(value) } : (value as JsonValue),
    ]),
  );
}

function numbersFromJson(args: JsonValue): Record<string, unknown> {
  const given = typeof args === "object" && args !== null && !Array.isArray(args) ? args : {};
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      const text = typeof value === "object" && value !== null ? (value as { number?: JsonValue }).number : undefined;
      return [key, typeof text === "string" ? Number(text) : value];
    }),
  );
}
