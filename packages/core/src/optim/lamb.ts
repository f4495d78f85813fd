import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { ADAM, type AdamOptions } from "./adam.ts";
import { adamScalars } from "./fusedSteps.ts";
import { Optimizer, type Params } from "./optimizer.ts";
import { scalar } from "./scalars.ts";
import { averageGrad, averageSqrGrad, decay, type Stepper, stepStat } from "./steppers.ts";

/** As Adam's, but `wd` is 0 unless set. */
export type LambOptions = AdamOptions;

/** Adam's step `u`, scaled by `rms(p) / rms(u)`, at most 10; by 1 if either is 0. */
export const lambStep: Stepper = {
  name: "lambStep",
  defaults: { eps: 1e-5 },
  step(p, _grad, { step = 1, gradAvg, sqrAvg }, hypers) {
    const { stepSize, eps } = adamScalars({ ...hypers, lr: 1 }, step);
    const u = tf.mul(tf.div(gradAvg!, tf.add(tf.sqrt(sqrAvg!), scalar(eps))), scalar(stepSize));
    const [r1, r2] = [rms(p), rms(u)];
    const known = tf.logicalAnd(tf.greater(r1, scalar(0)), tf.greater(r2, scalar(0)));
    const q = tf.where(known, tf.minimum(tf.divNoNan(r1, r2), scalar(10)), scalar(1));
    return { p: tf.sub(p, tf.mul(u, tf.mul(q, scalar(hypers.lr)))) };
  },
};

/** Adam with a trust ratio per parameter, for large batches. @see You et al. 2020, https://arxiv.org/abs/1904.00962 */
export function lamb(params: Params, options: LambOptions): Optimizer {
  checkOptions("lamb", options, ADAM);
  const { lr, mom = 0.9, sqrMom = 0.99, eps = 1e-5, wd = 0, decoupleWd = true } = options;
  return new Optimizer(
    params,
    [decay(decoupleWd), averageGrad({ dampening: true }), averageSqrGrad(), stepStat, lambStep],
    { lr, mom, sqrMom, eps, wd },
    { config: { name: "lamb", args: { mom, sqrMom, eps, wd, decoupleWd } } },
  );
}

function rms(x: tf.Tensor): tf.Tensor {
  return tf.sqrt(tf.mean(tf.square(x)));
}
