import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { ADAM, type AdamOptions } from "./adam.ts";
import { type AdamScalars, adamScalars, fusedAdam } from "./fusedSteps.ts";
import type { Hypers } from "./hypers.ts";
import { Optimizer, type Params } from "./optimizer.ts";
import { scalar } from "./scalars.ts";
import { averageGrad, averageSqrGrad, debias, decay, type Stepper, stepStat } from "./steppers.ts";

/** As Adam's, but `wd` is 0 unless set. */
export interface RAdamOptions extends AdamOptions {
  /** Above 0, the denominator goes through a softplus of this sharpness (SAdam). @defaultValue 0 */
  beta?: number;
}

/**
 * How far the second moment can be trusted at `step`: the factor on the step size, or undefined while its variance
 * is still unbounded (`r <= 5`; with `sqrMom` 0.99 that is up to step 5).
 */
export function rectification(sqrMom: number, step: number): number | undefined {
  const rInf = 2 / (1 - sqrMom) - 1;
  const r = rInf - (2 * step * sqrMom ** step) / (1 - sqrMom ** step);
  if (r <= 5) return undefined;
  return Math.sqrt(((r - 4) * (r - 2) * rInf) / ((rInf - 4) * (rInf - 2) * r));
}

/** Adam's two numbers with the rectification in them. */
function rAdamScalars(hypers: Readonly<Hypers>, step: number): AdamScalars {
  const factor = rectification(hypers.sqrMom, step);
  if (factor === undefined) {
    return { stepSize: hypers.lr / debias(hypers.mom, 1 - hypers.mom, step), eps: 1, adapts: 0 };
  }
  const { stepSize, eps } = adamScalars(hypers, step);
  return { stepSize: stepSize * factor, eps, adapts: 1 };
}

/** Adam's update times the rectification; plain momentum until there is one. @see Liu et al. 2020, Algorithm 2 */
export const rAdamStep: Stepper = {
  name: "rAdamStep",
  defaults: { eps: 1e-5, beta: 0 },
  step(p, _grad, { step = 1, gradAvg, sqrAvg }, hypers) {
    const { stepSize, eps, adapts } = rAdamScalars(hypers, step);
    const { beta = 0, sqrMom, eps: plainEps } = hypers;
    if (adapts === 0) return { p: tf.sub(p, tf.mul(gradAvg!, scalar(stepSize))) };
    if (beta === 0) {
      const denominator = tf.add(tf.sqrt(sqrAvg!), scalar(eps));
      return { p: tf.sub(p, tf.mul(tf.div(gradAvg!, denominator), scalar(stepSize))) };
    }
    const root = Math.sqrt(debias(sqrMom, 1 - sqrMom, step));
    const sharp = tf.mul(tf.add(tf.mul(tf.sqrt(sqrAvg!), scalar(1 / root)), scalar(plainEps)), scalar(beta));
    const denominator = tf.mul(tf.softplus(sharp), scalar(1 / beta));
    return { p: tf.sub(p, tf.mul(tf.div(gradAvg!, denominator), scalar(stepSize / root))) };
  },
};

/** Rectified Adam, with decoupled weight decay. @see Liu et al. 2020, https://arxiv.org/abs/1908.03265 */
export function rAdam(params: Params, options: RAdamOptions): Optimizer {
  checkOptions("rAdam", options, { ...ADAM, beta: true });
  const { lr, mom = 0.9, sqrMom = 0.99, eps = 1e-5, wd = 0, beta = 0, decoupleWd = true } = options;
  const scalars = (hypers: Readonly<Hypers>, step: number) =>
    hypers.beta === 0 ? rAdamScalars(hypers, step) : undefined;
  return new Optimizer(
    params,
    [decay(decoupleWd), averageGrad({ dampening: true }), averageSqrGrad(), stepStat, rAdamStep],
    { lr, mom, sqrMom, eps, wd, beta },
    {
      fused: fusedAdam({ decoupleWd, scalars }),
      config: { name: "rAdam", args: { mom, sqrMom, eps, wd, beta, decoupleWd } },
    },
  );
}
