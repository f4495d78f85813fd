import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { OptionError } from "../errors.ts";
import { checkReduction, type Reduction } from "./reduction.ts";

/** A loss as plain data: enough to build it again from `lossRegistry`. */
export interface LossConfig {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Options of every loss. */
export interface LossOptions {
  /** @defaultValue "mean", except for `DiceLoss` */
  reduction?: Reduction;
}

/**
 * A loss that also knows how its model's outputs are read: `activation` makes probabilities of them, `decodes` the
 * prediction. Write your own by giving a `name` and a `compute`; add it to `lossRegistry` to export learners with it.
 */
export abstract class BaseLoss {
  /** Its row in `lossRegistry`. */
  abstract readonly name: string;
  /** Targets are class indices. */
  readonly yInt: boolean = false;
  #reduction: Reduction;
  readonly #parts = new Map<string, tf.Tensor>();

  constructor(options: LossOptions = {}) {
    checkOptions(new.target.name, options, { reduction: true });
    const { reduction = "mean" } = options;
    this.#reduction = checkReduction(new.target.name, reduction);
  }

  get reduction(): Reduction {
    return this.#reduction;
  }

  set reduction(reduction: Reduction) {
    this.#reduction = checkReduction(this.name, reduction);
  }

  /**
   * The loss of a batch, differentiable in `pred`; nothing is read back.
   * @returns a scalar, or one number per item when `reduction` is `"none"`
   */
  call(pred: tf.Tensor, ...targets: tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => this.compute(pred, ...targets));
  }

  /** The math of `call`; runs inside `tf.tidy`. */
  protected abstract compute(pred: tf.Tensor, ...targets: tf.Tensor[]): tf.Tensor;

  /** From the model's outputs to probabilities (or whatever a person can read). */
  activation(pred: tf.Tensor): tf.Tensor {
    return tf.clone(pred);
  }

  /** From what `activation` gives to the prediction. */
  decodes(activated: tf.Tensor): tf.Tensor {
    return tf.clone(activated);
  }

  /** Latest values of the terms this loss is made of, by name, for `LossMetric`. */
  get parts(): ReadonlyMap<string, tf.Tensor> {
    return this.#parts;
  }

  /** Keeps the value of one term for `parts`; a later one of the same name replaces it. */
  protected keepPart(name: string, value: tf.Tensor): void {
    this.#parts.get(name)?.dispose();
    this.#parts.set(name, tf.keep(tf.clone(value)));
  }

  /** Options that differ from the defaults or could: what `toConfig` saves. Plain JSON. */
  protected args(): Record<string, unknown> {
    return {};
  }

  /** Name and options as plain data. */
  toConfig(): LossConfig {
    return { name: this.name, args: { reduction: this.reduction, ...this.args() } };
  }

  /** Frees what `parts` holds. */
  dispose(): void {
    for (const part of this.#parts.values()) part.dispose();
    this.#parts.clear();
  }
}

/** A function of predictions and targets; `reduction`, if it has one, is obeyed. */
export interface LossFunction {
  (pred: tf.Tensor, ...targets: tf.Tensor[]): tf.Tensor;
  reduction?: Reduction;
}

/** What a Learner takes as its loss. */
export type LossFunc = BaseLoss | LossFunction;

/** Calls either kind of loss. */
export function applyLoss(lossFunc: LossFunc, pred: tf.Tensor, ...targets: tf.Tensor[]): tf.Tensor {
  return lossFunc instanceof BaseLoss ? lossFunc.call(pred, ...targets) : lossFunc(pred, ...targets);
}

/**
 * Runs `body` while `lossFunc` gives one loss per item, and puts its reduction back afterwards, also when `body`
 * throws or is async.
 * @throws {@link OptionError} for a plain function without a `reduction` of its own
 */
export function withNoneReduce<T>(lossFunc: LossFunc, body: (lossFunc: LossFunc) => T): T {
  const before = lossFunc.reduction;
  if (before === undefined) {
    throw new OptionError("withNoneReduce", {
      given: `the plain function "${lossFunc.name}"`,
      expected: "a loss that can leave its items unreduced",
      fix: "use a class derived from `BaseLoss`, or give the function a `reduction` property and obey it",
    });
  }
  lossFunc.reduction = "none";
  const restore = () => {
    lossFunc.reduction = before;
  };
  let result: T;
  try {
    result = body(lossFunc);
  } catch (error) {
    restore();
    throw error;
  }
  if (result instanceof Promise) return result.finally(restore) as T;
  restore();
  return result;
}
