export {
  type Attribution,
  AttributionInterpretation,
  type AttributionOptions,
  type PlotAttributionOptions,
} from "./attributionInterpretation.ts";
export { Callback, CallbackError, type CallbackHandlers } from "./callback.ts";
export type { CallbackLike } from "./callbackList.ts";
export { addCallback, type CallbackRow, callbackRegistry } from "./callbackRegistry.ts";
export { CheckpointCallback, type CheckpointOptions, writeCheckpoint } from "./checkpoint.ts";
export {
  ClassificationInterpretation,
  type ClassificationReport,
  type ClassScores,
  type Confusion,
  type ConfusionMatrixOptions,
} from "./classificationInterpretation.ts";
export type {
  Batch,
  DataSource,
  DataSourceChanges,
  DataSources,
  DecodedSample,
  JsonValue,
  PassStart,
  ShowOptions,
  TestDlOptions,
  Vocab,
} from "./dataSource.ts";
export { type Defaults, defaults } from "./defaults.ts";
export {
  CancelBackwardError,
  CancelBatchError,
  CancelEpochError,
  CancelError,
  CancelFitError,
  CancelStepError,
  CancelTrainError,
  CancelValidError,
  EVENTS,
  type EventName,
  FitInterruptedError,
} from "./events.ts";
export { dataSourcesRegistry } from "./export.ts";
export type { FineTuneOptions, FitFlatCosOptions, FitOneCycleOptions, FitSgdrOptions } from "./fit.ts";
export { type GatherOptions, GatherPredsCallback, type GatherPredsOptions } from "./gatherPreds.ts";
export type { GetPredsOptions, PredictedItem, Predictions } from "./getPreds.ts";
export { HostTensor } from "./hostTensor.ts";
export {
  addTopLossesRenderer,
  Interpretation,
  type InterpretedItem,
  type InterpretOptions,
  SegmentationInterpretation,
  type TopLosses,
  type TopLossesOptions,
  type TopLossesRenderer,
} from "./interpret.ts";
export { InterruptCallback } from "./interrupt.ts";
export { Learner } from "./learner.ts";
export type { FitOptions, LearnerOptions, ParamSplitter } from "./learnerOptions.ts";
export { loadLearner } from "./loadLearner.ts";
export { type Logger, type LogRow, noLogging } from "./logger.ts";
export { LRFinder, type LRFinderOptions, type LrFindOptions, type LrFindResult } from "./lrFind.ts";
export { ParamScheduler, type Schedules } from "./paramScheduler.ts";
export { paramSplitters } from "./paramSplitters.ts";
export type { Prediction, PredictOptions } from "./predict.ts";
export { ProgressCallback } from "./progress.ts";
export { type NotebookDisplay, notebookDisplay, setNotebookDisplay } from "./progressView/notebookView.ts";
export type { ProgressView } from "./progressView/progressView.ts";
export { type MetricRow, Recorder, type RecorderOptions } from "./recorder.ts";
export type { PlotLossOptions } from "./recorderPlots.ts";
export type { LoadModelOptions, SaveModelOptions } from "./save.ts";
export type { ShowResultsOptions } from "./showResults.ts";
export { SkipToEpoch } from "./skipToEpoch.ts";
export { type LrSuggestion, minimum, type SuggestLr, slide, steep, valley } from "./suggestLr.ts";
export { TrainEvalCallback } from "./trainEval.ts";
export type { TtaOptions, TtaPredictions } from "./tta.ts";
export type { ValidateOptions } from "./validate.ts";
