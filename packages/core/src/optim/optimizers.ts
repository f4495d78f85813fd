import { Registry } from "../registry.ts";
import { adam } from "./adam.ts";
import { lamb } from "./lamb.ts";
import { larc } from "./larc.ts";
import { Lookahead } from "./lookahead.ts";
import type { OptFunc, OptimizerConfig } from "./optimizer.ts";
import { qhAdam } from "./qhAdam.ts";
import { rAdam } from "./rAdam.ts";
import { ranger } from "./ranger.ts";
import { rmsProp } from "./rmsProp.ts";
import { sgd } from "./sgd.ts";

/** Optimizers by name, for files that say how to go on training. */
export const optimizers: Registry<OptFunc> = new Registry("optimizer");

for (const [name, optimizer] of Object.entries({ sgd, rmsProp, adam, rAdam, qhAdam, larc, lamb, ranger })) {
  optimizers.add(name, optimizer);
}

/**
 * The `optFunc` that a saved config describes; options given to it win over those in the config.
 * @throws {@link OptionError} if no optimizer of that name is registered
 */
export function optFuncFromConfig({ name, args, lookahead }: OptimizerConfig): OptFunc {
  const make = optimizers.get(name);
  return (params, options) => {
    const optimizer = make(params, { ...args, ...options });
    return lookahead === undefined ? optimizer : new Lookahead(optimizer, lookahead);
  };
}
