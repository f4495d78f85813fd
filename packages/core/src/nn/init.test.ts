import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { setSeed } from "../random.ts";
import * as nn from "./index.ts";
import { foldNormal } from "./init.ts";

beforeEach(() => setSeed(42));

function stats(weight: nn.Weight) {
  const values = Float32Array.from(weight.value.dataSync());
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  return { mean, std: Math.sqrt(variance), max: values.reduce((most, v) => Math.max(most, Math.abs(v)), 0) };
}

function drawnBy(init: nn.InitFunc, shape: number[], layout: nn.WeightLayout) {
  const weight = new nn.Parameter(tf.zeros(shape), layout);
  init(weight);
  const result = stats(weight);
  weight.dispose();
  return result;
}

describe("fans", () => {
  test.each([
    [[30, 20], "linear", 30, 20],
    [[3, 3, 8, 16], "conv2d", 72, 144],
    [[3, 8, 16], "conv1d", 24, 48],
    [[3, 3, 16, 8], "convTranspose2d", 144, 72],
    [[2, 3, 3, 8, 16], "conv3d", 144, 288],
    [[3, 16, 8], "convTranspose1d", 48, 24],
    [[2, 3, 3, 16, 8], "convTranspose3d", 288, 144],
    [[50, 7], "same", 7, 50],
  ] as const)("of %j as %s are %d and %d", (shape, layout, fanIn, fanOut) => {
    expect(nn.fans({ shape: [...shape], layout })).toEqual({ fanIn, fanOut });
  });
});

describe("init functions", () => {
  test("kaimingUniform of a 3-channel 3x3 convolution stays within sqrt(6 / 27)", () => {
    const { max, mean, std } = drawnBy(nn.kaimingUniform, [3, 3, 3, 64], "conv2d");
    expect(max).toBeLessThanOrEqual(0.4714046);
    expect(max).toBeGreaterThan(0.465);
    expect(mean).toBeCloseTo(0, 1);
    expect(std).toBeCloseTo(0.4714045 / Math.sqrt(3), 1);
  });

  test("the fans of dense layers fix the spread of the others", () => {
    expect(drawnBy(nn.kaimingNormal, [200, 100], "linear").std).toBeCloseTo(Math.sqrt(2 / 200), 2);
    expect(drawnBy((w) => nn.kaimingNormal(w, { mode: "fanOut" }), [200, 100], "linear").std).toBeCloseTo(
      Math.sqrt(2 / 100),
      2,
    );
    expect(drawnBy(nn.xavierNormal, [200, 100], "linear").std).toBeCloseTo(Math.sqrt(2 / 300), 2);
    const xavier = drawnBy(nn.xavierUniform, [200, 100], "linear");
    expect(xavier.max).toBeLessThanOrEqual(Math.sqrt(6 / 300));
    expect(xavier.max).toBeGreaterThan(0.99 * Math.sqrt(6 / 300));
  });

  test.each([
    [2.5, 0.005],
    [-3.2, -0.012],
    [1.9, 0.019],
  ])("the embedding draw %d becomes %d", (draw, wanted) => {
    expect(foldNormal(draw) * 0.01).toBeCloseTo(wanted, 10);
  });

  test("embeddings stay within 2 std", () => {
    const embedding = new nn.Embedding(300, 20);
    const { max, std } = stats(embedding.weight);
    expect(max).toBeLessThan(0.02);
    expect(max).toBeGreaterThan(0.0195);
    expect(std).toBeCloseTo(0.0088, 3); // a folded normal: smaller than 0.01
    embedding.dispose();
  });

  test.each([
    [() => new nn.Linear(100, 30), 100],
    [() => new nn.Conv2d(4, 30, { kernelSize: 5 }), 100],
    [() => new nn.Conv2d(8, 32, { kernelSize: 5, groups: 2 }), 100],
  ] as const)("a new layer draws weight and bias within 1 / sqrt(fanIn)", (make, fanIn) => {
    const layer = make();
    for (const weight of [layer.weight, layer.bias!]) {
      expect(stats(weight).max).toBeLessThanOrEqual(1 / Math.sqrt(fanIn));
      expect(stats(weight).max).toBeGreaterThan(0.8 / Math.sqrt(fanIn));
    }
    layer.dispose();
  });

  test("orthogonal rows or columns have length 1 and no overlap", () => {
    const law = fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (inputs, outputs) => {
      const weight = new nn.Parameter(tf.zeros([inputs, outputs]), "linear");
      nn.orthogonal(weight);
      const small = Math.min(inputs, outputs);
      const gram = tf.tidy(() =>
        tf.matMul(weight.value as tf.Tensor2D, weight.value as tf.Tensor2D, inputs > outputs, inputs <= outputs),
      );
      expect(gram).toBeAllclose(tf.eye(small), { rtol: 0, atol: 1e-5 });
      gram.dispose();
      weight.dispose();
    });
    fc.assert(law, { numRuns: 20 });
  });

  test("icnr makes the pixels of one position equal", () => {
    const conv = new nn.Conv2d(3, 8, { kernelSize: 1 });
    nn.icnrInit(conv.weight, 2);
    const values = conv.weight.value.dataSync(); // [1, 1, 3, 8]
    for (let i = 0; i < 24; i++) expect(values[i]).toBe(values[i - (i % 4)]);
    expect(values[0]).not.toBe(values[4]);
    conv.dispose();
  });

  test("skipInit leaves zeros and the generator alone", () => {
    const plain = nn.skipInit(() => new nn.ConvLayer(3, 8));
    expect(stats((plain.at(0) as nn.Conv2d).weight).max).toBe(0);
    plain.dispose();
    const first = new nn.Linear(2, 2);
    setSeed(42);
    const second = new nn.Linear(2, 2);
    expect(first.weight.value).toBeAllclose(second.weight.value.dataSync(), { rtol: 0, atol: 0 });
    first.dispose();
    second.dispose();
  });

  test("applyInit draws all but norm layers and frozen layers", () => {
    const model = new nn.Sequential(new nn.Linear(3, 4), new nn.BatchNorm1d(4), new nn.Linear(4, 4));
    model.at(0).requiresGrad(false);
    const ones: nn.InitFunc = (weight) => nn.onesInit(weight);
    nn.applyInit(model, ones);
    const [frozen, norm, last] = [0, 1, 2].map((i) => model.at(i) as nn.Linear);
    expect(stats(frozen!.weight).std).toBeGreaterThan(0);
    expect(stats(norm!.weight)).toMatchObject({ mean: 1 });
    expect(stats(last!.weight)).toMatchObject({ mean: 1, std: 0 });
    expect(stats(last!.bias!).max).toBe(0);
    model.dispose();
  });
});
