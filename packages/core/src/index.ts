// What a training script needs; layers, losses, metrics, optimizers and tensors have doors of their own:
// @layerwise/core/nn, /losses, /metrics, /optim, /tensor, /learner, /files, /testing.
export { backendInfo, useBackend } from "./backend/index.ts";
export { checkOptions, type KnownOptions } from "./checkOptions.ts";
export { checkWhole } from "./checkWhole.ts";
export {
  DataError,
  type ErrorDetails,
  FileFormatError,
  fmtShape,
  LayerwiseError,
  OptionError,
  ShapeError,
  StateError,
} from "./errors.ts";
export {
  Callback,
  CancelBatchError,
  CancelEpochError,
  CancelFitError,
  CheckpointCallback,
  ClassificationInterpretation,
  defaults,
  Interpretation,
  Learner,
  loadLearner,
  ProgressCallback,
  Recorder,
  SegmentationInterpretation,
} from "./learner/index.ts";
export {
  Rng,
  type RngState,
  randomState,
  rng,
  type SetSeedOptions,
  setRandomState,
  setSeed,
  withNoRandom,
} from "./random.ts";
export { Registry } from "./registry.ts";
