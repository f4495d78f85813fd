import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import * as nn from "./index.ts";

const net = () => new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 2));

describe("Hook", () => {
  test("keeps a copy of the output past the pass, and frees it when removed", () => {
    const model = net();
    const x = tf.ones([2, 3]);
    const before = tf.memory().numTensors;
    const hooks = nn.hookOutputs(model.children());
    for (let i = 0; i < 2; i++) tf.tidy(() => void model.call(x));
    expect(hooks.stored.map((out) => (out as tf.Tensor).shape)).toEqual([
      [2, 4],
      [2, 4],
      [2, 2],
    ]);
    expect(tf.memory().numTensors).toBe(before + 3);
    hooks.remove();
    expect(tf.memory().numTensors).toBe(before);
    tf.tidy(() => void model.call(x));
    expect(hooks.at(0)!.stored).toBeUndefined();
    x.dispose();
    model.dispose();
  });

  test("sees the gradient of an activation", () => {
    const model = net();
    const x = tf.ones([2, 3]);
    const before = tf.memory().numTensors;
    const hook = nn.hookOutput(model.at(2), { grad: true });
    const { value, grads } = tf.variableGrads(() => tf.sum(tf.mul(model.call(x), [[1, 2]])) as tf.Scalar);
    expect((hook.stored as tf.Tensor[])[0]!).toBeAllclose([1, 2, 1, 2]);
    hook.remove();
    tf.dispose([value, grads]);
    expect(tf.memory().numTensors).toBe(before);
    x.dispose();
    model.dispose();
  });
});

describe("flattenModel", () => {
  test("lists the layers and wraps lone parameters", () => {
    const model = new nn.Sequential(net(), new nn.SelfAttention(8));
    const names = nn.flattenModel(model).map((m) => m.constructor.name);
    expect(names).toEqual(["Linear", "ReLU", "Linear", "Conv1d", "Conv1d", "Conv1d", "ParameterModule"]);
    model.dispose();
  });
});

describe("modelSizes", () => {
  const body = () => new nn.Sequential(new nn.ConvLayer(3, 4, { stride: 2 }), new nn.ConvLayer(4, 6, { stride: 2 }));

  test("gives the shape after each child and keeps every module's mode", () => {
    const model = body();
    model.children()[0]!.eval();
    const before = tf.memory().numTensors;
    expect(nn.modelSizes(model, [16, 12])).toEqual([
      [1, 8, 6, 4],
      [1, 4, 3, 6],
    ]);
    expect(nn.numFeaturesModel(model)).toBe(6);
    expect(tf.memory().numTensors).toBe(before);
    expect(model.training).toBe(true);
    expect(model.children().map((m) => m.training)).toEqual([false, true]);
    model.dispose();
  });

  test("numFeaturesModel tries larger pictures when small ones vanish", () => {
    const model = new nn.Sequential(new nn.Conv2d(1, 5, { kernelSize: 40 }));
    expect(nn.numFeaturesModel(model)).toBe(5);
    model.dispose();
  });
});

describe("moduleSummary", () => {
  test("prints a row per layer and a block per shape", () => {
    const model = new nn.Sequential(
      new nn.Conv2d(1, 4, { kernelSize: 3, padding: 1, bias: false }),
      new nn.BatchNorm2d(4),
      new nn.ReLU(),
      new nn.AdaptiveAvgPool2d(1),
      new nn.Flatten(),
      new nn.Linear(4, 2),
    );
    model.at(0).requiresGrad(false);
    const x = tf.zeros([64, 8, 8, 1]);
    const before = tf.memory().numTensors;
    const summary = nn.moduleSummary(model, x);
    expect(tf.memory().numTensors).toBe(before);
    expect(`${summary}`.split("\n").map((line) => line.trimEnd())).toEqual([
      "Sequential (Input shape: 64 x 8 x 8 x 1)",
      "=".repeat(76),
      "Layer (type)         Output Shape         Param #    Trainable",
      "=".repeat(76),
      "                     64 x 8 x 8 x 4",
      "Conv2d                                    36         False",
      "BatchNorm2d                               8          True",
      "ReLU",
      "_".repeat(76),
      "                     64 x 1 x 1 x 4",
      "AdaptiveAvgPool2d",
      "_".repeat(76),
      "                     64 x 4",
      "Flatten",
      "_".repeat(76),
      "                     64 x 2",
      "Linear                                    10         True",
      "_".repeat(76),
      "",
      "Total params: 54",
      "Total trainable params: 18",
      "Total non-trainable params: 36",
    ]);
    expect(summary.layers[5]).toEqual({ type: "Linear", params: 10, trainable: true, shape: [1, 2], same: false });
    x.dispose();
    model.dispose();
  });
});

describe("counting parameters", () => {
  test("totalParams reads the flag of the first one only", () => {
    const model = net();
    model.children()[0]!.requiresGrad(false);
    expect(nn.totalParams(model)).toEqual({ count: 26, trainable: false });
    expect(nn.totalParams(new nn.ReLU())).toEqual({ count: 0, trainable: false });
    expect(nn.hasParams(model.at(1))).toBe(false);
    expect(nn.trainableParams(model)).toHaveLength(2);
    model.dispose();
  });

  test("normBiasParams are those of norm layers and the biases", () => {
    const model = new nn.Sequential(new nn.Linear(3, 4), new nn.BatchNorm1d(4), new nn.LSTM(4, 2));
    expect(nn.normBiasParams(model)).toHaveLength(3);
    expect(nn.normBiasParams(model, false)).toHaveLength(2);
    model.dispose();
  });

  test("inChannels reads the first convolution", () => {
    const model = new nn.Sequential(new nn.BatchNorm2d(3), new nn.ConvLayer(3, 4), new nn.ConvLayer(4, 5));
    expect(nn.inChannels(model)).toBe(3);
    model.dispose();
  });
});
