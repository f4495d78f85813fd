import type { Tensor } from "@tensorflow/tfjs-core";
import { locateLayerError } from "./layerError.ts";
import { Buffer, DerivedWeight, Parameter } from "./parameter.ts";
import {
  assignState,
  type LoadOptions,
  type LoadReport,
  readState,
  type StateDict,
  type StateOptions,
} from "./state.ts";

/** Any module, whatever goes in and out; for lists and walks over a model. */
// biome-ignore lint/suspicious/noExplicitAny: a list of modules must take every signature, and still be callable
export type AnyModule = Module<any, any>;

/** Runs after `forward`; what it returns, if anything, replaces the output. */
export type ForwardHook<M extends AnyModule = AnyModule> = (
  module: M,
  inputs: readonly unknown[],
  output: unknown,
  // biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks returns nothing
) => unknown | void;

/** How to build a model again from the `models` registry. */
export interface Arch {
  name: string;
  args: Record<string, unknown>;
}

/** A thing that a module owns: what reflection finds. */
export type Entry = Parameter | Buffer | AnyModule;

/**
 * Base of every layer and model. Parameters, buffers and child modules are found by looking at the instance's own
 * fields, so plain class fields are all it takes; their names are PyTorch's (`layer1.0.conv1.weight`).
 */
export abstract class Module<In extends readonly unknown[] = [Tensor], Out = Tensor> {
  /** How to build it again; an export needs it. */
  declare arch?: Arch;
  /** What to do about it where `arch` is missing, for the error of an export. */
  declare archHint?: string;
  readonly #hooks = new Set<ForwardHook>();
  #training = true;

  /** The math. Callers use `call`, which also runs the hooks. */
  abstract forward(...inputs: In): Out;

  /** Forgets what was carried over from earlier batches (hidden states). */
  reset?(): void;

  /** @throws ShapeError that names the layer, if an input does not fit */
  call(...inputs: In): Out {
    let output: Out;
    try {
      output = this.forward(...inputs);
    } catch (error) {
      throw locateLayerError(error, this, inputs);
    }
    if (this.#hooks.size === 0) return output;
    for (const hook of [...this.#hooks]) {
      const replaced = hook(this, inputs, output);
      if (replaced !== undefined) output = replaced as Out;
    }
    return output;
  }

  /** True while fitting: dropout drops, batch norm uses the batch's statistics. */
  get training(): boolean {
    return this.#training;
  }

  train(mode = true): this {
    for (const module of this.modules()) module.#training = mode;
    return this;
  }

  eval(): this {
    return this.train(false);
  }

  /** Runs `body` in eval mode and gives every module its own mode back. */
  evaluating<T>(body: () => T): T {
    const modes = this.modules().map((module) => [module, module.training] as const);
    this.eval();
    try {
      return body();
    } finally {
      for (const [module, mode] of modes) module.#training = mode;
    }
  }

  /** Adds a hook that runs after each forward pass, until it is removed. */
  registerForwardHook(fn: ForwardHook): { remove(): void } {
    // A function of its own, so that one hook registered twice runs twice.
    const hook: ForwardHook = (module, inputs, output) => fn(module, inputs, output);
    this.#hooks.add(hook);
    return { remove: () => void this.#hooks.delete(hook) };
  }

  /** What is searched for parameters, buffers and children: the own fields, in order of definition. */
  fields(): [string, unknown][] {
    return Object.entries(this);
  }

  /** What this module owns directly, by state name. */
  ownEntries(): [string, Entry][] {
    const found: [string, Entry][] = [];
    for (const [field, value] of this.fields()) collect(stateName(field), value, found);
    return found;
  }

  namedChildren(): [string, AnyModule][] {
    return this.ownEntries().filter((entry): entry is [string, AnyModule] => entry[1] instanceof Module);
  }

  children(): AnyModule[] {
    return this.namedChildren().map(([, child]) => child);
  }

  /** This module (named "") and everything below it, parents first, each once. */
  namedModules(): [string, AnyModule][] {
    const seen = new Set<AnyModule>();
    const found: [string, AnyModule][] = [];
    const walk = (module: AnyModule, path: string): void => {
      if (seen.has(module)) return;
      seen.add(module);
      found.push([path, module]);
      for (const [name, child] of module.namedChildren()) walk(child, join(path, name));
    };
    walk(this, "");
    return found;
  }

  modules(): AnyModule[] {
    return this.namedModules().map(([, module]) => module);
  }

  /** Every parameter once, in PyTorch's order: a module's own before its children's. */
  namedParameters(): [string, Parameter][] {
    return distinct(namedEntries(this)).filter((entry): entry is [string, Parameter] => entry[1] instanceof Parameter);
  }

  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  namedBuffers(): [string, Buffer][] {
    return distinct(namedEntries(this)).filter((entry): entry is [string, Buffer] => entry[1] instanceof Buffer);
  }

  /** Calls `fn` with every module below this one, children first, then with this one. */
  apply(fn: (module: AnyModule) => void): this {
    for (const child of this.children()) child.apply(fn);
    fn(this);
    return this;
  }

  /** Lets the optimizer change the parameters (true) or keeps it away from them (false). */
  requiresGrad(flag: boolean): this {
    for (const parameter of this.parameters()) parameter.requiresGrad = flag;
    return this;
  }

  /** All parameters and buffers as plain numbers, by name; `layout: "torch"` turns them into PyTorch's axis order. */
  stateDict(options: StateOptions = {}): Promise<StateDict> {
    return readState(namedEntries(this), options);
  }

  /**
   * Puts saved numbers in place. Checks every name and shape before it changes anything.
   * @returns the names that were missing or unexpected, if `strict` is false
   * @throws FileFormatError naming every missing or unexpected entry and every shape that differs
   */
  loadStateDict(state: StateDict, options: LoadOptions = {}): LoadReport {
    return assignState(this.constructor.name, namedEntries(this), state, options);
  }

  /** Frees every parameter and buffer. The module cannot be used afterwards. */
  dispose(): void {
    for (const [, entry] of distinct(namedEntries(this))) entry.dispose();
  }
}

/** Every parameter and buffer with its full name; one that is shared comes once under each name. */
function namedEntries(root: AnyModule): [string, Parameter | Buffer][] {
  const found: [string, Parameter | Buffer][] = [];
  const walk = (module: AnyModule, path: string): void => {
    const entries = module.ownEntries();
    for (const [name, entry] of entries) if (entry instanceof Parameter) found.push([join(path, name), entry]);
    for (const [name, entry] of entries) if (entry instanceof Buffer) found.push([join(path, name), entry]);
    for (const [name, entry] of entries) if (entry instanceof Module) walk(entry, join(path, name));
  };
  walk(root, "");
  return found;
}

function distinct<T>(entries: [string, T][]): [string, T][] {
  const seen = new Set<T>();
  return entries.filter(([, value]) => !seen.has(value) && seen.add(value));
}

function collect(name: string, value: unknown, found: [string, Entry][]): void {
  if (value instanceof Parameter || value instanceof Buffer || value instanceof Module) found.push([name, value]);
  else if (value instanceof DerivedWeight) {
    for (const [suffix, part] of value.parts()) found.push([`${name}_${suffix}`, part]);
  } else if (Array.isArray(value)) {
    value.forEach((item, i) => {
      if (item instanceof Module || item instanceof Parameter) found.push([`${name}.${i}`, item]);
    });
  }
}

/** `runningMean` is called `running_mean` in saved states. Names that start with a capital stay. */
function stateName(field: string): string {
  return /^[a-z]/.test(field) ? field.replace(/([a-z0-9])([A-Z])/g, (_, a, b) => `${a}_${b.toLowerCase()}`) : field;
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
