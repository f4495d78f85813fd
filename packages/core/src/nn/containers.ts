import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { OptionError } from "../errors.ts";
import { type AnyModule, Module } from "./module.ts";

/** Modules one after the other; children are named "0", "1", ... */
export class Sequential<In extends readonly unknown[] = [Tensor], Out = Tensor> extends Module<In, Out> {
  readonly #layers: AnyModule[];

  constructor(...layers: AnyModule[]) {
    super();
    this.#layers = layers;
  }

  override forward(...inputs: In): Out {
    const [first, ...rest] = this.#layers;
    if (first === undefined) return inputs[0] as Out;
    let x: unknown = first.call(...inputs);
    for (const layer of rest) x = layer.call(x);
    return x as Out;
  }

  override fields(): [string, unknown][] {
    return [...this.#layers.map((layer, i): [string, unknown] => [`${i}`, layer]), ...super.fields()];
  }

  get layers(): readonly AnyModule[] {
    return this.#layers;
  }

  get length(): number {
    return this.#layers.length;
  }

  /** The layer at `i`; negative counts from the end. */
  at(i: number): AnyModule {
    return layerAt(this.#layers, i, this.constructor.name);
  }

  /** A new Sequential around layers `start` to before `end`, which stay shared with this one. */
  slice(start?: number, end?: number): Sequential {
    return new Sequential(...this.#layers.slice(start, end));
  }

  push(...layers: AnyModule[]): this {
    this.#layers.push(...layers);
    return this;
  }

  /** Puts another layer at `i` and returns the one that was there; it is not disposed. */
  replace(i: number, layer: AnyModule): AnyModule {
    const old = this.at(i);
    this.#layers[i < 0 ? i + this.#layers.length : i] = layer;
    return old;
  }

  [Symbol.iterator](): IterableIterator<AnyModule> {
    return this.#layers[Symbol.iterator]();
  }
}

/** A list of modules that a parent calls as it likes; children are named "0", "1", ... */
export class ModuleList<M extends AnyModule = AnyModule> extends Module<readonly unknown[], never> {
  readonly #layers: M[];

  constructor(layers: Iterable<M> = []) {
    super();
    this.#layers = [...layers];
  }

  override forward(): never {
    throw new OptionError("ModuleList", {
      given: "a call of the list itself",
      expected: "calls of its modules, one by one",
      fix: "loop over the list in your module's `forward`, or use `Sequential`",
    });
  }

  override fields(): [string, unknown][] {
    return this.#layers.map((layer, i) => [`${i}`, layer]);
  }

  get length(): number {
    return this.#layers.length;
  }

  /** The module at `i`; negative counts from the end. */
  at(i: number): M {
    return layerAt(this.#layers, i, "ModuleList") as M;
  }

  push(...layers: M[]): this {
    this.#layers.push(...layers);
    return this;
  }

  [Symbol.iterator](): IterableIterator<M> {
    return this.#layers[Symbol.iterator]();
  }
}

/** Modules by name, called one after the other in the order of the names. */
export class NamedSequential extends Module {
  readonly #layers: Map<string, AnyModule>;

  constructor(layers: Record<string, AnyModule> | Iterable<readonly [string, AnyModule]>) {
    super();
    this.#layers = new Map(Symbol.iterator in layers ? layers : Object.entries(layers));
  }

  override forward(x: Tensor): Tensor {
    let y = x;
    for (const layer of this.#layers.values()) y = layer.call(y) as Tensor;
    return y;
  }

  override fields(): [string, unknown][] {
    return [...this.#layers];
  }

  get(name: string): AnyModule | undefined {
    return this.#layers.get(name);
  }
}

/** Gives its input back. */
export class Identity extends Module {
  override forward(x: Tensor): Tensor {
    return x;
  }
}

/** A layer made of a function. */
export class Lambda<In extends readonly unknown[] = [Tensor], Out = Tensor> extends Module<In, Out> {
  readonly #func: (...inputs: In) => Out;

  constructor(func: (...inputs: In) => Out) {
    super();
    this.#func = func;
  }

  override forward(...inputs: In): Out {
    return this.#func(...inputs);
  }
}

/** A layer made of a function and the arguments that follow its input. */
export class PartialLambda<Args extends readonly unknown[]> extends Module {
  readonly #func: (x: Tensor, ...args: Args) => Tensor;
  readonly #args: Args;

  constructor(func: (x: Tensor, ...args: Args) => Tensor, ...args: Args) {
    super();
    this.#func = func;
    this.#args = args;
  }

  override forward(x: Tensor): Tensor {
    return this.#func(x, ...this.#args);
  }
}

/** Modules and functions one after the other; functions become layers. */
export function sequential(...layers: (AnyModule | ((x: Tensor) => Tensor))[]): Sequential {
  return new Sequential(...layers.map((layer) => (layer instanceof Module ? layer : new Lambda(layer))));
}

export interface FlattenOptions {
  /** Down to rank 1, batch included. @defaultValue false */
  full?: boolean;
  /** Put channels first, as linear layers of PyTorch expect that follow pictures. @defaultValue false */
  channelsFirst?: boolean;
}

/** `[N, ...]` to `[N, F]`. */
export class Flatten extends Module {
  readonly full: boolean;
  readonly channelsFirst: boolean;

  constructor(options: FlattenOptions = {}) {
    super();
    checkOptions("Flatten", options, { full: true, channelsFirst: true });
    const { full = false, channelsFirst = false } = options;
    this.full = full;
    this.channelsFirst = channelsFirst;
  }

  override forward(x: Tensor): Tensor {
    if (this.full) return tf.reshape(x, [-1]);
    if (x.rank === 2) return x;
    const middle = x.shape.map((_, axis) => axis).slice(1, -1);
    const ordered = this.channelsFirst ? tf.transpose(x, [0, x.rank - 1, ...middle]) : x;
    return tf.reshape(ordered, [x.shape[0]!, x.size / Math.max(x.shape[0]!, 1)]);
  }
}

/** Reshapes to `shape`, batch included; one entry may be -1. */
export class View extends Module {
  readonly shape: readonly number[];

  constructor(...shape: number[]) {
    super();
    this.shape = shape;
  }

  override forward(x: Tensor): Tensor {
    return tf.reshape(x, [...this.shape]);
  }
}

/** Reshapes each item to `shape` and keeps the batch axis. */
export class ResizeBatch extends Module {
  readonly shape: readonly number[];

  constructor(...shape: number[]) {
    super();
    this.shape = shape;
  }

  override forward(x: Tensor): Tensor {
    return tf.reshape(x, [x.shape[0]!, ...this.shape]);
  }
}

function layerAt(layers: readonly AnyModule[], i: number, where: string): AnyModule {
  const layer = layers.at(i);
  if (layer !== undefined) return layer;
  throw new OptionError(`${where}.at`, { given: `index ${i}`, expected: `an index below ${layers.length}` });
}
