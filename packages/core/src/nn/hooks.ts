import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import type { AnyModule } from "./module.ts";

/** Sees a module's inputs and output; what it returns is stored. With gradients: the output's gradients, no inputs. */
export type HookFunc<T> = (module: AnyModule, inputs: readonly unknown[], output: unknown) => T;

export interface HookOptions {
  /** After the forward pass; false: during the backward pass, with gradients. @defaultValue true */
  isForward?: boolean;
  /**
   * Store copies of tensors that live until the next run or `remove`; false stores the tensors themselves, which
   * live as long as the pass that made them. @defaultValue true
   */
  detach?: boolean;
}

/** Watches one module. Remove it when done, or declare it with `using`. */
export class Hook<T = unknown> {
  readonly module: AnyModule;
  readonly #func: HookFunc<T>;
  readonly #detach: boolean;
  #handle: { remove(): void } | null;
  #stored: T | undefined;

  constructor(module: AnyModule, func: HookFunc<T>, options: HookOptions = {}) {
    checkOptions("Hook", options, { isForward: true, detach: true });
    const { isForward = true, detach = true } = options;
    this.module = module;
    this.#func = func;
    this.#detach = detach;
    this.#handle = module.registerForwardHook((_, inputs, output) =>
      isForward ? this.#run(inputs, output) : this.#watchGradients(output),
    );
  }

  /** What the function returned in the latest pass. */
  get stored(): T | undefined {
    return this.#stored;
  }

  /** Stops watching and frees what is stored. */
  remove(): void {
    this.#handle?.remove();
    this.#handle = null;
    this.#store(undefined);
  }

  [Symbol.dispose](): void {
    this.remove();
  }

  #run(inputs: readonly unknown[], output: unknown): void {
    const result = this.#func(this.module, inputs, output);
    this.#store(this.#detach ? (mapTensors(result, (x) => tf.keep(tf.clone(x))) as T) : result);
  }

  #store(next: T | undefined): void {
    if (this.#detach) {
      mapTensors(this.#stored, (x) => {
        x.dispose();
        return x;
      });
    }
    this.#stored = next;
  }

  #watchGradients(output: unknown): unknown {
    const gradients: (tf.Tensor | null)[] = [];
    return mapTensors(output, (x) => {
      const place = gradients.push(null) - 1;
      return watched(x, (dy) => {
        gradients[place] = dy;
        this.#run([], [...gradients]);
      });
    });
  }
}

/** Several hooks with one function. */
export class Hooks<T = unknown> {
  readonly hooks: readonly Hook<T>[];

  constructor(modules: Iterable<AnyModule>, func: HookFunc<T>, options: HookOptions = {}) {
    this.hooks = [...modules].map((module) => new Hook(module, func, options));
  }

  /** What each hook stored, in the order of the modules. */
  get stored(): (T | undefined)[] {
    return this.hooks.map(({ stored }) => stored);
  }

  get length(): number {
    return this.hooks.length;
  }

  at(i: number): Hook<T> | undefined {
    return this.hooks.at(i);
  }

  remove(): void {
    for (const hook of this.hooks) hook.remove();
  }

  [Symbol.iterator](): IterableIterator<Hook<T>> {
    return this.hooks[Symbol.iterator]();
  }

  [Symbol.dispose](): void {
    this.remove();
  }
}

export interface HookOutputOptions {
  /** @defaultValue true */
  detach?: boolean;
  /** Store the gradients of the output, as a list, instead of the output. @defaultValue false */
  grad?: boolean;
}

/** A hook that stores a module's output, or its gradients: Grad-CAM needs both. */
export function hookOutput(module: AnyModule, { detach = true, grad = false }: HookOutputOptions = {}): Hook {
  return new Hook(module, (_, __, output) => output, { detach, isForward: !grad });
}

/** Hooks that store the outputs of several modules, or their gradients. */
export function hookOutputs(
  modules: Iterable<AnyModule>,
  { detach = true, grad = false }: HookOutputOptions = {},
): Hooks {
  return new Hooks(modules, (_, __, output) => output, { detach, isForward: !grad });
}

/** The same numbers, with `look` called on their gradient in the backward pass. */
function watched(x: tf.Tensor, look: (dy: tf.Tensor) => void): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const gradFunc = (dy: tf.Tensor) => {
      look(dy);
      return tf.clone(dy);
    };
    return { value: tf.clone(args[0] as tf.Tensor), gradFunc };
  });
  return op(x);
}

/** The same structure of arrays and plain records, with `fn` applied to every tensor in it. */
function mapTensors(value: unknown, fn: (x: tf.Tensor) => tf.Tensor): unknown {
  if (value instanceof tf.Tensor) return fn(value);
  if (Array.isArray(value)) return value.map((item) => mapTensors(item, fn));
  if (value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTensors(item, fn)]));
  }
  return value;
}
