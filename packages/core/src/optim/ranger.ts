import { checkOptions } from "../checkOptions.ts";
import { ADAM } from "./adam.ts";
import { Lookahead, type LookaheadOptions } from "./lookahead.ts";
import type { Params } from "./optimizer.ts";
import { type RAdamOptions, rAdam } from "./rAdam.ts";

/** As RAdam's and Lookahead's, but `mom` is 0.95, `wd` 0.01 and `eps` 1e-6 unless set. */
export interface RangerOptions extends RAdamOptions, LookaheadOptions {}

/** Rectified Adam with Lookahead around it; with `fitFlatCos`, a good default for long fits. */
export function ranger(params: Params, options: RangerOptions): Lookahead {
  checkOptions("ranger", options, { ...ADAM, beta: true, k: true, alpha: true });
  const { mom = 0.95, wd = 0.01, eps = 1e-6, k = 6, alpha = 0.5, ...others } = options;
  return new Lookahead(rAdam(params, { mom, wd, eps, ...others }), { k, alpha });
}
