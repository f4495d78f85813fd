import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { Optimizer, type Params } from "./optimizer.ts";
import { scalar } from "./scalars.ts";
import { averageGrad, decay, type OptimizerOptions, type Stepper } from "./steppers.ts";

export interface LarcOptions extends OptimizerOptions {
  /** Momentum; 0 keeps no average. @defaultValue 0.9 */
  mom?: number;
  /** True takes the smaller of `lr` and the local rate (LARC), false the local rate (LARS). @defaultValue true */
  clip?: boolean;
  /** How far a parameter may move, as a share of its own length. @defaultValue 0.02 */
  trustCoeff?: number;
  /** Added to the denominator of the local rate. @defaultValue 1e-8 */
  eps?: number;
  /** Weight decay. @defaultValue 0 */
  wd?: number;
  /** True decays the weights themselves, false adds L2 to the gradient. @defaultValue true */
  decoupleWd?: boolean;
}

/** A learning rate per parameter, `lr · trustCoeff · ‖p‖ / (‖g‖ + wd · ‖p‖ + eps)`, as a scalar on the device. */
export function larcLayerLr({ clip = true }: { clip?: boolean } = {}): Stepper {
  return {
    name: "larcLayerLr",
    defaults: { trustCoeff: 0.02, wd: 0, eps: 1e-8 },
    step(p, grad, _state, { lr, trustCoeff = 0.02, wd, eps }) {
      const pNorm = tf.norm(p);
      const below = tf.add(tf.add(tf.norm(grad), tf.mul(pNorm, scalar(wd))), scalar(eps));
      const localLr = tf.div(tf.mul(pNorm, scalar(lr * trustCoeff)), below);
      return { localLr: clip ? tf.minimum(localLr, scalar(lr)) : localLr };
    },
  };
}

/** `p − localLr · (m or g)`. */
export const larcStep: Stepper = {
  name: "larcStep",
  step: (p, grad, { gradAvg, localLr }) => ({ p: tf.sub(p, tf.mul(gradAvg ?? grad, localLr as tf.Tensor)) }),
};

/** SGD whose rate follows the length of each parameter. @see You et al. 2017, https://arxiv.org/abs/1708.03888 */
export function larc(params: Params, options: LarcOptions): Optimizer {
  checkOptions("larc", options, {
    lr: true,
    mom: true,
    clip: true,
    trustCoeff: true,
    eps: true,
    wd: true,
    decoupleWd: true,
  });
  const { lr, mom = 0.9, clip = true, trustCoeff = 0.02, eps = 1e-8, wd = 0, decoupleWd = true } = options;
  const averages = mom === 0 ? [] : [averageGrad()];
  return new Optimizer(
    params,
    [decay(decoupleWd), ...averages, larcLayerLr({ clip }), larcStep],
    { lr, mom, trustCoeff, eps, wd },
    { config: { name: "larc", args: { mom, clip, trustCoeff, eps, wd, decoupleWd } } },
  );
}
