export {
  applyLoss,
  BaseLoss,
  type LossConfig,
  type LossFunc,
  type LossFunction,
  type LossOptions,
  withNoneReduce,
} from "./baseLoss.ts";
export { type CheckTargetsOptions, checkTargets } from "./checkTargets.ts";
export { ClassLoss, type ClassLossOptions } from "./classLoss.ts";
export { CrossEntropyLossFlat, type CrossEntropyOptions } from "./crossEntropy.ts";
export { type Reduction, reduceLoss } from "./reduction.ts";
