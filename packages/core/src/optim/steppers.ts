import * as tf from "@tensorflow/tfjs-core";
import type { Hypers, LrValue } from "./hypers.ts";
import { scalar } from "./scalars.ts";

/** What an optimizer remembers about one parameter from step to step. */
export interface ParamState {
  gradAvg?: tf.Tensor;
  sqrAvg?: tf.Tensor;
  /** Steps done so far. */
  step?: number;
  /** False keeps weight decay away from it (norms, biases). Survives `clearState`. */
  doWd?: boolean;
  /** True trains it even in a frozen group (norms). Survives `clearState`. */
  forceTrain?: boolean;
  [name: string]: tf.Tensor | number | boolean | undefined;
}

/** What a stepper changed: the parameter, its gradient (for the steppers after it), and entries of its state. */
export interface StepResult {
  p?: tf.Tensor;
  grad?: tf.Tensor;
  [stateName: string]: tf.Tensor | number | boolean | undefined;
}

/**
 * One small part of an optimizer's step, for one parameter. Pure: it returns new tensors and leaves its arguments
 * alone; `Optimizer.step` assigns and frees.
 */
export interface Stepper {
  readonly name: string;
  /** Hyper-parameters it needs, with their values unless the optimizer sets others. */
  readonly defaults?: Readonly<Partial<Hypers>>;
  step(p: tf.Tensor, grad: tf.Tensor, state: Readonly<ParamState>, hypers: Readonly<Hypers>): StepResult;
}

/** What every optimizer takes. */
export interface OptimizerOptions {
  /** Learning rate: one number, one per parameter group, or `lrSlice(start, stop)`. */
  lr: LrValue;
}

/** Decay of the weights themselves (AdamW), `p · (1 − lr · wd)`; always the first stepper. */
export const weightDecay: Stepper = {
  name: "weightDecay",
  defaults: { wd: 0 },
  step: (p, _grad, { doWd = true }, { lr, wd }) => (doWd && wd !== 0 ? { p: tf.mul(p, scalar(1 - lr * wd)) } : {}),
};

/** L2 regularization: adds `wd · p` to the gradient. */
export const l2Reg: Stepper = {
  name: "l2Reg",
  defaults: { wd: 0 },
  step: (p, grad, { doWd = true }, { wd }) => (doWd && wd !== 0 ? { grad: tf.add(grad, tf.mul(p, scalar(wd))) } : {}),
};

/** The one of the two that `decoupleWd` asks for. */
export function decay(decoupleWd: boolean): Stepper {
  return decoupleWd ? weightDecay : l2Reg;
}

/** `p − lr · grad`. */
export const sgdStep: Stepper = {
  name: "sgdStep",
  step: (p, grad, _state, { lr }) => ({ p: tf.sub(p, tf.mul(grad, scalar(lr))) }),
};

/** Running average of gradients, `mom · gradAvg + d · grad`, where `d` is 1, or `1 − mom` if dampened. */
export function averageGrad({ dampening = false }: { dampening?: boolean } = {}): Stepper {
  return {
    name: "averageGrad",
    defaults: { mom: 0.9 },
    step(_p, grad, { gradAvg }, { mom }) {
      const fresh = dampening ? tf.mul(grad, scalar(1 - mom)) : grad;
      return { gradAvg: gradAvg === undefined ? fresh : tf.add(tf.mul(gradAvg, scalar(mom)), fresh) };
    },
  };
}

/** Running average of squared gradients, `sqrMom · sqrAvg + d · grad²`, where `d` is `1 − sqrMom` if dampened, else 1. */
export function averageSqrGrad({ dampening = true }: { dampening?: boolean } = {}): Stepper {
  return {
    name: "averageSqrGrad",
    defaults: { sqrMom: 0.99 },
    step(_p, grad, { sqrAvg }, { sqrMom }) {
      const square = tf.square(grad);
      const fresh = dampening ? tf.mul(square, scalar(1 - sqrMom)) : square;
      return { sqrAvg: sqrAvg === undefined ? fresh : tf.add(tf.mul(sqrAvg, scalar(sqrMom)), fresh) };
    },
  };
}

/** `p − lr · gradAvg`. */
export const momentumStep: Stepper = {
  name: "momentumStep",
  step: (p, _grad, { gradAvg }, { lr }) => ({ p: tf.sub(p, tf.mul(gradAvg!, scalar(lr))) }),
};

/** Counts the steps of each parameter. */
export const stepStat: Stepper = {
  name: "stepStat",
  step: (_p, _grad, { step = 0 }) => ({ step: step + 1 }),
};

/** How far an average that started at zero has come after `step` steps; uses today's `mom`, even if scheduled. */
export function debias(mom: number, damp: number, step: number): number {
  return mom === 1 ? damp * step : (damp * (1 - mom ** step)) / (1 - mom);
}
