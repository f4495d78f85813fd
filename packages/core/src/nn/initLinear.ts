import { type InitFunc, normalInit, type WeightedModule, zerosInit } from "./init.ts";
import type { AnyModule } from "./module.ts";

export interface InitLinearOptions {
  /** "auto" asks the activation that follows; null leaves the weight as it is. @defaultValue "auto" */
  init?: InitFunc | "auto" | null;
  /** Spread of the biases; 0 zeroes them, null leaves them. @defaultValue 0.01 */
  biasStd?: number | null;
}

/** Draws the weights of a layer that `act` follows. An activation class says how in its static `defaultInit`. */
export function initLinear(
  layer: WeightedModule,
  act: AnyModule | null = null,
  { init = "auto", biasStd = 0.01 }: InitLinearOptions = {},
): void {
  const { weight, bias } = layer;
  if (bias && biasStd !== null) {
    if (biasStd === 0) zerosInit(bias);
    else normalInit(bias, 0, biasStd);
  }
  const func = init === "auto" ? (act?.constructor as { defaultInit?: InitFunc } | undefined)?.defaultInit : init;
  if (weight && func) func(weight);
}
