import { normBiasParams } from "../nn/index.ts";
import type { HyperValue, OptFunc, Optimizer } from "../optim/index.ts";
import { defaults } from "./defaults.ts";
import type { Learner } from "./learner.ts";

/**
 * Builds the optimizer over the model's parameter groups; a freeze that was in force stays. An `optFunc` that sets a
 * rate of its own decides: `learn.lr` becomes that rate.
 */
export function createOpt(learn: Learner): Optimizer {
  const frozenIdx = learn.opt?.frozenIdx ?? 0;
  learn.opt?.dispose();
  const { model, optFunc, splitter } = learn;
  const groups = splitter(model);
  const given = typeof learn.lr === "number" ? learn.lr : defaults.lr;
  const opt = optFunc(groups, { lr: given });
  learn.lr = ownRate(optFunc, groups, opt, given) ?? learn.lr;
  if (!learn.wdBnBias) for (const p of normBiasParams(model, true)) opt.setFlag(p, "doWd", false);
  if (learn.trainBn) for (const p of normBiasParams(model, false)) opt.setFlag(p, "forceTrain", true);
  opt.setHyper("lr", learn.lr);
  if (frozenIdx !== 0) opt.freezeTo(frozenIdx);
  learn.opt = opt;
  return opt;
}

/** The rate that `optFunc` has whatever it is given, `undefined` if it uses what it is given. */
function ownRate(
  optFunc: OptFunc,
  groups: Parameters<OptFunc>[0],
  opt: Optimizer,
  given: number,
): HyperValue | undefined {
  const rates = ratesOf(opt);
  if (rates.every((rate) => rate === given)) return undefined;
  const other = optFunc(groups, { lr: 2 * given });
  const isFixed = ratesOf(other).every((rate, i) => rate === rates[i]);
  if (other !== opt) other.dispose();
  if (!isFixed) return undefined;
  return rates.every((rate) => rate === rates[0]) ? rates[0] : rates;
}

function ratesOf(opt: Optimizer): number[] {
  return opt.hypers.map(({ lr }) => lr);
}
