import * as tf from "@tensorflow/tfjs-core";
import { OptionError } from "../errors.ts";
import type { Hypers, HyperValue } from "./hypers.ts";
import { Optimizer, type Params } from "./optimizer.ts";
import { type OptimizerState, readTensor, toTensor } from "./optimizerState.ts";

/** Our names for the numbers of a tfjs optimizer, in the order they are looked for. */
const NAMES: readonly (readonly [string, string])[] = [
  ["lr", "learningRate"],
  ["mom", "momentum"],
  ["mom", "beta1"],
  ["sqrMom", "beta2"],
  ["sqrMom", "decay"],
  ["sqrMom", "rho"],
  ["eps", "epsilon"],
];

/**
 * An optimizer of `tf.train` behind our interface: groups, freezing, schedules and saved states work, with the
 * hyper-parameters that it has.
 */
export class OptimWrapper extends Optimizer {
  readonly #make: () => tf.Optimizer;
  /** One per group, so that each can have its own learning rate. */
  #foreign: tf.Optimizer[];

  /** @param make - makes the optimizer of one group, such as `() => tf.train.adagrad(0.1)` */
  constructor(params: Params, make: () => tf.Optimizer) {
    super(params, []);
    this.#make = make;
    this.#foreign = this.paramLists.map(() => make());
    for (const [i, foreign] of this.#foreign.entries()) Object.assign(this.hypers[i]!, read(foreign));
  }

  /** @throws {@link OptionError} for a hyper-parameter that the optimizer does not have; `mom` is then ignored */
  override setHyper(name: string, value: HyperValue): void {
    const known = Object.keys(this.hypers[0]!);
    if (known.includes(name)) {
      super.setHyper(name, value);
    } else if (name !== "mom") {
      throw new OptionError("OptimWrapper.setHyper", {
        given: `"${name}"`,
        expected: `a hyper-parameter of the wrapped optimizer: ${known.join(", ")}`,
        fix: "use one of layerwise's own optimizers, which have all of them",
      });
    }
  }

  override step(): void {
    for (const [i, foreign] of this.#foreign.entries()) {
      write(foreign, this.hypers[i]!);
      // Every parameter each time, in one order: tfjs finds its averages by position.
      const grads = this.paramLists[i]!.map((p) => ({
        name: p.value.name,
        tensor: (p.requiresGrad ? this.grads.get(p) : undefined) as tf.Tensor,
      }));
      if (grads.some((g) => g.tensor !== undefined)) foreign.applyGradients(grads);
    }
  }

  override clearState(): void {
    super.clearState();
    for (const foreign of this.#foreign) release(foreign);
    this.#foreign = this.#foreign.map(() => this.#make());
  }

  override async stateDict(): Promise<OptimizerState> {
    const state = await super.stateDict();
    const foreign = await Promise.all(
      this.#foreign.map(async (optimizer) => {
        const weights = await optimizer.getWeights();
        return Promise.all(
          weights.map(async ({ name, tensor }) => {
            // Averages stay with the optimizer; its step count was made for us.
            const ours = tensor instanceof tf.Variable ? tf.keep(tf.clone(tensor)) : tensor;
            return { name, tensor: await readTensor(ours) };
          }),
        );
      }),
    );
    return { ...state, foreign };
  }

  override async loadStateDict(saved: OptimizerState): Promise<void> {
    await super.loadStateDict(saved);
    this.clearState();
    for (const [i, weights] of (saved.foreign ?? []).entries()) {
      const tensors = weights.map(({ name, tensor }) => ({ name, tensor: toTensor(tensor) }));
      write(this.#foreign[i]!, this.hypers[i]!);
      await this.#foreign[i]!.setWeights(tensors);
      for (const { tensor } of tensors) tensor.dispose();
    }
  }

  /** Until it is called back, the wrapped optimizers start afresh: theirs cannot be copied without waiting. */
  override remember(): () => void {
    const goBack = super.remember();
    const kept = this.#foreign;
    this.#foreign = kept.map(() => this.#make());
    return () => {
      for (const foreign of this.#foreign) release(foreign);
      this.#foreign = kept;
      goBack();
    };
  }

  override dispose(): void {
    super.dispose();
    for (const foreign of this.#foreign) release(foreign);
  }
}

function read(foreign: tf.Optimizer): Partial<Hypers> {
  const fields = foreign as unknown as Record<string, unknown>;
  const found: Record<string, number> = {};
  for (const [ours, theirs] of NAMES) {
    const value = fields[theirs];
    if (typeof value === "number" && !(ours in found)) found[ours] = value;
  }
  return found;
}

function write(foreign: tf.Optimizer, hypers: Readonly<Record<string, number>>): void {
  const fields = foreign as unknown as Record<string, unknown>;
  const done = new Set<string>();
  for (const [ours, theirs] of NAMES) {
    const value = hypers[ours];
    if (value === undefined || done.has(ours) || typeof fields[theirs] !== "number") continue;
    done.add(ours);
    if (fields[theirs] === value) continue;
    fields[theirs] = value;
    // These two are also kept as tensors, which plain assignment would leave behind.
    if (theirs === "learningRate" && "setLearningRate" in foreign) (foreign as tf.SGDOptimizer).setLearningRate(value);
    if (theirs === "momentum" && fields.m instanceof tf.Tensor) {
      fields.m.dispose();
      fields.m = tf.keep(tf.scalar(value));
    }
  }
}

/** Frees an optimizer, and what its own `dispose` forgets. */
function release(foreign: tf.Optimizer): void {
  foreign.dispose();
  for (const field of Object.values(foreign)) {
    if (field instanceof tf.Tensor && !field.isDisposed) field.dispose();
  }
}
