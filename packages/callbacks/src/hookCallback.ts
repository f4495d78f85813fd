import { checkOptions, type KnownOptions, OptionError } from "@layerwise/core";
import { Callback } from "@layerwise/core/learner";
import { type AnyModule, flattenModel, Hooks, hasParams, ParameterModule } from "@layerwise/core/nn";

export interface HookCallbackOptions {
  /** Layers to watch. @defaultValue the model's innermost layers that have parameters */
  modules?: readonly AnyModule[];
  /** Watch only one training batch in so many; otherwise every batch. */
  every?: number;
  /** Whether hooks go when the fit ends. @defaultValue true */
  removeEnd?: boolean;
  /** After the forward pass; false: during the backward pass, with gradients. @defaultValue true */
  isForward?: boolean;
  /** Store copies of tensors instead of the tensors themselves, which live as long as the pass. @defaultValue true */
  detach?: boolean;
  /** Also watch layers without parameters. @defaultValue false */
  includeParamless?: boolean;
}

export const HOOK_OPTIONS: KnownOptions<HookCallbackOptions> = {
  modules: true,
  every: true,
  removeEnd: true,
  isForward: true,
  detach: true,
  includeParamless: true,
};

/** Calls `hook` with what goes in and out of layers while the model trains. Derive from it, and say what to store. */
export abstract class HookCallback<T = unknown> extends Callback {
  /** The hooks in force, `null` while there are none. */
  hooks: Hooks<T> | null = null;
  /** The layers watched in the latest fit. */
  modules: readonly AnyModule[] = [];
  readonly every: number | undefined;
  /** Whether the running batch is a training batch to be looked at. */
  protected recording = false;
  readonly #options: HookCallbackOptions;

  constructor(options: HookCallbackOptions = {}) {
    super();
    checkOptions(new.target.name, options, HOOK_OPTIONS);
    const { every } = options;
    if (every !== undefined && !(Number.isInteger(every) && every >= 1)) {
      throw new OptionError(new.target.name, { given: `every ${every}`, expected: "a whole number of batches" });
    }
    this.every = every;
    this.#options = options;
  }

  /** Runs after a layer's forward pass (or with the gradients of its output); what it returns is stored. */
  protected abstract hook(module: AnyModule, inputs: readonly unknown[], output: unknown): T;

  override beforeFit(): void {
    this.removeHooks();
    const { modules, includeParamless = false } = this.#options;
    this.modules =
      modules ??
      flattenModel(this.learn.model).filter(
        (module) => !(module instanceof ParameterModule) && (includeParamless || hasParams(module)),
      );
    if (this.every === undefined) this.#register();
  }

  override beforeBatch(): void {
    const { training, trainIter } = this.learn;
    this.recording = training && trainIter % (this.every ?? 1) === 0;
    if (this.recording && this.every !== undefined) this.#register();
  }

  override afterBatch(): void | Promise<void> {
    if (this.recording && this.every !== undefined) this.removeHooks();
    this.recording = false;
  }

  override afterFit(): void {
    if (this.#options.removeEnd !== false) this.removeHooks();
  }

  override cleanUp(): void {
    if (this.#options.removeEnd !== false) this.removeHooks();
    this.recording = false;
  }

  /** Stops watching and frees what is stored. */
  removeHooks(): void {
    this.hooks?.remove();
    this.hooks = null;
  }

  #register(): void {
    this.removeHooks();
    const { isForward = true, detach = true } = this.#options;
    this.hooks = new Hooks(this.modules, (module, inputs, output) => this.hook(module, inputs, output), {
      isForward,
      detach,
    });
  }
}
