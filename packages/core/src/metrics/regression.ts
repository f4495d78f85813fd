import * as tf from "@tensorflow/tfjs-core";
import type { KnownOptions } from "../checkOptions.ts";
import { checkSameSize } from "../losses/checkTargets.ts";
import { AccumMetric, type ScoreOptions } from "./accumMetric.ts";
import { type MetricFunc, metricFunc } from "./avgMetric.ts";
import { type MetricFactory, metricFactory } from "./mkMetric.ts";
import {
  explainedVarianceScore,
  expRmspeScore,
  pearsonScore,
  r2Score as r2,
  rmseScore,
  spearmanScore,
} from "./scores/regression.ts";
import type { ScoreFunc } from "./scores/scoreFunc.ts";

function meanOfPairs(name: string, pair: (pred: tf.Tensor, targ: tf.Tensor) => tf.Tensor): MetricFunc {
  return metricFunc(name, (pred, target) =>
    tf.tidy(() => {
      const floats = tf.cast(checkSameSize(name, pred, target), "float32");
      return tf.mean(pair(tf.reshape(pred, [-1]), tf.reshape(floats, [-1])));
    }),
  );
}

function ofNumbers(title: string, score: ScoreFunc): MetricFactory<ScoreOptions> {
  return metricFactory(({ name = title }) => new AccumMetric(score, { name }), {
    name: title,
    options: { name: true },
  });
}

/** Mean squared error. */
export const mse: MetricFunc = meanOfPairs("mse", (pred, targ) => tf.squaredDifference(pred, targ));

/** Mean absolute error. */
export const mae: MetricFunc = meanOfPairs("mae", (pred, targ) => tf.abs(tf.sub(pred, targ)));

/** Mean squared error of logarithms, `(ln(1 + p) - ln(1 + t))²`. */
export const msle: MetricFunc = meanOfPairs("msle", (pred, targ) =>
  tf.squaredDifference(tf.log1p(pred), tf.log1p(targ)),
);

/** Root of the mean squared error, over the whole pass. */
export const rmse: MetricFactory<ScoreOptions> = ofNumbers("rmse", rmseScore);

/** Root mean squared percentage error of `e^p` against `e^t`, for models of logarithms. */
export const expRmspe: MetricFactory<ScoreOptions> = ofNumbers("expRmspe", expRmspeScore);

/** Share of the targets' variance that the predictions explain, blind to a constant shift. */
export const explainedVariance: MetricFactory<ScoreOptions> = ofNumbers("explainedVariance", explainedVarianceScore);

/** Coefficient of determination, 1 - SSres / SStot. Null for fewer than two targets. */
export const r2Score: MetricFactory<ScoreOptions> = ofNumbers("r2Score", r2);

/** Options of {@link pearsonCorrCoef} and {@link spearmanCorrCoef}. */
export interface CorrelationOptions extends ScoreOptions {
  /** Correlate classes by argmax, instead of the outputs. @defaultValue false */
  argmax?: boolean;
}

const CORRELATION: KnownOptions<CorrelationOptions> = { name: true, argmax: true };

/** Pearson's correlation. Null if either side is constant. */
export const pearsonCorrCoef: MetricFactory<CorrelationOptions> = metricFactory(
  ({ argmax = false, name = "pearsonCorrCoef" }) => new AccumMetric(pearsonScore, { name, argmax }),
  { name: "pearsonCorrCoef", options: CORRELATION },
);

/** Spearman's correlation: Pearson's, of ranks. Null if either side is constant. */
export const spearmanCorrCoef: MetricFactory<CorrelationOptions> = metricFactory(
  ({ argmax = false, name = "spearmanCorrCoef" }) => new AccumMetric(spearmanScore, { name, argmax }),
  { name: "spearmanCorrCoef", options: CORRELATION },
);
