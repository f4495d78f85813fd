import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import {
  AvgMetric,
  accuracy,
  cohenKappa,
  Dice,
  f1Score,
  fBeta,
  fBetaMulti,
  type Metric,
  type MetricLike,
  matthewsCorrCoef,
  metricFromConfig,
  metricRegistry,
  metricToConfig,
  mkMetric,
  topKAccuracy,
} from "./index.ts";

/** The value after a batch, as a fit computes it. */
async function afterOneBatch(metric: Metric): Promise<number | null> {
  const loss = tf.scalar(0);
  const pred = tf.tensor2d([0.1, 0.7, 0.2, 0.6, 0.3, 0.1, 0.2, 0.3, 0.5, 0.3, 0.1, 0.6], [4, 3]);
  const target = tf.tensor1d([1, 0, 1, 2], "int32");
  metric.reset();
  metric.accumulate({ pred, yb: [target], loss, lossFunc: () => loss, training: false, batchSize: 4 });
  const value = await metric.value();
  tf.dispose([loss, pred, target]);
  metric.reset();
  return value;
}

describe("a metric as data", () => {
  test.each<[string, MetricLike]>([
    ["a function", accuracy],
    ["a function with a title", new AvgMetric(accuracy, { name: "acc" })],
    ["a factory", matthewsCorrCoef],
    ["a factory with options", topKAccuracy({ k: 2, name: "top2" })],
    ["a factory with a list", cohenKappa({ labels: [0, 1, 2] } as object)],
    ["a factory that needs options", fBeta({ beta: 2, average: "macro" })],
    ["an average", f1Score({ average: "macro" })],
    ["a class", Dice],
    ["an instance", new Dice()],
  ])("%s gives the same metric again", async (_, like) => {
    const metric = mkMetric(like);
    const config = metricToConfig(metric);
    expect(config).not.toBeNull();
    const again = metricFromConfig(JSON.parse(JSON.stringify(config)));
    expect(again).not.toBe(metric);
    expect([again.constructor, again.name]).toEqual([metric.constructor, metric.name]);
    expect(await afterOneBatch(again)).toEqual(await afterOneBatch(metric));
  });

  test.each<[string, Metric]>([
    ["a function of one's own", mkMetric((x: tf.Tensor) => tf.mean(x))],
    ["a class of one's own", new (class extends Dice {})()],
    ["options that are no data", f1Score({ average: "macro", name: Symbol("x") as unknown as string })],
  ])("%s has none", (_, metric) => {
    expect(metricToConfig(metric)).toBeNull();
  });

  test("a metric of one's own has, once it is registered", () => {
    const myMetric = (x: tf.Tensor) => tf.max(x);
    metricRegistry.add("test/myMetric", myMetric);
    expect(metricToConfig(mkMetric(myMetric))).toEqual({ name: "test/myMetric", args: {} });
  });

  test.each([null, 3, [], { name: 3 }, { name: "accuracy", args: [] }, { args: {} }])("%j is refused", (config) => {
    expect(() => metricFromConfig(config)).toThrow(/a metric as data/);
  });

  test.each(["accuracyy", "__proto__", "constructor"])("the name %s is refused", (name) => {
    expect(() => metricFromConfig({ name, args: {} })).toThrow(/metric registry/);
  });
});

test("a metric that needs options says so when it is listed without", () => {
  for (const maker of [fBeta, fBetaMulti]) expect(() => mkMetric(maker as never)).toThrow(/beta undefined.*beta: 2/s);
});
