import { ReLU } from "./activations.ts";
import type { AnyModule } from "./module.ts";

/** A class of activations that needs no arguments; null for none. */
export type ActClass = (new () => AnyModule) | null;

/** Settings that new layers start from. Change them to change every layer made afterwards. */
export interface NnDefaults {
  /** Activation of convolution blocks. @defaultValue ReLU */
  activation: ActClass;
}

export const nnDefaults: NnDefaults = { activation: ReLU };
