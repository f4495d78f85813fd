import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { CrossEntropyLossFlat } from "../losses/index.ts";
import { Conv2d, Flatten, Linear, Module, Sequential, Sigmoid } from "../nn/index.ts";
import { setSeed } from "../random.ts";
import { ArrayDataSource, ArrayDataSources } from "../testing/index.ts";
import { integratedGradients, noiseTunnel, occlusion } from "./attribution.ts";
import { AttributionInterpretation } from "./attributionInterpretation.ts";
import { Learner } from "./learner.ts";

const pattern = (shape: number[], scale = 1): tf.Tensor =>
  tf.tensor(
    Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => scale * Math.sin(12.9 * i + 4)),
    shape,
  );
const numbers = (x: tf.Tensor): number[] => Array.from(x.dataSync());

describe("integrated gradients", () => {
  test("of a weighted sum are weight times difference, in any number of steps", () => {
    const [x, baseline, w] = [pattern([1, 3, 2, 2]), pattern([1, 3, 2, 2], 0.3), pattern([1, 3, 2, 2], 2)];
    const f = (batch: tf.Tensor) => tf.sum(tf.mul(batch, w), [1, 2, 3]);
    const before = tf.memory().numTensors;
    const expected = tf.tidy(() => tf.mul(w, tf.sub(x, baseline)));
    for (const steps of [1, 16, 33]) {
      const found = integratedGradients(f, x, baseline, steps);
      expect(numbers(found)).toBeAllclose(numbers(expected), { rtol: 1e-5, atol: 1e-6 });
      found.dispose();
    }
    expected.dispose();
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, baseline, w]);
  });

  test("add up to the difference of the outputs", () => {
    const [x, baseline] = [pattern([1, 4, 4, 1]), tf.zeros([1, 4, 4, 1])];
    const f = (batch: tf.Tensor) => tf.sum(tf.sigmoid(tf.mul(batch, batch)), [1, 2, 3]);
    const found = integratedGradients(f, x, baseline, 200);
    const [to, from] = [f(x), f(baseline)].map((y) => y.dataSync()[0] as number) as [number, number];
    expect(numbers(found).reduce((a, b) => a + b)).toBeCloseTo(to - from, 4);
  });
});

test("the noise tunnel: mean, mean square and variance", () => {
  const x = tf.zeros([1, 2, 2, 1]);
  const made = [1, 2, 6];
  for (const [kind, expected] of [
    ["smoothgrad", 3],
    ["smoothgradSq", 41 / 3],
    ["vargrad", 41 / 3 - 9],
  ] as const) {
    const left = [...made];
    const found = noiseTunnel(() => tf.fill([1, 2, 2, 1], left.shift() as number), x, { kind, n: 3, std: 1 });
    expect(numbers(found)).toBeAllclose(new Array(4).fill(expected), { rtol: 1e-5, atol: 1e-6 });
  }
});

describe("occlusion", () => {
  test("of a sum: what is covered is what the output falls by", () => {
    const x = pattern([1, 4, 6, 1]);
    const f = (batch: tf.Tensor) => tf.sum(batch, [1, 2, 3]);
    const found = occlusion(f, x, tf.zerosLike(x), { window: [2, 3], stride: [2, 3] });
    const sums = numbers(tf.mul(tf.avgPool(x as tf.Tensor4D, [2, 3], [2, 3], "valid"), 6));
    const expected = Array.from({ length: 24 }, (_, p) => sums[Math.floor(p / 12) * 2 + Math.floor((p % 6) / 3)]);
    expect(numbers(found)).toBeAllclose(expected as number[], { rtol: 1e-5, atol: 1e-6 });
  });

  test("covers every pixel, whatever the window", () => {
    const x = tf.ones([1, 5, 7, 2]);
    const f = (batch: tf.Tensor) => tf.sum(batch, [1, 2, 3]);
    for (const window of [
      [2, 2],
      [9, 9],
      [5, 3],
    ] as const) {
      const found = occlusion(f, x, tf.zerosLike(x), { window, stride: [2, 2] });
      expect(found.shape).toEqual([1, 5, 7, 2]);
      expect(Math.min(...numbers(found))).toBeGreaterThan(0);
    }
  });
});

describe("AttributionInterpretation", () => {
  /** Says 1 if the left half is brighter, 0 if the right one is. */
  class Halves extends Module {
    forward(x: tf.Tensor): tf.Tensor {
      const [n = 1, , width = 2] = x.shape;
      const half = (from: number) => tf.sum(tf.slice(x, [0, 0, from, 0], [n, -1, width / 2, -1]), [1, 2, 3]);
      return tf.stack([half(width / 2), half(0)], 1);
    }
  }
  const make = (model: Sequential | Halves, xShape = [4, 6, 1]) => {
    const row = Array.from({ length: 24 }, (_, i) => (i % 6 < 3 ? 1 : 0.5));
    const rows = { x: [row], y: [[1]], xShape, classes: true };
    const source = new ArrayDataSource(rows, { bs: 1 });
    const dls = new ArrayDataSources(source, source);
    dls.testDl = (items) => new ArrayDataSource({ ...rows, x: items as number[][] }, { bs: 1 });
    return { learn: new Learner(dls, model, { lossFunc: new CrossEntropyLossFlat() }), row };
  };

  test.each(["IG", "NT", "Occl"] as const)("%s finds the half that decides", async (metric) => {
    setSeed(1);
    const { learn, row } = make(new Halves());
    const before = tf.memory().numTensors;
    const interp = new AttributionInterpretation(learn);
    const { values, target, input } = await interp.attribute(row, {
      metric,
      ntStd: 0.1,
      slidingWindow: [2, 3],
      strides: [2, 3],
    });
    expect([values.shape, input.shape, target]).toEqual([[4, 6, 1], [4, 6, 1], 1]);
    for (const [i, value] of values.toArray().entries()) {
      if (i % 6 < 3) expect(value).toBeGreaterThan(0.5);
      else expect(Math.abs(value)).toBeLessThan(1e-6);
    }
    expect(tf.memory().numTensors).toBe(before);
    learn.dispose();
  });

  test.each(["zeros", "uniform", "gauss"] as const)(
    "draws pictures, baseline %s; a trained net in train mode is left so",
    async (baselineType) => {
      const { learn, row } = make(
        new Sequential(new Conv2d(1, 2, { kernelSize: 3 }), new Sigmoid(), new Flatten(), new Linear(16, 2)),
      );
      learn.model.train();
      const before = tf.memory().numTensors;
      const figure = await new AttributionInterpretation(learn).visualize(row, {
        baselineType,
        sign: "positive",
        target: 0,
      });
      expect(await figure.toSvg()).toContain("attribution");
      expect(learn.model.training).toBe(true);
      expect(tf.memory().numTensors).toBe(before);
      learn.dispose();
    },
  );

  test("refuses what it does not know", async () => {
    const { learn, row } = make(new Halves());
    const interp = new AttributionInterpretation(learn);
    await expect(interp.attribute(row, { nSteps: 0 })).rejects.toThrow(/"nSteps":0.*whole numbers/);
    await expect(interp.attribute(row, { metric: "LIME" as "IG" })).rejects.toThrow(/"LIME"/);
    await expect(interp.attribute(row, { steps: 3 } as object)).rejects.toThrow(/option "steps"/);
    await expect(interp.attribute(row, { target: 2 })).rejects.toThrow(/target 2/);
    await expect(interp.visualize(row, { sign: "negative" as "all" })).rejects.toThrow(/"negative".*"positive"/);
    await expect(interp.visualize(row, { outlierPerc: 101 })).rejects.toThrow(/101.*0 to 100/);
    const flat = make(new Sequential(new Linear(24, 2)), [24]);
    await expect(new AttributionInterpretation(flat.learn).attribute(row)).rejects.toThrow(/one picture/);
    learn.dispose();
    flat.learn.dispose();
  });
});
