import * as tf from "@tensorflow/tfjs-core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accuracy, errorRate } from "./accuracy.ts";
import { AvgLoss, AvgMetric, AvgSmoothLoss } from "./avgMetric.ts";
import { Metric, type MetricInput, ValueMetric } from "./metric.ts";
import { mkMetric } from "./mkMetric.ts";

function batch(fields: Partial<MetricInput>): MetricInput {
  const loss = tf.scalar(0);
  return { pred: loss, yb: [], loss, lossFunc: () => loss, training: false, batchSize: 1, ...fields };
}

describe("AvgLoss", () => {
  test("counts each batch by its size", async () => {
    const metric = new AvgLoss();
    metric.accumulate(batch({ loss: tf.scalar(2), batchSize: 3 }));
    metric.accumulate(batch({ loss: tf.scalar(6), batchSize: 1 }));
    expect(await metric.value()).toBeCloseTo(3, 6);
    metric.reset();
    expect(await metric.value()).toBeNull();
  });
});

describe("AvgSmoothLoss", () => {
  test("is the debiased exponential mean", async () => {
    const metric = new AvgSmoothLoss();
    const seen: number[] = [];
    for (const loss of [4, 3, 2, 1]) {
      metric.accumulate(batch({ loss: tf.scalar(loss) }));
      expect(metric.current()!).toBeAllclose((await metric.value())!);
      seen.push((await metric.value())!);
    }
    expect(seen).toBeAllclose([4, 3.494949495, 2.986532445, 2.474749536]);
    expect(() => new AvgSmoothLoss({ beta: 1 })).toThrow(/beta 1/);
  });
});

describe("AvgMetric", () => {
  test("does not depend on how the data is cut into batches", async () => {
    const items = fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(items, fc.integer({ min: 1, max: 7 }), async (pairs, bs) => {
        const metric = new AvgMetric(accuracy);
        for (let i = 0; i < pairs.length; i += bs) {
          const part = pairs.slice(i, i + bs);
          const pred = tf.oneHot(
            tf.tensor1d(
              part.map(([p]) => p),
              "int32",
            ),
            3,
          );
          metric.accumulate(
            batch({
              pred,
              yb: [
                tf.tensor1d(
                  part.map(([, t]) => t),
                  "int32",
                ),
              ],
              batchSize: part.length,
            }),
          );
        }
        expect(await metric.value()).toBeCloseTo(pairs.filter(([p, t]) => p === t).length / pairs.length, 5);
      }),
      { numRuns: 20 },
    );
  });

  test("keeps one tensor and frees it on reset", () => {
    const input = batch({ pred: tf.zeros([4, 2]), yb: [tf.zeros([4], "int32")], batchSize: 4 });
    const metric = new AvgMetric(errorRate);
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) metric.accumulate(input);
    expect(tf.memory().numTensors).toBe(before + 1);
    metric.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("refuses a function that does not give one number", () => {
    const metric = new AvgMetric((pred) => pred, { name: "mine" });
    expect(() => metric.accumulate(batch({ pred: tf.zeros([2]) }))).toThrow(/metric "mine".*\[2\]/);
  });
});

describe("accuracy and errorRate", () => {
  const rows = [
    [0.1, 0.9],
    [0.8, 0.2],
    [0.3, 0.7],
    [0.6, 0.4],
  ];
  test("are shares of right and wrong classes", () => {
    const [pred, target] = [tf.tensor2d(rows), tf.tensor1d([1, 0, 0, 0], "int32")];
    expect(accuracy(pred, target)).toBeAllclose(0.75);
    expect(errorRate(pred, target)).toBeAllclose(0.25);
    expect(() => accuracy(pred, tf.zeros([3]))).toThrow(/accuracy: got pred \[4, 2\], target \[3\]/);
  });
});

describe("mkMetric", () => {
  test("takes functions, metrics and classes", async () => {
    expect(mkMetric(accuracy).name).toBe("accuracy");
    expect(mkMetric(AvgLoss)).toBeInstanceOf(AvgLoss);
    const metric = new ValueMetric(() => 3, { name: "three" });
    expect(mkMetric(metric)).toBe(metric);
    expect(await metric.value()).toBe(3);
    expect(mkMetric(() => tf.scalar(1))).toBeInstanceOf(Metric);
  });
});
