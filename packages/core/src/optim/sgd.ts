import { checkOptions } from "../checkOptions.ts";
import { fusedSgd } from "./fusedSteps.ts";
import { Optimizer, type Params } from "./optimizer.ts";
import { averageGrad, decay, momentumStep, type OptimizerOptions, sgdStep } from "./steppers.ts";

export interface SgdOptions extends OptimizerOptions {
  /** Momentum; 0 keeps no average at all. @defaultValue 0 */
  mom?: number;
  /** Weight decay. @defaultValue 0 */
  wd?: number;
  /** True decays the weights themselves, false adds L2 to the gradient. @defaultValue true */
  decoupleWd?: boolean;
}

/** Stochastic gradient descent, `p − lr · m`, with undamped momentum `m ← mom · m + g`. */
export function sgd(params: Params, options: SgdOptions): Optimizer {
  checkOptions("sgd", options, { lr: true, mom: true, wd: true, decoupleWd: true });
  const { lr, mom = 0, wd = 0, decoupleWd = true } = options;
  const hasMom = mom !== 0;
  const steppers = hasMom ? [decay(decoupleWd), averageGrad(), momentumStep] : [decay(decoupleWd), sgdStep];
  return new Optimizer(
    params,
    steppers,
    { lr, mom, wd },
    { fused: fusedSgd({ decoupleWd, hasMom }), config: { name: "sgd", args: { mom, wd, decoupleWd } } },
  );
}
