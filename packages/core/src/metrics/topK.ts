import * as tf from "@tensorflow/tfjs-core";
import { OptionError } from "../errors.ts";
import { checkClassTarget } from "../losses/checkTargets.ts";
import type { ScoreOptions } from "./accumMetric.ts";
import { AvgMetric } from "./avgMetric.ts";
import { type MetricFactory, metricFactory } from "./mkMetric.ts";

/** Options of {@link topKAccuracy}. */
export interface TopKOptions extends ScoreOptions {
  /** How many of the largest outputs count. @defaultValue 5 */
  k?: number;
}

/** Share of targets among the `k` largest outputs. */
export const topKAccuracy: MetricFactory<TopKOptions> = metricFactory(
  ({ k = 5, name = "topKAccuracy" }) => {
    if (!Number.isInteger(k) || k < 1) {
      throw new OptionError("topKAccuracy", { given: `k ${k}`, expected: "a whole number from 1" });
    }
    const share = (pred: tf.Tensor, target: tf.Tensor) =>
      tf.tidy(() => {
        const classes = pred.shape[pred.shape.length - 1] ?? 1;
        const indices = tf.cast(tf.reshape(checkClassTarget("topKAccuracy", pred, target, -1), [-1, 1]), "int32");
        const best = tf.topk(tf.reshape(pred, [-1, classes]), Math.min(k, classes)).indices; // [M, k]
        return tf.mean(tf.sum(tf.cast(tf.equal(best, indices), "float32"), 1));
      });
    return new AvgMetric((pred, target) => share(pred, target!), { name });
  },
  { name: "topKAccuracy", options: { name: true, k: true } },
);
