import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import * as metrics from "./index.ts";

interface Packed {
  shape: number[];
  values: number[];
}

interface GoldenCase {
  metric: string;
  options: object;
  batches: [pred: Packed, targ: Packed][];
  value: number | null;
}

const file = new URL("../../test/golden/fastaiMetrics.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: GoldenCase[] };
const table = cases.map((c): [string, GoldenCase] => [`${c.metric} ${JSON.stringify(c.options)}`, c]);

/** A metric by name and options: a factory, a class, or a plain function. */
function make({ metric, options }: GoldenCase): metrics.Metric {
  const found = (metrics as Record<string, unknown>)[metric];
  const isFactory = Object.keys(options).length > 0;
  return metrics.mkMetric(isFactory ? (found as (options: object) => metrics.Metric)(options) : (found as never));
}

describe("metrics over several batches are fastai's", () => {
  test.each(table)("%s", async (_, golden) => {
    const before = tf.memory().numTensors;
    const metric = make(golden);
    for (const [p, t] of golden.batches) {
      const pred = tf.tensor(p.values, p.shape);
      const targ = tf.tensor(t.values, t.shape, t.values.every(Number.isInteger) ? "int32" : "float32");
      const loss = tf.mean(pred);
      tf.tidy(() =>
        metric.accumulate({
          pred,
          yb: [targ],
          loss,
          lossFunc: () => loss,
          training: false,
          batchSize: t.shape[0]!,
        }),
      );
      tf.dispose([pred, targ, loss]);
    }
    expect(await metric.value()).toBeAllclose(golden.value!, { rtol: 1e-5, atol: 1e-7 });
    metric.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
