import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import * as metrics from "./index.ts";
import { minimizeBounded } from "./optimMetric.ts";

interface GoldenCase {
  metric: string;
  options: object;
  targ: number[];
  targShape: number[];
  pred: number[];
  predShape: number[];
  value: number | null;
}

type Brent = [name: string, low: number, high: number, tol: number, x: number, y: number, calls: number];

const file = new URL("../../test/golden/metrics.json", import.meta.url);
const golden = JSON.parse(readFileSync(file, "utf8")) as { cases: GoldenCase[]; brent: Brent[] };
const table = golden.cases.map((c, i): [string, GoldenCase] => [`${i} ${c.metric} ${JSON.stringify(c.options)}`, c]);
const factories = metrics as unknown as Record<string, (options: object) => metrics.Metric>;

describe("scores of a whole pass are scikit-learn's", () => {
  test.each(table)("%s", async (_, { metric, options, targ, targShape, pred, predShape, value }) => {
    const whole = (values: number[]) => (values.every(Number.isInteger) ? "int32" : "float32");
    const [p, t] = [tf.tensor(pred, predShape, whole(pred)), tf.tensor(targ, targShape, whole(targ))];
    const before = tf.memory().numTensors;
    const score = await factories[metric]!(options).score(p, t);
    expect(tf.memory().numTensors).toBe(before);
    if (value === null) expect(score).toBeNull();
    else expect(score!).toBeAllclose(value, { rtol: 1e-5, atol: 1e-7 });
  });
});

describe("minimizeBounded takes SciPy's steps", () => {
  const functions: Record<string, (x: number) => number> = {
    parabola: (x) => (x - 0.37) ** 2,
    bumpy: (x) => Math.sin(5 * x) + (x - 1) ** 2,
    edge: (x) => x,
    steps: (x) => Math.round(8 * Math.abs(x - 0.6)) / 8,
  };
  test.each(golden.brent)("%s on %d…%d, tol %d", async (name, low, high, tol, x, y, calls) => {
    let count = 0;
    const best = await minimizeBounded(
      async (at) => {
        count++;
        return functions[name]!(at);
      },
      [low, high],
      tol,
    );
    expect([best.x, best.y]).toBeAllclose([x, y], { rtol: 1e-7, atol: 1e-9 });
    expect(count).toBe(calls);
  });
});
