import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { ADAM, type AdamOptions } from "./adam.ts";
import { Optimizer, type Params } from "./optimizer.ts";
import { scalar } from "./scalars.ts";
import { averageGrad, averageSqrGrad, debias, decay, type Stepper, stepStat } from "./steppers.ts";

/** As Adam's, but `mom` and `sqrMom` are 0.999, `eps` is 1e-8 and `wd` is 0 unless set. */
export interface QhAdamOptions extends AdamOptions {
  /** Share of the average in the numerator; the rest is today's gradient. @defaultValue 0.7 */
  nu1?: number;
  /** Share of the average in the denominator; the rest is today's squared gradient. @defaultValue 1 */
  nu2?: number;
}

/** `p − lr · ((1 − nu1) · g + nu1 · m̂) / (√((1 − nu2) · g² + nu2 · v̂) + eps)`. */
export const qhAdamStep: Stepper = {
  name: "qhAdamStep",
  defaults: { eps: 1e-8, nu1: 0.7, nu2: 1 },
  step(p, grad, { step = 1, gradAvg, sqrAvg }, { lr, mom, sqrMom, eps, nu1 = 0.7, nu2 = 1 }) {
    const d1 = debias(mom, 1 - mom, step);
    const d2 = debias(sqrMom, 1 - sqrMom, step);
    const mean = mix(grad, 1 - nu1, gradAvg!, nu1 / d1);
    const square = nu2 === 1 ? tf.mul(sqrAvg!, scalar(1 / d2)) : mix(tf.square(grad), 1 - nu2, sqrAvg!, nu2 / d2);
    return { p: tf.sub(p, tf.mul(tf.div(mean, tf.add(tf.sqrt(square), scalar(eps))), scalar(lr))) };
  },
};

/** Quasi-hyperbolic Adam, with decoupled weight decay. @see Ma & Yarats 2019, https://arxiv.org/abs/1810.06801 */
export function qhAdam(params: Params, options: QhAdamOptions): Optimizer {
  checkOptions("qhAdam", options, { ...ADAM, nu1: true, nu2: true });
  const { lr, mom = 0.999, sqrMom = 0.999, nu1 = 0.7, nu2 = 1, eps = 1e-8, wd = 0, decoupleWd = true } = options;
  return new Optimizer(
    params,
    [decay(decoupleWd), averageGrad({ dampening: true }), averageSqrGrad(), stepStat, qhAdamStep],
    { lr, mom, sqrMom, nu1, nu2, eps, wd },
    { config: { name: "qhAdam", args: { mom, sqrMom, nu1, nu2, eps, wd, decoupleWd } } },
  );
}

function mix(a: tf.Tensor, weightA: number, b: tf.Tensor, weightB: number): tf.Tensor {
  return tf.add(tf.mul(a, scalar(weightA)), tf.mul(b, scalar(weightB)));
}
