import { FileFormatError } from "../errors.ts";
import { Registry } from "../registry.ts";
import { accuracy, errorRate } from "./accuracy.ts";
import {
  apScoreBinary,
  balancedAccuracy,
  brierScore,
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
import { CorpusBLEUMetric } from "./corpusBleu.ts";
import type { Metric } from "./metric.ts";
import { type MetricLike, type MetricMaker, metricFrom, originOf } from "./mkMetric.ts";
import {
  accuracyMulti,
  apScoreMulti,
  brierScoreMulti,
  f1ScoreMulti,
  fBetaMulti,
  hammingLossMulti,
  jaccardMulti,
  matthewsCorrCoefMulti,
  precisionMulti,
  recallMulti,
  rocAucMulti,
} from "./multiLabel.ts";
import { Perplexity } from "./perplexity.ts";
import {
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
import { Dice, DiceMulti, foregroundAcc, JaccardCoeff, JaccardCoeffMulti } from "./segmentation.ts";
import { topKAccuracy } from "./topK.ts";

/** A metric as plain data: enough to make it again from `metricRegistry`. */
export interface MetricConfig {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/**
 * Metrics by name, for exported learners: functions, factories, and classes whose constructor takes nothing. Add your
 * own: `metricRegistry.add("myMetric", myMetric)`.
 */
export const metricRegistry: Registry<MetricLike | MetricMaker<never>> = new Registry("metric");

const ours: Record<string, MetricLike | MetricMaker<never>> = {
  ...{ accuracy, errorRate, topKAccuracy, precision, recall, f1Score, fBeta, jaccard, balancedAccuracy, brierScore },
  ...{ cohenKappa, hammingLoss, matthewsCorrCoef, rocAuc, rocAucBinary, apScoreBinary },
  ...{ accuracyMulti, precisionMulti, recallMulti, f1ScoreMulti, fBetaMulti, jaccardMulti, brierScoreMulti },
  ...{ hammingLossMulti, matthewsCorrCoefMulti, rocAucMulti, apScoreMulti },
  ...{ mse, mae, msle, rmse, expRmspe, explainedVariance, r2Score, pearsonCorrCoef, spearmanCorrCoef },
  ...{ foregroundAcc, Dice, DiceMulti, JaccardCoeff, JaccardCoeffMulti, CorpusBLEUMetric, Perplexity },
};
for (const [name, metric] of Object.entries(ours)) metricRegistry.add(name, metric);

/** A metric as data, `null` if no registered name makes it, or its options are no plain data. */
export function metricToConfig(metric: Metric): MetricConfig | null {
  const { from, args } = originOf(metric);
  const name = metricRegistry.names().find((each) => metricRegistry.get(each) === from);
  if (name === undefined) return null;
  const given = Object.entries(args).filter(([, value]) => value !== undefined);
  return given.every(([, value]) => isPlain(value)) ? { name, args: Object.fromEntries(given) } : null;
}

/**
 * Makes the metric that `metricToConfig` described.
 * @throws {@link FileFormatError} for something that is no config, {@link OptionError} for an unknown name
 */
export function metricFromConfig(config: unknown): Metric {
  const { name, args = {} } = (config ?? {}) as { name?: unknown; args?: unknown };
  if (typeof name !== "string" || typeof args !== "object" || args === null || Array.isArray(args)) {
    throw new FileFormatError("metricFromConfig", {
      given: JSON.stringify(config)?.slice(0, 80) ?? "nothing",
      expected: 'a metric as data: { name: "accuracy", args: {} }',
    });
  }
  return metricFrom({ from: metricRegistry.get(name) as MetricLike, args: { ...args } });
}

/** Whether JSON gives the same value back. */
function isPlain(value: unknown): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  return Array.isArray(value) && value.every(isPlain);
}
