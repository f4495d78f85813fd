import * as tf from "@tensorflow/tfjs-core";
import type { KnownOptions } from "../checkOptions.ts";
import { checkSameSize } from "../losses/checkTargets.ts";
import { AccumMetric, type ScoreOptions } from "./accumMetric.ts";
import { AvgMetric } from "./avgMetric.ts";
import { checkBeta } from "./classification.ts";
import { type MetricFactory, type MetricMaker, metricFactory } from "./mkMetric.ts";
import { hammingScore, matthewsScore } from "./scores/agreement.ts";
import {
  type CountScore,
  checkAverage,
  fBetaOf,
  jaccardOf,
  type LabelScoreOptions,
  precisionOf,
  recallOf,
  scoreLabels,
} from "./scores/counts.ts";
import { averagePrecisionScore, type RankAverage, rocAucScore, scoreRankings } from "./scores/ranking.ts";
import type { ScoreFunc } from "./scores/scoreFunc.ts";

/** Options of metrics over several labels at once: one output per label, targets of 0 and 1, both `[N, C]`. */
export interface MultiLabelOptions extends ScoreOptions {
  /** Put the outputs through a sigmoid first. @defaultValue true */
  sigmoid?: boolean;
}

/** Options of metrics that need a yes or no per label. */
export interface ThreshOptions extends MultiLabelOptions {
  /** Probability from which on a label is predicted. @defaultValue 0.5 */
  thresh?: number;
}

/** Options of metrics that average over labels. */
export interface LabelMetricOptions extends ThreshOptions, LabelScoreOptions {}

/** Options of {@link fBetaMulti}. */
export interface FBetaMultiOptions extends LabelMetricOptions {
  /** How much more recall counts than precision. */
  beta: number;
}

function ofTable(name: string, score: ScoreFunc, options: ThreshOptions): AccumMetric {
  const activation = (options.sigmoid ?? true) ? "sigmoid" : "none";
  return new AccumMetric(score, { name: options.name ?? name, activation, thresh: options.thresh, flatten: false });
}

function byCounts(name: string, score: CountScore, options: LabelMetricOptions): AccumMetric {
  return ofTable(name, scoreLabels(name, score, options), { thresh: 0.5, ...options });
}

const THRESH: KnownOptions<ThreshOptions> = { name: true, sigmoid: true, thresh: true };

/** Share of right labels; a label is predicted where its probability is above `thresh`. A mean over batches. */
export const accuracyMulti: MetricFactory<ThreshOptions> = metricFactory(
  ({ thresh = 0.5, sigmoid = true, name = "accuracyMulti" }) =>
    new AvgMetric(
      (pred, targ) =>
        tf.tidy(() => {
          const target = tf.reshape(checkSameSize("accuracyMulti", pred, targ), [-1]);
          const probs = tf.reshape(sigmoid ? tf.sigmoid(pred) : pred, [-1]);
          const said = tf.greater(probs, thresh);
          return tf.mean(tf.cast(tf.equal(said, tf.cast(target, "bool")), "float32"));
        }),
      { name },
    ),
  { name: "accuracyMulti", options: THRESH },
);

const LABEL_METRIC: KnownOptions<LabelMetricOptions> = { name: true, sigmoid: true, thresh: true, average: true };

/** Share of the predicted labels that are right. */
export const precisionMulti: MetricFactory<LabelMetricOptions> = metricFactory(
  (options) => byCounts("precisionMulti", precisionOf, options),
  { name: "precisionMulti", options: LABEL_METRIC },
);

/** Share of the true labels that were found. */
export const recallMulti: MetricFactory<LabelMetricOptions> = metricFactory(
  (options) => byCounts("recallMulti", recallOf, options),
  { name: "recallMulti", options: LABEL_METRIC },
);

/** Harmonic mean of precision and recall. */
export const f1ScoreMulti: MetricFactory<LabelMetricOptions> = metricFactory(
  (options) => byCounts("f1ScoreMulti", fBetaOf(1), options),
  { name: "f1ScoreMulti", options: LABEL_METRIC },
);

/** Weighted harmonic mean of precision and recall. */
export const fBetaMulti: MetricMaker<FBetaMultiOptions> = metricFactory(
  ({ beta, ...options }: FBetaMultiOptions) => byCounts("fBetaMulti", fBetaOf(checkBeta("fBetaMulti", beta)), options),
  { name: "fBetaMulti", options: { name: true, sigmoid: true, thresh: true, average: true, beta: true } },
);

/** Intersection over union of predicted and true labels. */
export const jaccardMulti: MetricFactory<LabelMetricOptions> = metricFactory(
  (options) => byCounts("jaccardMulti", jaccardOf, options),
  { name: "jaccardMulti", options: LABEL_METRIC },
);

/** Share of wrong labels. */
export const hammingLossMulti: MetricFactory<ThreshOptions> = metricFactory(
  (options) => ofTable("hammingLossMulti", hammingScore, { thresh: 0.5, ...options }),
  { name: "hammingLossMulti", options: THRESH },
);

/** Mean squared difference of targets and thresholded predictions. */
export const brierScoreMulti: MetricFactory<ThreshOptions> = metricFactory(
  (options) => ofTable("brierScoreMulti", hammingScore, { thresh: 0.5, ...options }),
  { name: "brierScoreMulti", options: THRESH },
);

/** Options of {@link matthewsCorrCoefMulti}. */
export interface MatthewsMultiOptions extends ThreshOptions {
  /** Mean over labels, or one correlation of all labels pooled. @defaultValue "macro" */
  average?: "macro" | "micro";
}

/** Correlation of targets and thresholded predictions. */
export const matthewsCorrCoefMulti: MetricFactory<MatthewsMultiOptions> = metricFactory(
  ({ average = "macro", ...options }) => {
    checkAverage("matthewsCorrCoefMulti", average, ["macro", "micro"]);
    const score: ScoreFunc = (targ, pred, columns) => scoreRankings(targ, pred, columns, average, matthewsScore);
    return ofTable("matthewsCorrCoefMulti", score, { thresh: 0.5, ...options });
  },
  { name: "matthewsCorrCoefMulti", options: { name: true, sigmoid: true, thresh: true, average: true } },
);

/** Options of metrics that rank by probability, without a threshold. */
export interface RankMultiOptions extends MultiLabelOptions {
  /** @defaultValue "macro" */
  average?: RankAverage;
}

const rankAverages: readonly RankAverage[] = ["macro", "micro", "weighted", "samples"];

const RANK_MULTI: KnownOptions<RankMultiOptions> = { name: true, sigmoid: true, average: true };

/** Average precision. */
export const apScoreMulti: MetricFactory<RankMultiOptions> = metricFactory(
  ({ average = "macro", ...options }) => {
    checkAverage("apScoreMulti", average, rankAverages);
    const score: ScoreFunc = (targ, pred, columns) =>
      scoreRankings(targ, pred, columns, average, averagePrecisionScore);
    return ofTable("apScoreMulti", score, options);
  },
  { name: "apScoreMulti", options: RANK_MULTI },
);

/** Area under the ROC curve. Null if the targets of a label are all alike. */
export const rocAucMulti: MetricFactory<RankMultiOptions> = metricFactory(
  ({ average = "macro", ...options }) => {
    checkAverage("rocAucMulti", average, rankAverages);
    const score: ScoreFunc = (targ, pred, columns) => scoreRankings(targ, pred, columns, average, rocAucScore);
    return ofTable("rocAucMulti", score, options);
  },
  { name: "rocAucMulti", options: RANK_MULTI },
);
