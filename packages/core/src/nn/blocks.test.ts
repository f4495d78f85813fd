import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import * as nn from "./index.ts";
import { seWidth } from "./se.ts";

const names = (model: nn.Sequential) => [...model].map((layer) => layer.constructor.name);

describe("ConvLayer", () => {
  test.each([
    [{}, ["Conv2d", "BatchNorm2d", "ReLU"]],
    [{ bn1st: false }, ["Conv2d", "ReLU", "BatchNorm2d"]],
    [{ actCls: null, ndim: 1 }, ["Conv1d", "BatchNorm1d"]],
    [{ normType: "instance" }, ["Conv2d", "InstanceNorm2d", "ReLU"]],
    [{ normType: "weight", xtra: new nn.Identity() }, ["Conv2d", "ReLU", "Identity"]],
    [{ normType: null, transpose: true }, ["ConvTranspose2d", "ReLU"]],
  ] as [nn.ConvLayerOptions, string[]][])("with %j is %j", (options, wanted) => {
    const layer = new nn.ConvLayer(2, 3, options);
    expect(names(layer)).toEqual(wanted);
    layer.dispose();
  });

  test("has a bias unless batch or instance norm follows", () => {
    const bias = (normType: nn.NormType | null) => {
      const layer = new nn.ConvLayer(2, 3, { normType });
      const has = (layer.at(0) as nn.Conv2d).bias !== null;
      layer.dispose();
      return has;
    };
    expect([null, "weight", "spectral"].map((t) => bias(t as nn.NormType | null))).toEqual([true, true, true]);
    expect(["batch", "batchZero", "instance"].map((t) => bias(t as nn.NormType))).toEqual([false, false, false]);
  });

  test("norms start with offset 0.001 and, of the Zero kind, scale 0", () => {
    const layer = new nn.ConvLayer(2, 3, { normType: nn.NormType.BatchZero });
    const norm = layer.at(1) as nn.BatchNorm2d;
    expect(norm.bias!.value).toBeAllclose([1e-3, 1e-3, 1e-3]);
    expect(norm.weight!.value).toBeAllclose([0, 0, 0]);
    layer.dispose();
  });
});

describe("LinBnDrop", () => {
  test.each([
    [{ p: 0.1, act: new nn.ReLU() }, ["BatchNorm1d", "Dropout", "Linear", "ReLU"]],
    [{ p: 0.1, act: new nn.ReLU(), linFirst: true }, ["Linear", "ReLU", "BatchNorm1d", "Dropout"]],
    [{ bn: false }, ["Linear"]],
  ] as [nn.LinBnDropOptions, string[]][])("with %j is %j", (options, wanted) => {
    const layer = new nn.LinBnDrop(2, 3, options);
    expect(names(layer)).toEqual(wanted);
    const linear = [...layer].find((l) => l instanceof nn.Linear) as nn.Linear;
    expect(linear.bias === null).toBe(options.bn !== false);
    layer.dispose();
  });
});

describe("ResBlock", () => {
  test("pools the shortcut before its convolution and starts its branch at nothing", () => {
    const block = new nn.ResBlock(1, 4, 6, { stride: 2 });
    expect(names(block.idpath)).toEqual(["AvgPool2d", "ConvLayer"]);
    const last = block.convpath.at(-1) as nn.ConvLayer;
    expect((last.at(1) as nn.BatchNorm2d).weight!.value).toBeAllclose([0, 0, 0, 0, 0, 0]);
    expect(block.namedParameters()[0]![0]).toBe("convpath.0.0.weight");
    block.dispose();
    const after = new nn.ResBlock(1, 4, 6, { stride: 2, poolFirst: false, pool: nn.maxPool });
    expect(names(after.idpath)).toEqual(["ConvLayer", "MaxPool2d"]);
    after.dispose();
  });

  test("widths of the squeeze-and-excite family", () => {
    expect([seWidth(64, 16), seWidth(256, 16)]).toEqual([8, 16]);
    const block = new nn.SEResNeXtBlock(4, 64, 64);
    const middle = (block.convpath.at(1) as nn.ConvLayer).at(0) as nn.Conv2d;
    expect([middle.outChannels, middle.groups]).toEqual([128, 32]);
    block.dispose();
    const separable = new nn.SeparableBlock(4, 8, 8);
    const deep = (separable.convpath.at(1) as nn.ConvLayer).at(0) as nn.Conv2d;
    expect([deep.inChannels, deep.groups]).toEqual([16, 16]);
    separable.dispose();
  });
});

describe("activations", () => {
  test("have the published values", () => {
    tf.tidy(() => {
      const x = tf.tensor1d([1, -1]);
      expect(new nn.Swish().call(x)).toBeAllclose([0.7310586, -0.2689414]);
      expect(new nn.Mish().call(x)).toBeAllclose([0.8650984, -0.3034015]);
      expect(new nn.SigmoidRange(0, 5.5).call(tf.scalar(1))).toBeAllclose(4.0208222);
      expect(nn.vleakyRelu(x)).toBeAllclose([1, -0.3]);
      expect(nn.clampedSigmoid(tf.tensor1d([100, -100]))).toBeAllclose([1 - 1e-7, 1e-7], { rtol: 0, atol: 1e-7 });
    });
  });
});

describe("containers", () => {
  test("SequentialEx hands its input to the layers that look back", () => {
    tf.tidy(() => {
      const x = tf.tensor2d([[1, 2]]);
      const double = new nn.Lambda((y: tf.Tensor) => tf.mul(y, 2));
      expect(new nn.SequentialEx(double, new nn.MergeLayer()).call(x)).toBeAllclose([3, 6]);
      expect(new nn.SequentialEx(double, new nn.MergeLayer({ dense: true })).call(x)).toBeAllclose([2, 4, 1, 2]);
      expect(new nn.SequentialEx(double, new nn.ProdLayer()).call(x)).toBeAllclose([2, 8]);
      expect(new nn.Cat([double, new nn.Identity()]).call(x)).toBeAllclose([2, 4, 1, 2]);
    });
  });

  test("Flatten can put channels first, as PyTorch's linear layers expect", () => {
    tf.tidy(() => {
      const x = tf.reshape(tf.range(0, 8), [1, 2, 2, 2]);
      expect(new nn.Flatten().call(x).shape).toEqual([1, 8]);
      expect(new nn.Flatten({ full: true }).call(x).shape).toEqual([8]);
      expect(new nn.Flatten({ channelsFirst: true }).call(x)).toBeAllclose([0, 2, 4, 6, 1, 3, 5, 7]);
      expect(new nn.ResizeBatch(4, 2).call(x).shape).toEqual([1, 4, 2]);
    });
  });

  test("TimeDistributed gives the same step by step", () => {
    const linear = new nn.Linear(4, 3);
    tf.tidy(() => {
      const x = tf.randomNormal([2, 5, 4], 0, 1, "float32", 1);
      const folded = new nn.TimeDistributed(linear).call(x);
      expect(folded.shape).toEqual([2, 5, 3]);
      expect(new nn.TimeDistributed(linear, { lowMem: true }).call(x)).toBeAllclose(folded);
    });
    linear.dispose();
  });
});

describe("Dropout", () => {
  test("drops while training, and passes through otherwise", () => {
    tf.tidy(() => {
      const x = tf.ones([100, 100]);
      const dropout = new nn.Dropout(0.25);
      const kept = dropout
        .call(x)
        .dataSync()
        .filter((v) => v > 0);
      expect(kept.length / 1e4).toBeCloseTo(0.75, 1);
      expect(kept[0]).toBeCloseTo(4 / 3, 5);
      expect(dropout.eval().call(x)).toBe(x);
    });
  });

  test("Dropout2d drops whole channels", () => {
    tf.tidy(() => {
      const y = new nn.Dropout2d(0.5).call(tf.ones([4, 3, 3, 8]));
      const [low, high] = [tf.min(y, [1, 2]), tf.max(y, [1, 2])];
      expect(low).toBeAllclose(high);
    });
  });
});
