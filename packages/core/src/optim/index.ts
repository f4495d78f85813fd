export { type AdamOptions, adam, adamStep } from "./adam.ts";
export type { FusedArrays, FusedPlan, FusedStep, FusedStepAttrs } from "./fused.ts";
export { clipGradNorm, gradNorm, scaleGrads } from "./gradients.ts";
export { evenMults, type Hypers, type HyperValue, LrSlice, type LrValue, lrSlice } from "./hypers.ts";
export { type LambOptions, lamb, lambStep } from "./lamb.ts";
export { type LarcOptions, larc, larcLayerLr, larcStep } from "./larc.ts";
export { Lookahead, type LookaheadOptions, lookahead } from "./lookahead.ts";
export { type OptFunc, Optimizer, type OptimizerConfig, type OptimizerExtras, type Params } from "./optimizer.ts";
export type { OptimizerState, TensorState } from "./optimizerState.ts";
export { optFuncFromConfig, optimizers } from "./optimizers.ts";
export { OptimWrapper } from "./optimWrapper.ts";
export { type QhAdamOptions, qhAdam, qhAdamStep } from "./qhAdam.ts";
export { type RAdamOptions, rAdam, rAdamStep } from "./rAdam.ts";
export { type RangerOptions, ranger } from "./ranger.ts";
export { type RmsPropOptions, rmsProp, rmsPropStep } from "./rmsProp.ts";
export {
  annealer,
  combinedCos,
  combineScheds,
  type Schedule,
  type ScheduleEnd,
  type ScheduleFactory,
  schedCos,
  schedExp,
  schedLin,
  schedNo,
  schedPoly,
} from "./schedules.ts";
export { type SgdOptions, sgd } from "./sgd.ts";
export {
  averageGrad,
  averageSqrGrad,
  debias,
  decay,
  l2Reg,
  momentumStep,
  type OptimizerOptions,
  type ParamState,
  type Stepper,
  type StepResult,
  sgdStep,
  stepStat,
  weightDecay,
} from "./steppers.ts";
