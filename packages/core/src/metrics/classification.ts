import type { KnownOptions } from "../checkOptions.ts";
import { OptionError } from "../errors.ts";
import { AccumMetric, type AccumMetricOptions, type ScoreOptions } from "./accumMetric.ts";
import { type MetricFactory, type MetricMaker, metricFactory } from "./mkMetric.ts";
import { balancedAccuracyScore, cohenKappaScore, hammingScore, matthewsScore } from "./scores/agreement.ts";
import {
  type ClassScoreOptions,
  type CountScore,
  checkAverage,
  fBetaOf,
  jaccardOf,
  precisionOf,
  recallOf,
  scoreClasses,
} from "./scores/counts.ts";
import { averagePrecisionScore, rocAucOfClasses, rocAucScore } from "./scores/ranking.ts";
import type { ScoreFunc } from "./scores/scoreFunc.ts";

/** Options of metrics over classes: predictions by argmax, targets as class indices. */
export interface ClassMetricOptions extends ScoreOptions, ClassScoreOptions {}

/** Options of {@link fBeta}. */
export interface FBetaOptions extends ClassMetricOptions {
  /** How much more recall counts than precision. */
  beta: number;
}

/** A metric whose score takes classes. */
function ofClasses(name: string, score: ScoreFunc): AccumMetric {
  return new AccumMetric(score, { name, argmax: true });
}

function byCounts(name: string, score: CountScore, options: ClassMetricOptions): AccumMetric {
  return ofClasses(options.name ?? name, scoreClasses(name, score, options));
}

/** @throws {@link OptionError} unless beta is a number above 0 */
export function checkBeta(where: string, beta: number): number {
  if (beta > 0 && Number.isFinite(beta)) return beta;
  throw new OptionError(where, {
    given: `beta ${beta}`,
    expected: "a number above 0",
    fix: `call \`${where}({ beta: 2 })\``,
  });
}

const CLASS_METRIC: KnownOptions<ClassMetricOptions> = { name: true, average: true, posLabel: true, labels: true };

/** Share of the predicted positives that are positive, TP / (TP + FP). */
export const precision: MetricFactory<ClassMetricOptions> = metricFactory(
  (options) => byCounts("precision", precisionOf, options),
  { name: "precision", options: CLASS_METRIC },
);

/** Share of the positives that were found, TP / (TP + FN). */
export const recall: MetricFactory<ClassMetricOptions> = metricFactory(
  (options) => byCounts("recall", recallOf, options),
  { name: "recall", options: CLASS_METRIC },
);

/** Harmonic mean of precision and recall. */
export const f1Score: MetricFactory<ClassMetricOptions> = metricFactory(
  (options) => byCounts("f1Score", fBetaOf(1), options),
  { name: "f1Score", options: CLASS_METRIC },
);

/** Weighted harmonic mean of precision and recall, `(1 + b²) P R / (b² P + R)`. */
export const fBeta: MetricMaker<FBetaOptions> = metricFactory(
  ({ beta, ...options }: FBetaOptions) => byCounts("fBeta", fBetaOf(checkBeta("fBeta", beta)), options),
  { name: "fBeta", options: { name: true, average: true, posLabel: true, labels: true, beta: true } },
);

/** Intersection over union, TP / (TP + FP + FN). */
export const jaccard: MetricFactory<ClassMetricOptions> = metricFactory(
  (options) => byCounts("jaccard", jaccardOf, options),
  { name: "jaccard", options: CLASS_METRIC },
);

/** Options of {@link balancedAccuracy}. */
export interface BalancedAccuracyOptions extends ScoreOptions {
  /** Rescale, so that guessing gives 0 and perfection 1. @defaultValue false */
  adjusted?: boolean;
}

/** Mean recall over the classes among the targets. */
export const balancedAccuracy: MetricFactory<BalancedAccuracyOptions> = metricFactory(
  ({ adjusted = false, name = "balancedAccuracy" }) =>
    ofClasses(name, (targ, pred) => balancedAccuracyScore(targ, pred, adjusted)),
  { name: "balancedAccuracy", options: { name: true, adjusted: true } },
);

/** Options of {@link brierScore}. */
export interface BrierScoreOptions extends ScoreOptions {
  /** The class that counts as positive. @defaultValue 1 */
  posLabel?: number;
}

/** Mean squared difference of targets and predicted classes; of hard predictions, not of probabilities. */
export const brierScore: MetricFactory<BrierScoreOptions> = metricFactory(
  ({ posLabel = 1, name = "brierScore" }) =>
    ofClasses(name, (targ, pred) => {
      const is = (values: ArrayLike<number>) => Array.from(values, (v) => (v === posLabel ? 1 : 0));
      return hammingScore(is(targ), is(pred));
    }),
  { name: "brierScore", options: { name: true, posLabel: true } },
);

/** Options of {@link cohenKappa}. */
export interface CohenKappaOptions extends ScoreOptions {
  /** What a mistake weighs: the same each, or by distance of class indices. @defaultValue "none" */
  weights?: "none" | "linear" | "quadratic";
  /** Classes to compare. @defaultValue those that occur */
  labels?: readonly number[];
}

/** Agreement beyond chance. Null if only one class occurs. */
export const cohenKappa: MetricFactory<CohenKappaOptions> = metricFactory(
  ({ weights = "none", labels, name = "cohenKappa" }) => {
    if (!["none", "linear", "quadratic"].includes(weights)) {
      throw new OptionError("cohenKappa", {
        given: `weights "${weights}"`,
        expected: '"none", "linear" or "quadratic"',
      });
    }
    return ofClasses(name, (targ, pred) => cohenKappaScore(targ, pred, weights, labels));
  },
  { name: "cohenKappa", options: { name: true, weights: true, labels: true } },
);

const SCORE: KnownOptions<ScoreOptions> = { name: true };

/** Correlation of targets and predictions, -1…1; 0 where it is not defined. */
export const matthewsCorrCoef: MetricFactory<ScoreOptions> = metricFactory(
  ({ name = "matthewsCorrCoef" }) => ofClasses(name, matthewsScore),
  { name: "matthewsCorrCoef", options: SCORE },
);

/** Share of wrong classes. */
export const hammingLoss: MetricFactory<ScoreOptions> = metricFactory(
  ({ name = "hammingLoss" }) => ofClasses(name, hammingScore),
  { name: "hammingLoss", options: SCORE },
);

/** Options of {@link rocAucBinary}. */
export interface RocAucBinaryOptions extends ScoreOptions {
  /** Up to this false positive rate only, above 0 up to 1. @defaultValue 1 */
  maxFpr?: number;
}

const lastClass: Pick<AccumMetricOptions, "activation"> = { activation: "binarySoftmax" };

/** Area under the ROC curve of the last class's probability, for two classes. Null if the targets are all alike. */
export const rocAucBinary: MetricFactory<RocAucBinaryOptions> = metricFactory(
  ({ maxFpr = 1, name = "rocAucBinary" }) => {
    if (!(maxFpr > 0 && maxFpr <= 1)) {
      throw new OptionError("rocAucBinary", { given: `maxFpr ${maxFpr}`, expected: "a number above 0, up to 1" });
    }
    return new AccumMetric((targ, pred) => rocAucScore(targ, pred, 1, maxFpr), { name, ...lastClass });
  },
  { name: "rocAucBinary", options: { name: true, maxFpr: true } },
);

/** Options of {@link apScoreBinary}. */
export interface ApScoreBinaryOptions extends ScoreOptions {
  /** The class that counts as positive. @defaultValue 1 */
  posLabel?: number;
}

/** Average precision of the last class's probability, for two classes; equal scores form one threshold. */
export const apScoreBinary: MetricFactory<ApScoreBinaryOptions> = metricFactory(
  ({ posLabel = 1, name = "apScoreBinary" }) =>
    new AccumMetric((targ, pred) => averagePrecisionScore(targ, pred, posLabel), { name, ...lastClass }),
  { name: "apScoreBinary", options: { name: true, posLabel: true } },
);

/** Options of {@link rocAuc}. */
export interface RocAucOptions extends ScoreOptions {
  /** Each class against the rest, or the mean over pairs of classes. @defaultValue "ovr" */
  multiClass?: "ovr" | "ovo";
  /** `"micro"` for `"ovr"` only. @defaultValue "macro" */
  average?: "macro" | "micro" | "weighted";
}

/** Area under the ROC curve of softmax probabilities. Null if a class does not occur among the targets. */
export const rocAuc: MetricFactory<RocAucOptions> = metricFactory(
  ({ multiClass = "ovr", average = "macro", name = "rocAuc" }) => {
    checkAverage("rocAuc", average, multiClass === "ovr" ? ["macro", "micro", "weighted"] : ["macro", "weighted"]);
    const score: ScoreFunc = (targ, pred, columns) => rocAucOfClasses(targ, pred, columns, { multiClass, average });
    return new AccumMetric(score, { name, activation: "softmax", flatten: false, targetPerRow: true });
  },
  { name: "rocAuc", options: { name: true, multiClass: true, average: true } },
);
