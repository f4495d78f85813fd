import * as tf from "@tensorflow/tfjs-core";
import { checkOptions, type KnownOptions } from "../checkOptions.ts";
import { adamScalars, fusedAdam } from "./fusedSteps.ts";
import { Optimizer, type Params } from "./optimizer.ts";
import { scalar } from "./scalars.ts";
import { averageGrad, averageSqrGrad, decay, type OptimizerOptions, type Stepper, stepStat } from "./steppers.ts";

export interface AdamOptions extends OptimizerOptions {
  /** Weight of the past in the average of gradients (beta 1). @defaultValue 0.9 */
  mom?: number;
  /** Weight of the past in the average of squared gradients (beta 2). @defaultValue 0.99 */
  sqrMom?: number;
  /** Added to the denominator, outside the root. @defaultValue 1e-5 */
  eps?: number;
  /** Weight decay. @defaultValue 0.01 */
  wd?: number;
  /** True decays the weights themselves (AdamW), false adds L2 to the gradient. @defaultValue true */
  decoupleWd?: boolean;
}

export const ADAM: KnownOptions<AdamOptions> = {
  ...{ lr: true, mom: true, sqrMom: true, eps: true, wd: true, decoupleWd: true },
};

/**
 * Adam's update, `p − (lr / d1) · m / (√(v / d2) + eps)`, where `d1 = 1 − mom^t` and `d2 = 1 − sqrMom^t`.
 * @see Kingma & Ba 2015, Algorithm 1, https://arxiv.org/abs/1412.6980
 */
export const adamStep: Stepper = {
  name: "adamStep",
  defaults: { eps: 1e-5 },
  step(p, _grad, { step = 1, gradAvg, sqrAvg }, hypers) {
    const { stepSize, eps } = adamScalars(hypers, step); // the end of section 2 there: fewer operations
    const denominator = tf.add(tf.sqrt(sqrAvg!), scalar(eps));
    return { p: tf.sub(p, tf.mul(tf.div(gradAvg!, denominator), scalar(stepSize))) };
  },
};

/** Adam with decoupled weight decay (AdamW). @see Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101 */
export function adam(params: Params, options: AdamOptions): Optimizer {
  checkOptions("adam", options, ADAM);
  const { lr, mom = 0.9, sqrMom = 0.99, eps = 1e-5, wd = 0.01, decoupleWd = true } = options;
  return new Optimizer(
    params,
    [decay(decoupleWd), averageGrad({ dampening: true }), averageSqrGrad(), stepStat, adamStep],
    { lr, mom, sqrMom, eps, wd },
    {
      fused: fusedAdam({ decoupleWd, scalars: adamScalars }),
      config: { name: "adam", args: { mom, sqrMom, eps, wd, decoupleWd } },
    },
  );
}
