import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { Optimizer, type Params } from "./optimizer.ts";
import { scalar } from "./scalars.ts";
import { averageGrad, averageSqrGrad, decay, type OptimizerOptions, type Stepper } from "./steppers.ts";

export interface RmsPropOptions extends OptimizerOptions {
  /** Momentum; 0 keeps no average of gradients. @defaultValue 0 */
  mom?: number;
  /** Weight of the past in the average of squared gradients. @defaultValue 0.99 */
  sqrMom?: number;
  /** Added to the denominator, outside the root. @defaultValue 1e-8 */
  eps?: number;
  /** Weight decay. @defaultValue 0 */
  wd?: number;
  /** True decays the weights themselves, false adds L2 to the gradient. @defaultValue true */
  decoupleWd?: boolean;
}

/** `p − lr · (m or g) / (√v + eps)`. */
export const rmsPropStep: Stepper = {
  name: "rmsPropStep",
  defaults: { eps: 1e-8 },
  step(p, grad, { gradAvg, sqrAvg }, { lr, eps }) {
    const direction = tf.div(gradAvg ?? grad, tf.add(tf.sqrt(sqrAvg!), scalar(eps)));
    return { p: tf.sub(p, tf.mul(direction, scalar(lr))) };
  },
};

/** RMSProp, with undamped momentum. @see Hinton 2012, lecture 6e of Neural Networks for Machine Learning */
export function rmsProp(params: Params, options: RmsPropOptions): Optimizer {
  checkOptions("rmsProp", options, { lr: true, mom: true, sqrMom: true, eps: true, wd: true, decoupleWd: true });
  const { lr, mom = 0, sqrMom = 0.99, eps = 1e-8, wd = 0, decoupleWd = true } = options;
  const averages = mom === 0 ? [averageSqrGrad()] : [averageGrad(), averageSqrGrad()];
  return new Optimizer(
    params,
    [decay(decoupleWd), ...averages, rmsPropStep],
    { lr, mom, sqrMom, eps, wd },
    { config: { name: "rmsProp", args: { mom, sqrMom, eps, wd, decoupleWd } } },
  );
}
