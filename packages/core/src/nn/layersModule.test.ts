import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { describe, expect, test } from "vitest";
import { Learner } from "../learner/index.ts";
import { BCEWithLogitsLossFlat, MSELossFlat } from "../losses/index.ts";
import { adam } from "../optim/index.ts";
import { synthDls } from "../testing/index.ts";
import * as nn from "./index.ts";

function dense(units = 3): layers.Sequential {
  return layers.sequential({
    layers: [
      layers.layers.dense({ name: "first", units, inputShape: [2], activation: "relu" }),
      layers.layers.batchNormalization({ name: "norm" }),
      layers.layers.dropout({ name: "drop", rate: 0.5 }),
      layers.layers.dense({ name: "last", units: 1 }),
    ],
  });
}

describe("LayersModule", () => {
  test("names trainable weights as parameters and the others as buffers", () => {
    const model = new nn.LayersModule(dense());
    expect(model.namedParameters().map(([name, { shape }]) => [name, shape])).toEqual([
      ["first.kernel", [2, 3]],
      ["first.bias", [3]],
      ["norm.gamma", [3]],
      ["norm.beta", [3]],
      ["last.kernel", [3, 1]],
      ["last.bias", [1]],
    ]);
    expect(model.namedBuffers().map(([name]) => name)).toEqual(["norm.moving_mean", "norm.moving_variance"]);
    model.dispose();
  });

  test("does not decay biases and norm layers, and keeps the latter training", () => {
    const model = new nn.LayersModule(dense());
    const named = new Map(model.namedParameters().map(([name, parameter]) => [parameter, name]));
    expect(nn.normBiasParams(model).map((parameter) => named.get(parameter))).toEqual([
      "first.bias",
      "norm.gamma",
      "norm.beta",
      "last.bias",
    ]);
    expect(nn.normBiasParams(model, false).map((parameter) => named.get(parameter))).toEqual([
      "norm.gamma",
      "norm.beta",
    ]);
    model.dispose();
  });

  test("computes what the model predicts, and drops only while training", () => {
    const inner = dense(64);
    const model = new nn.LayersModule(inner).eval();
    const x = tf.tensor2d([0.1, 0.2, 0.3, -0.4, 0.5, 0.6], [3, 2]);
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const predicted = (inner.predict(x) as tf.Tensor).dataSync();
      expect(model.call(x)).toBeAllclose(predicted);
      expect(model.call(x)).toBeAllclose(predicted);
    });
    model.train();
    const means = () => Float32Array.from(model.namedBuffers()[0]![1].value.dataSync());
    const first = means();
    const outputs = tf.tidy(() => [model.call(x).dataSync(), model.call(x).dataSync()]);
    expect([...outputs[0]!]).not.toEqual([...outputs[1]!]);
    expect([...means()]).not.toEqual([...first]); // batch norm of the wrapped model follows the batches
    expect(tf.memory().numTensors).toBe(before);
    x.dispose();
    model.dispose();
  });

  test("trains through the learner, in place", async () => {
    const inner = layers.sequential({ layers: [layers.layers.dense({ units: 1, inputShape: [1] })] });
    inner.setWeights([tf.tensor2d([[0]]), tf.tensor1d([0])]);
    const learn = new Learner(synthDls({ a: 2, b: 3 }), new nn.LayersModule(inner), {
      lossFunc: new MSELossFlat(),
      defaultCbs: true,
    });
    await learn.withNoLogging(() => learn.withNoBar(() => learn.fit(8, { lr: 0.1 })));
    const x = tf.tensor2d([[0], [1]]);
    const [atZero, atOne] = (inner.predict(x) as tf.Tensor).dataSync();
    expect(atZero).toBeCloseTo(3, 0);
    expect(atOne! - atZero!).toBeCloseTo(2, 0);
    x.dispose();
  });

  test("steps as layers of our own with the same weights do", () => {
    const inner = layers.sequential({
      layers: [
        layers.layers.dense({ units: 3, inputShape: [2], activation: "tanh" }),
        layers.layers.dense({ units: 1 }),
      ],
    });
    const wrapped = new nn.LayersModule(inner);
    const ours = new nn.Sequential(new nn.Linear(2, 3), new nn.Tanh(), new nn.Linear(3, 1));
    ours.parameters().forEach((parameter, i) => {
      parameter.assign(tf.clone(wrapped.parameters()[i]!.value));
    });
    const loss = new BCEWithLogitsLossFlat();
    const x = tf.tensor2d([0.1, 0.2, 0.3, -0.4, 0.5, 0.6], [3, 2]);
    const y = tf.tensor2d([1, 0, 1], [3, 1]);
    for (const model of [wrapped, ours]) {
      const opt = adam([model.parameters()], { lr: 0.1 });
      for (let i = 0; i < 3; i++) {
        const { value, grads } = tf.variableGrads(() => loss.call(model.call(x) as tf.Tensor, y) as tf.Scalar);
        value.dispose();
        opt.accumulate(new Map(model.parameters().map((p) => [p, grads[p.value.name]!])));
        opt.step();
        opt.zeroGrad();
      }
      opt.dispose();
    }
    wrapped.parameters().forEach((parameter, i) => {
      expect(parameter.value).toBeAllclose(ours.parameters()[i]!.value);
    });
    tf.dispose([x, y]);
    wrapped.dispose();
    ours.dispose();
  });

  test("saves and loads its state by name, into the wrapped model", async () => {
    const [from, to] = [dense(), dense()];
    const [a, b] = [new nn.LayersModule(from), new nn.LayersModule(to)];
    const x = tf.tensor2d([0.1, 0.2], [1, 2]);
    b.loadStateDict(await a.stateDict());
    tf.tidy(() => {
      expect(to.predict(x) as tf.Tensor).toBeAllclose(from.predict(x) as tf.Tensor);
    });
    x.dispose();
    a.dispose();
    b.dispose();
  });

  test("wants one output", () => {
    const input = layers.input({ shape: [2] });
    const outputs = [1, 2].map((units) => layers.layers.dense({ units }).apply(input) as layers.SymbolicTensor);
    const model = new nn.LayersModule(layers.model({ inputs: input, outputs }));
    const x = tf.zeros([1, 2]);
    expect(() => tf.tidy(() => model.call(x))).toThrow(/several outputs; expected one output/);
    x.dispose();
    model.dispose();
  });
});
