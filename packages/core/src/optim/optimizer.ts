import * as tf from "@tensorflow/tfjs-core";
import { OptionError, StateError } from "../errors.ts";
import type { Parameter } from "../nn/parameter.ts";
import { type FusedStep, type FusedStepAttrs, fusedRunner } from "./fused.ts";
import { clipGradNorm, gradNorm, scaleGrads } from "./gradients.ts";
import { type Hypers, type HyperValue, perGroup } from "./hypers.ts";
import { checkState, type OptimizerState, readTensor, toTensor } from "./optimizerState.ts";
import { copy, copyState, isShared, keepClone, ownSlot, replaceState } from "./ownership.ts";
import { sharingScalars } from "./scalars.ts";
import type { OptimizerOptions, ParamState, Stepper } from "./steppers.ts";

const KEPT_ON_CLEAR = ["forceTrain", "doWd"] as const;

/** Parameters to train: one list, or one list per group. */
export type Params = readonly Parameter[] | readonly (readonly Parameter[])[];

/** How to make an optimizer again from a file: a name in the `optimizers` registry and its options. */
export interface OptimizerConfig {
  readonly name: string;
  readonly args: Readonly<Record<string, number | boolean>>;
  /** Set if a `Lookahead` is around it. */
  readonly lookahead?: { readonly k: number; readonly alpha: number };
}

export interface OptimizerExtras {
  /** A faster way to do all of the steppers. */
  fused?: FusedStep | undefined;
  config?: OptimizerConfig | undefined;
}

/**
 * Changes parameters by their gradients: a list of small steppers, run in order for each parameter that is trainable
 * and has a gradient, with hyper-parameters per parameter group.
 */
export class Optimizer {
  readonly paramLists: readonly (readonly Parameter[])[];
  readonly steppers: readonly Stepper[];
  /** One set per group. */
  readonly hypers: Hypers[];
  readonly state: Map<Parameter, ParamState> = new Map();
  /** Gradients for the next step; the optimizer owns them. */
  readonly grads: Map<Parameter, tf.Tensor> = new Map();
  /** Groups before this one are frozen. */
  frozenIdx = 0;
  /** How to make it again, if a registered function made it. */
  readonly config: OptimizerConfig | undefined;
  /** Does all of the steppers at once, on backends that can. */
  readonly fused: FusedStep | undefined;

  /**
   * @param params - one list, or one list per group
   * @param defaults - hyper-parameters that replace those the steppers declare
   * @throws {@link OptionError} if there is no parameter, or one is listed twice
   */
  constructor(
    params: Params,
    steppers: readonly Stepper[],
    defaults: Readonly<Record<string, HyperValue>> = {},
    { fused, config }: OptimizerExtras = {},
  ) {
    this.paramLists = isGrouped(params) ? params : [params];
    this.steppers = steppers;
    this.config = config;
    this.fused = fused;
    checkParams(this.allParams());
    for (const p of this.allParams()) this.state.set(p, {});
    this.hypers = this.paramLists.map(() => ({}) as Hypers);
    this.setHypers({ ...Object.assign({}, ...steppers.map((s) => s.defaults)), ...defaults });
  }

  /** Every parameter, in group order. */
  allParams(): Parameter[] {
    return this.paramLists.flat();
  }

  /** Says whether `param` decays (`doWd`), or trains even when frozen (`forceTrain`). */
  setFlag(param: Parameter, flag: "doWd" | "forceTrain", value: boolean): void {
    const state = this.state.get(param);
    if (state === undefined) {
      throw new OptionError("Optimizer.setFlag", {
        given: "a parameter of another model",
        expected: "one of the parameters that this optimizer was made with",
      });
    }
    state[flag] = value;
  }

  /** Adds to the gradients of the next step. @remarks Takes ownership of the tensors. */
  accumulate(grads: ReadonlyMap<Parameter, tf.Tensor>): void {
    for (const [p, grad] of grads) {
      const old = this.grads.get(p);
      const sum = old === undefined ? grad : tf.add(old, grad);
      this.grads.set(p, tf.keep(sum));
      if (old !== undefined) {
        old.dispose();
        grad.dispose();
      }
    }
  }

  /** Length of all gradients together, scalar; the caller's to free. `normType` is 2 unless set, `Infinity` for the largest. */
  gradNorm(normType = 2): tf.Tensor {
    return gradNorm(this.grads, normType);
  }

  /** Multiplies every gradient by `factor`. */
  scaleGrads(factor: number | tf.Tensor): void {
    scaleGrads(this.grads, factor);
  }

  /** Scales all gradients down together until their length is at most `maxNorm`. */
  clipGradNorm(maxNorm: number, normType = 2): void {
    clipGradNorm(this.grads, maxNorm, normType);
  }

  /** One step for every trainable parameter that has a gradient. Reads nothing back to JS. */
  step(): void {
    sharingScalars(() => {
      const done = this.fused === undefined ? undefined : this.#stepFused(this.fused);
      for (const [i, group] of this.paramLists.entries()) {
        for (const param of group) {
          const grad = this.#gradOf(param);
          if (grad !== undefined && !done?.has(param)) this.#stepOne(param, grad, this.hypers[i]!);
        }
      }
    });
  }

  /** Forgets the gradients. */
  zeroGrad(): void {
    for (const grad of this.grads.values()) grad.dispose();
    this.grads.clear();
  }

  /** Forgets averages and step counts; keeps which parameters decay and which train when frozen. */
  clearState(): void {
    for (const state of this.state.values()) {
      const kept = KEPT_ON_CLEAR.filter((k) => state[k] !== undefined).map((k) => [k, state[k]]);
      replaceState(state, Object.fromEntries(kept));
    }
  }

  /** Sets one hyper-parameter in all groups. @throws {@link OptionError} if a list does not have one entry per group */
  setHyper(name: string, value: HyperValue): void {
    const values = perGroup(name, value, this.paramLists.length);
    for (const [i, hypers] of this.hypers.entries()) hypers[name] = values[i]!;
  }

  /** Sets several hyper-parameters. */
  setHypers(values: Readonly<Record<string, HyperValue>>): void {
    for (const [name, value] of Object.entries(values)) this.setHyper(name, value);
  }

  /**
   * Trains groups from `n` on, and in earlier groups only parameters whose state says `forceTrain`; a negative `n`
   * counts from the end. From the group count on, everything is frozen, with a warning.
   */
  freezeTo(n: number): void {
    const groups = this.paramLists.length;
    this.frozenIdx = Math.max(0, n >= 0 ? n : groups + n);
    if (this.frozenIdx >= groups) {
      console.warn(`freezeTo(${n}): the model has ${groups} parameter group(s), so all of it is frozen.`);
    }
    for (const [i, group] of this.paramLists.entries()) {
      for (const p of group) p.requiresGrad = i >= this.frozenIdx || this.state.get(p)?.forceTrain === true;
    }
  }

  /** Trains the last group only. @throws {@link StateError} if there is only one */
  freeze(): void {
    if (this.paramLists.length < 2) {
      throw new StateError("Optimizer.freeze", {
        given: "a model with one parameter group",
        expected: "at least two groups, so that the last can train while the others rest",
        fix: "give the Learner a `splitter` that splits the model into groups",
      });
    }
    this.freezeTo(-1);
  }

  /** Trains every group. */
  unfreeze(): void {
    this.freezeTo(0);
  }

  /** Everything that a later run needs to go on exactly where this one is, as plain values. */
  async stateDict(): Promise<OptimizerState> {
    // Clones first: a step may free the tensors while the values are on their way.
    const rows = this.allParams().map((p) =>
      Object.entries(this.state.get(p)!).map(([k, v]) => [k, v instanceof tf.Tensor ? keepClone(v) : v] as const),
    );
    const hypers = this.hypers.map((h) => ({ ...h }));
    const { frozenIdx } = this;
    const state = await Promise.all(
      rows.map(async (row) => {
        const entries = row.map(async ([k, v]) => [k, v instanceof tf.Tensor ? await readTensor(v) : v] as const);
        return Object.fromEntries(await Promise.all(entries)) as OptimizerState["state"][number];
      }),
    );
    return { hypers, state, frozenIdx };
  }

  /**
   * Goes on from a saved state. Await it: an {@link OptimWrapper} needs a moment.
   * @throws {@link OptionError} if the number of groups or parameters differs
   * @throws {@link ShapeError} if an average does not fit its parameter; nothing has changed then
   */
  loadStateDict(saved: OptimizerState): void | Promise<void> {
    const params = this.allParams();
    checkState(saved, this.paramLists.length, params);
    for (const [i, p] of params.entries()) {
      const entries = Object.entries(saved.state[i]!).map(([k, v]) => [k, typeof v === "object" ? toTensor(v) : v]);
      replaceState(this.state.get(p)!, Object.fromEntries(entries));
    }
    for (const [i, hypers] of saved.hypers.entries()) this.hypers[i] = { ...hypers };
    if (saved.frozenIdx !== this.frozenIdx) this.freezeTo(saved.frozenIdx);
  }

  /**
   * Keeps a copy of the state on the device.
   * @returns a function that goes back to it; call it once, it also frees the copy
   */
  remember(): () => void {
    const rows = [...this.state].map(([p, state]) => [p, copyState(state)] as const);
    const hypers = this.hypers.map((h) => ({ ...h }));
    return () => {
      for (const [p, saved] of rows) replaceState(this.state.get(p)!, saved);
      for (const [i, saved] of hypers.entries()) this.hypers[i] = saved;
    };
  }

  /** Frees gradients and state; the parameters belong to the model. */
  dispose(): void {
    this.zeroGrad();
    for (const state of this.state.values()) replaceState(state, {});
  }

  #gradOf(param: Parameter): tf.Tensor | undefined {
    return param.requiresGrad ? this.grads.get(param) : undefined;
  }

  #stepOne(param: Parameter, grad: tf.Tensor, hypers: Hypers): void {
    const state = this.state.get(param)!;
    const next: ParamState = { ...state };
    const value = tf.tidy(() => {
      let p: tf.Tensor = param.value;
      let g = grad;
      for (const stepper of this.steppers) {
        const { p: newP, grad: newGrad, ...changes } = stepper.step(p, g, next, hypers);
        p = newP ?? p;
        g = newGrad ?? g;
        Object.assign(next, changes);
      }
      for (const [k, v] of Object.entries(next)) {
        if (v instanceof tf.Tensor && v !== state[k]) next[k] = tf.keep(v === grad || v === p ? tf.clone(v) : v);
      }
      return p;
    });
    if (value !== param.value) param.assign(value);
    replaceState(state, next);
  }

  /** Steps what can be done in one go, and says which parameters those were. */
  #stepFused(fused: FusedStep): ReadonlySet<Parameter> | undefined {
    const runner = fusedRunner(fused);
    if (runner === undefined) return undefined;
    const attrs: FusedStepAttrs = { params: [], grads: [], slots: [], scalars: [] };
    const done = new Set<Parameter>();
    for (const [i, group] of this.paramLists.entries()) {
      for (const param of group) {
        const grad = param.size <= runner.limit ? this.#gradOf(param) : undefined;
        const state = this.state.get(param)!;
        const plan = grad === undefined ? undefined : fused.plan(state, this.hypers[i]!);
        if (grad === undefined || plan === undefined) continue;
        if (isShared(param.value)) param.assign(copy(param.value));
        attrs.params.push(param.value);
        attrs.grads.push(grad);
        attrs.slots.push(fused.slots.map((name) => ownSlot(state, name, param)));
        attrs.scalars.push(plan.scalars);
        if (plan.step !== undefined) state.step = plan.step;
        done.add(param);
      }
    }
    if (done.size > 0) runner.run(attrs);
    return done;
  }
}

function isGrouped(params: Params): params is readonly (readonly Parameter[])[] {
  return Array.isArray(params[0]);
}

function checkParams(params: readonly Parameter[]): void {
  const twice = new Set(params).size !== params.length;
  if (params.length > 0 && !twice) return;
  throw new OptionError("Optimizer", {
    given: twice ? "a parameter that is listed twice" : "no parameters",
    expected: "each parameter of the model once",
    fix: twice
      ? "make the groups of your `splitter` disjoint"
      : "pass `model.parameters()`, or lists of them as groups",
  });
}

/** Makes an optimizer for groups of parameters; what a Learner takes as `optFunc`. */
export type OptFunc = (params: readonly (readonly Parameter[])[], options: OptimizerOptions) => Optimizer;
