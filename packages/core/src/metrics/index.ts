export {
  AccumMetric,
  type AccumMetricOptions,
  type FromScoreOptions,
  fromScore,
  type MetricActivation,
} from "./accumMetric.ts";
export { accuracy, errorRate } from "./accuracy.ts";
export {
  AvgLoss,
  AvgMetric,
  AvgSmoothLoss,
  type AvgSmoothLossOptions,
  BatchMean,
  type MetricFunc,
  metricFunc,
} from "./avgMetric.ts";
export {
  apScoreBinary,
  balancedAccuracy,
  brierScore,
  type ClassMetricOptions,
  cohenKappa,
  f1Score,
  fBeta,
  hammingLoss,
  jaccard,
  matthewsCorrCoef,
  precision,
  recall,
  rocAuc,
  rocAucBinary,
} from "./classification.ts";
export { CorpusBLEUMetric } from "./corpusBleu.ts";
export { LossMetric, lossMetrics } from "./lossMetric.ts";
export { Metric, type MetricInput, ValueMetric } from "./metric.ts";
export { type MetricConfig, metricFromConfig, metricRegistry, metricToConfig } from "./metricRegistry.ts";
export { type MetricFactory, type MetricLike, type MetricMaker, metricFactory, mkMetric } from "./mkMetric.ts";
export {
  accuracyMulti,
  apScoreMulti,
  brierScoreMulti,
  f1ScoreMulti,
  fBetaMulti,
  hammingLossMulti,
  jaccardMulti,
  type LabelMetricOptions,
  matthewsCorrCoefMulti,
  precisionMulti,
  recallMulti,
  rocAucMulti,
} from "./multiLabel.ts";
export { OptimMetric, type OptimMetricOptions, optimMetric } from "./optimMetric.ts";
export { Perplexity } from "./perplexity.ts";
export {
  explainedVariance,
  expRmspe,
  mae,
  mse,
  msle,
  pearsonCorrCoef,
  r2Score,
  rmse,
  spearmanCorrCoef,
} from "./regression.ts";
export type { ScoreFunc, ScoreValues } from "./scores/scoreFunc.ts";
export { Dice, DiceMulti, foregroundAcc, JaccardCoeff, JaccardCoeffMulti } from "./segmentation.ts";
export { SumMetric } from "./sumMetric.ts";
export { topKAccuracy } from "./topK.ts";
