export {
  applyLoss,
  BaseLoss,
  type LossConfig,
  type LossFunc,
  type LossFunction,
  type LossOptions,
  withNoneReduce,
} from "./baseLoss.ts";
export { BCELossFlat, BCEWithLogitsLossFlat, type BCEWithLogitsOptions } from "./binaryCrossEntropy.ts";
export { type CheckTargetsOptions, checkTargets } from "./checkTargets.ts";
export { ClassLoss, type ClassLossOptions } from "./classLoss.ts";
export { CombinedLoss, type CombinedLossOptions } from "./combined.ts";
export { CrossEntropyLossFlat, type CrossEntropyOptions } from "./crossEntropy.ts";
export { DiceLoss, type DiceLossOptions } from "./dice.ts";
export { ElementwiseLoss, type ElementwiseLossOptions } from "./elementwiseLoss.ts";
export { FocalLoss, FocalLossFlat, type FocalLossOptions } from "./focal.ts";
export {
  LabelSmoothingCrossEntropy,
  LabelSmoothingCrossEntropyFlat,
  type LabelSmoothingOptions,
} from "./labelSmoothing.ts";
export { type LossBuilder, lossFromConfig, lossRegistry } from "./lossRegistry.ts";
export { type Reduction, reduceLoss } from "./reduction.ts";
export { L1LossFlat, MSELossFlat } from "./regression.ts";
