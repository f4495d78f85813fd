import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { defaults } from "../learner/defaults.ts";
import * as nn from "./index.ts";

/** One training step's gradients, with everything freed: the number of tensors must not move. */
function stepLeavesNothing(model: nn.AnyModule, shape: number[], dtype: "float32" | "int32" = "float32"): void {
  const x = dtype === "int32" ? tf.zeros(shape, "int32") : tf.randomNormal(shape, 0, 1, "float32", 1);
  const step = () => {
    const variables = model.parameters().map((p) => p.value);
    const { value, grads } = tf.variableGrads(() => tf.sum(tf.square(outputOf(model.call(x)))) as tf.Scalar, variables);
    for (const { value: variable } of model.parameters()) expect(grads[variable.name]!.shape).toEqual(variable.shape);
    value.dispose();
    tf.dispose(grads);
  };
  const before = tf.memory().numTensors;
  step();
  tf.tidy(() => void model.eval().call(x));
  expect(tf.memory().numTensors).toBe(before);
  x.dispose();
}

function outputOf(result: tf.Tensor | { output: tf.Tensor }): tf.Tensor {
  return result instanceof tf.Tensor ? result : result.output;
}

const cases: [string, () => nn.AnyModule, number[], ("float32" | "int32")?][] = [
  ["Linear", () => new nn.Linear(4, 3), [2, 5, 4]],
  ["Conv2d", () => new nn.Conv2d(4, 6, { kernelSize: 3, stride: 2, padding: 1 }), [2, 7, 6, 4]],
  ["Conv2d with groups", () => new nn.Conv2d(4, 6, { kernelSize: 3, groups: 2 }), [2, 7, 6, 4]],
  ["depthwise Conv2d", () => new nn.Conv2d(4, 8, { kernelSize: 3, groups: 4, padding: 1 }), [2, 7, 6, 4]],
  ["dilated Conv2d", () => new nn.Conv2d(4, 6, { kernelSize: 3, dilation: 2, padding: 2 }), [2, 7, 6, 4]],
  ["reflecting Conv2d", () => new nn.Conv2d(4, 6, { kernelSize: 3, padding: 1, paddingMode: "reflect" }), [2, 7, 6, 4]],
  ["Conv1d", () => new nn.Conv1d(4, 6, { kernelSize: 3, padding: 1 }), [2, 7, 4]],
  ["ConvTranspose2d", () => new nn.ConvTranspose2d(4, 6, { kernelSize: 3, stride: 2 }), [2, 5, 5, 4]],
  ["Embedding", () => new nn.Embedding(5, 3), [2, 4], "int32"],
  ["BatchNorm2d", () => new nn.BatchNorm2d(4), [2, 3, 3, 4]],
  ["BatchNorm1dFlat", () => new nn.BatchNorm1dFlat(4), [2, 3, 4]],
  ["LayerNorm", () => new nn.LayerNorm(4), [2, 3, 4]],
  ["GroupNorm", () => new nn.GroupNorm(2, 4), [2, 3, 3, 4]],
  ["InstanceNorm2d", () => new nn.InstanceNorm2d(4, { affine: true }), [2, 3, 3, 4]],
  ["LSTM", () => new nn.LSTM(3, 4, { numLayers: 2, bidirectional: true, dropout: 0.5 }), [2, 5, 3]],
  ["GRU", () => new nn.GRU(3, 4), [2, 5, 3]],
  ["MultiHeadAttention", () => new nn.MultiHeadAttention(8, 2, { dropout: 0.1 }), [2, 5, 8]],
  ["ConvLayer with weight norm", () => new nn.ConvLayer(4, 6, { normType: "weight" }), [2, 5, 5, 4]],
  ["ConvLayer with spectral norm", () => new nn.ConvLayer(4, 6, { normType: "spectral" }), [2, 5, 5, 4]],
  ["ConvLayer of sequences", () => new nn.ConvLayer(4, 6, { ndim: 1, normType: "instance" }), [2, 5, 4]],
  ["LinBnDrop", () => new nn.LinBnDrop(4, 6, { p: 0.5, act: new nn.ReLU() }), [3, 4]],
  ["ResBlock", () => new nn.ResBlock(1, 8, 16, { stride: 2, sa: true, reduction: 8 }), [2, 5, 5, 8]],
  ["bottleneck", () => new nn.ResBlock(4, 2, 4, { stride: 2, actCls: nn.Mish }), [2, 5, 5, 8]],
  ["SEBlock", () => new nn.SEBlock(1, 16, 16), [2, 4, 4, 16]],
  ["SEResNeXtBlock", () => new nn.SEResNeXtBlock(4, 16, 16, { groups: 4, baseWidth: 16 }), [2, 4, 4, 64]],
  ["SeparableBlock", () => new nn.SeparableBlock(1, 16, 16), [2, 4, 4, 16]],
  ["SelfAttention", () => new nn.SelfAttention(16), [2, 3, 3, 16]],
  ["PooledSelfAttention2d", () => new nn.PooledSelfAttention2d(16), [2, 4, 4, 16]],
  ["SimpleSelfAttention", () => new nn.SimpleSelfAttention(4, { sym: true }), [2, 4, 4, 4]],
  ["PixelShuffleIcnr", () => new nn.PixelShuffleIcnr(4, 2, { blur: true }), [2, 3, 3, 4]],
  ["SimpleCNN", () => new nn.SimpleCNN([3, 4, 5]), [2, 9, 9, 3]],
  ["TimeDistributed", () => new nn.TimeDistributed(new nn.Linear(4, 3)), [2, 5, 4]],
  ["PReLU", () => new nn.PReLU(4), [2, 4]],
];

describe("layers", () => {
  test.each(cases)("%s trains and evaluates without leaking, and disposes all", (_, make, shape, dtype) => {
    const before = tf.memory().numTensors;
    const model = make();
    stepLeavesNothing(model, shape, dtype);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("Debugger", () => {
  test("hands its input on, and to who wants to look", () => {
    const seen: number[][] = [];
    const model = new nn.Sequential(new nn.Debugger((x) => seen.push(x.shape)), new nn.Debugger());
    const x = tf.ones([2, 3]);
    expect(model.call(x)).toBe(x);
    expect(seen).toEqual([[2, 3]]);
    x.dispose();
  });
});

describe("defaults.activation", () => {
  test("is the activation of blocks that are told none", () => {
    const names = () => {
      const layer = new nn.ConvLayer(2, 2);
      const block = new nn.ResBlock(1, 2, 2);
      const found = [layer.at(2), block.act].map((act) => act.constructor.name);
      layer.dispose();
      block.dispose();
      return found;
    };
    expect(names()).toEqual(["ReLU", "ReLU"]);
    defaults.activation = nn.Mish;
    try {
      expect(names()).toEqual(["Mish", "Mish"]);
    } finally {
      defaults.activation = nn.ReLU;
    }
  });
});

describe("oneParam", () => {
  test("is the first parameter, if there is one", () => {
    const linear = new nn.Linear(2, 3);
    expect(nn.oneParam(linear)).toBe(linear.weight);
    expect(nn.oneParam(new nn.ReLU())).toBeUndefined();
    linear.dispose();
  });
});
