import * as tf from "@tensorflow/tfjs-core";
import { checkClassTarget } from "../losses/checkTargets.ts";
import { type MetricFunc, metricFunc } from "./avgMetric.ts";

/**
 * Share of right classes.
 * @param pred - one number per class in the last axis, `[N, ..., C]`
 * @param target - class indices, `[N, ...]`
 * @returns scalar
 * @throws {@link ShapeError} if there is not one target per prediction
 */
export const accuracy: MetricFunc = metricFunc("accuracy", (pred, target) =>
  tf.tidy(() => tf.mean(isRight("accuracy", pred, target))),
);

/** Share of wrong classes: 1 less {@link accuracy}. */
export const errorRate: MetricFunc = metricFunc("errorRate", (pred, target) =>
  tf.tidy(() => tf.sub(1, tf.mean(isRight("errorRate", pred, target)))),
);

/** 1 where the largest output is the target's, flat. */
function isRight(where: string, pred: tf.Tensor, target: tf.Tensor | undefined): tf.Tensor1D {
  const classes = tf.reshape(checkClassTarget(where, pred, target, -1), [-1]);
  const best = tf.reshape(tf.argMax(pred, -1), [-1]);
  return tf.cast(tf.equal(best, tf.cast(classes, "int32")), "float32") as tf.Tensor1D;
}
