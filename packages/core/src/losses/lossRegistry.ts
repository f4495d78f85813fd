import { FileFormatError } from "../errors.ts";
import { Registry } from "../registry.ts";
import type { BaseLoss, LossConfig } from "./baseLoss.ts";
import { BCELossFlat, BCEWithLogitsLossFlat } from "./binaryCrossEntropy.ts";
import { CombinedLoss } from "./combined.ts";
import { CrossEntropyLossFlat } from "./crossEntropy.ts";
import { DiceLoss } from "./dice.ts";
import { FocalLoss, FocalLossFlat } from "./focal.ts";
import { LabelSmoothingCrossEntropy, LabelSmoothingCrossEntropyFlat } from "./labelSmoothing.ts";
import { L1LossFlat, MSELossFlat } from "./regression.ts";

/** Builds a loss from the `args` of its config. */
export type LossBuilder = (args: LossConfig["args"]) => BaseLoss;

/** Losses by name, for exported learners. Add your own: `lossRegistry.add("MyLoss", (args) => new MyLoss(args))`. */
export const lossRegistry: Registry<LossBuilder> = new Registry<LossBuilder>("loss");

const ours = {
  BCELossFlat,
  BCEWithLogitsLossFlat,
  CombinedLoss,
  CrossEntropyLossFlat,
  DiceLoss,
  FocalLoss,
  FocalLossFlat,
  L1LossFlat,
  LabelSmoothingCrossEntropy,
  LabelSmoothingCrossEntropyFlat,
  MSELossFlat,
};
for (const [name, Loss] of Object.entries(ours)) lossRegistry.add(name, (args) => new Loss(args));

/**
 * Builds the loss that `toConfig` described.
 * @throws {@link FileFormatError} for something that is no config, {@link OptionError} for an unknown name
 */
export function lossFromConfig(config: LossConfig): BaseLoss {
  const { name, args = {} } = config ?? {};
  if (typeof name !== "string" || typeof args !== "object" || args === null || Array.isArray(args)) {
    throw new FileFormatError("lossFromConfig", {
      given: JSON.stringify(config)?.slice(0, 80) ?? "nothing",
      expected: 'a loss as data: { name: "CrossEntropyLossFlat", args: {} }',
    });
  }
  return lossRegistry.get(name)(args);
}
