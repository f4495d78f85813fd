import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import * as nn from "../src/nn/index.ts";

interface Packed {
  shape: number[];
  values: number[];
}

interface Case {
  name: string;
  state: Record<string, Packed>;
  x: Packed;
  y: Packed;
  dy: Packed;
  dx?: Packed;
  grads: Record<string, Packed>;
  buffers?: Record<string, Packed>;
  [extra: string]: unknown;
}

function read(name: string): Case[] {
  const text = readFileSync(new URL(`./golden/${name}.json`, import.meta.url), "utf8");
  return (JSON.parse(text) as { cases: Case[] }).cases;
}

const tensor = ({ shape, values }: Packed, dtype: "float32" | "int32" = "float32") => tf.tensor(values, shape, dtype);
const tolerance = { rtol: 1e-4, atol: 1e-5 };

type Call = (model: nn.AnyModule, x: tf.Tensor, golden: Case) => tf.Tensor;
const plain: Call = (model, x) => model.call(x) as tf.Tensor;
const output: Call = (model, x) => (model as nn.LSTM).call(x).output;

async function loaded(model: nn.AnyModule, golden: Case): Promise<void> {
  const entries = Object.entries(golden.state).map(([key, { shape, values }]): [string, nn.StateEntry] => [
    key,
    { shape, dtype: "float32", values: Float32Array.from(values) },
  ]);
  model.loadStateDict(new Map(entries), { layout: "torch" });
}

/** Loads PyTorch's weights, runs forward and backward, and holds everything to PyTorch's numbers. */
async function agrees(golden: Case, model: nn.AnyModule, call: Call = plain): Promise<void> {
  const before = tf.memory().numTensors - model.parameters().length - model.namedBuffers().length;
  await loaded(model, golden);
  if (/eval/.test(golden.name)) model.eval();
  const x = tensor(golden.x, golden.dx === undefined ? "int32" : "float32");
  const dy = tensor(golden.dy);
  const results = tf.tidy(() => {
    const variables = model.parameters().map(({ value }) => value as tf.Tensor);
    let y: tf.Tensor | undefined;
    const run = (...args: tf.Tensor[]) => {
      y = tf.keep(call(model, golden.dx === undefined ? x : args[0]!, golden));
      return tf.sum(tf.mul(y, dy)) as tf.Scalar;
    };
    const wanted = golden.dx === undefined ? variables : [x, ...variables];
    const { grads } = runGradients(run, wanted);
    return { y: y!, grads };
  });
  expect(results.y.shape).toEqual(golden.y.shape);
  expect(results.y).toBeAllclose(golden.y.values, tolerance);
  const grads = [...results.grads];
  if (golden.dx !== undefined) expect(grads.shift()!).toBeAllclose(golden.dx.values, tolerance);
  const state = await model.stateDict({ layout: "torch" });
  for (const [name, wanted] of Object.entries(golden.buffers ?? {})) {
    expect(state.get(name)!.values, name).toBeAllclose(wanted.values, tolerance);
  }
  // Gradients take the place of the weights, to be read in PyTorch's layout.
  model.parameters().forEach((parameter, i) => {
    parameter.assign(grads[i]!);
  });
  const gradients = await model.stateDict({ layout: "torch" });
  const largest = Math.max(1, ...Object.values(golden.grads).flatMap(({ values }) => values.map(Math.abs)));
  for (const [name, wanted] of Object.entries(golden.grads)) {
    expect(gradients.get(name)!.shape, name).toEqual(wanted.shape);
    expect(gradients.get(name)!.values, name).toBeAllclose(wanted.values, { rtol: 1e-4, atol: 1e-5 * largest });
  }
  tf.dispose([results.y, results.grads, x, dy]);
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
}

/** Gradients with respect to tensors and variables alike. */
function runGradients(run: (...args: tf.Tensor[]) => tf.Scalar, xs: tf.Tensor[]) {
  const engine = tf.engine();
  return engine.gradients(() => run(...xs), xs, undefined, true);
}

function hold(file: string, models: Record<string, [() => nn.AnyModule, Call?]>): void {
  const cases = read(file);
  test("every golden case has a model", () => {
    expect(Object.keys(models).sort()).toEqual(cases.map(({ name }) => name).sort());
  });
  test.each(cases)("$name", async (golden) => {
    const [make, call] = models[golden.name]!;
    await agrees(golden, make(), call);
  });
}

const conv = (nOut: number, options: nn.ConvOptions) => () => new nn.Conv2d(4, nOut, options);
const conv3d = (nOut: number, options: nn.ConvOptions<nn.Size3d>) => () => new nn.Conv3d(2, nOut, options);

describe("convolutions agree with PyTorch", () => {
  hold("nnConv", {
    conv2d: [conv(3, { kernelSize: 3 })],
    "conv2d padded": [conv(3, { kernelSize: 3, stride: 2, padding: 1, bias: false })],
    "conv2d uneven": [conv(3, { kernelSize: [3, 2], stride: [2, 1], padding: [0, 1] })],
    "conv2d 1x1": [conv(3, { kernelSize: 1, stride: 2 })],
    "conv2d groups": [conv(6, { kernelSize: 3, padding: 1, groups: 2 })],
    "conv2d depthwise": [conv(8, { kernelSize: 3, padding: 1, stride: 2, groups: 4 })],
    "conv2d depthwise dilated": [conv(4, { kernelSize: 3, padding: 2, dilation: 2, groups: 4 })],
    "conv2d dilated": [conv(3, { kernelSize: 3, padding: 2, dilation: 2 })],
    "conv2d dilated uneven": [conv(3, { kernelSize: [3, 2], padding: [1, 3], dilation: [2, 3] })],
    "conv2d dilated strided": [conv(3, { kernelSize: 3, padding: 2, dilation: 2, stride: 2 })],
    "conv2d reflect": [conv(3, { kernelSize: 3, padding: [2, 1], paddingMode: "reflect" })],
    "conv2d replicate": [conv(3, { kernelSize: 3, padding: [2, 1], paddingMode: "replicate" })],
    "conv2d circular": [conv(3, { kernelSize: 3, padding: [2, 1], paddingMode: "circular" })],
    conv1d: [() => new nn.Conv1d(4, 3, { kernelSize: 3, stride: 2, padding: 1 })],
    "conv1d dilated": [() => new nn.Conv1d(4, 4, { kernelSize: 3, padding: 2, dilation: 2 })],
    "conv1d depthwise": [() => new nn.Conv1d(4, 4, { kernelSize: 3, padding: 1, groups: 4 })],
    convTranspose2d: [() => new nn.ConvTranspose2d(4, 3, { kernelSize: 3, stride: 2, padding: 1, outputPadding: 1 })],
    "convTranspose2d groups": [() => new nn.ConvTranspose2d(4, 6, { kernelSize: [3, 2], stride: [2, 1], groups: 2 })],
    "convTranspose2d dilated": [() => new nn.ConvTranspose2d(4, 3, { kernelSize: 3, dilation: 2 })],
    convTranspose1d: [() => new nn.ConvTranspose1d(4, 3, { kernelSize: 3, stride: 2, padding: 1, outputPadding: 1 })],
  });
});

describe("norms agree with PyTorch", () => {
  hold("nnNorm", {
    batchNorm2d: [() => new nn.BatchNorm2d(4)],
    "batchNorm2d eval": [() => new nn.BatchNorm2d(4)],
    batchNorm1d: [() => new nn.BatchNorm1d(4, { momentum: 0.01 })],
    "batchNorm1d sequence": [() => new nn.BatchNorm1d(4)],
    instanceNorm2d: [() => new nn.InstanceNorm2d(4, { affine: true })],
    layerNorm: [() => new nn.LayerNorm(4)],
    "layerNorm two axes": [() => new nn.LayerNorm([3, 4])],
    groupNorm: [() => new nn.GroupNorm(2, 4)],
    instanceNorm1d: [() => new nn.InstanceNorm1d(4)],
  });
});

describe("pooling agrees with PyTorch", () => {
  hold("nnPool", {
    maxPool2d: [() => new nn.MaxPool2d(2)],
    "maxPool2d padded": [() => new nn.MaxPool2d(3, { stride: 2, padding: 1 })],
    "maxPool2d ceil": [() => new nn.MaxPool2d(2, { stride: 2, ceilMode: true })],
    "maxPool2d ceil padded": [() => new nn.MaxPool2d(3, { stride: 3, padding: 1, ceilMode: true })],
    avgPool2d: [() => new nn.AvgPool2d(2)],
    "avgPool2d padded": [() => new nn.AvgPool2d(3, { stride: 2, padding: 1 })],
    "avgPool2d padded exclude": [() => new nn.AvgPool2d(3, { stride: 2, padding: 1, countIncludePad: false })],
    "avgPool2d ceil": [() => new nn.AvgPool2d(2, { ceilMode: true })],
    "avgPool2d ceil padded": [() => new nn.AvgPool2d(3, { stride: 2, padding: 1, ceilMode: true })],
    "adaptiveAvgPool2d 1": [() => new nn.AdaptiveAvgPool2d(1)],
    "adaptiveAvgPool2d 3": [() => new nn.AdaptiveAvgPool2d([3, 4])],
    "adaptiveMaxPool2d 1": [() => new nn.AdaptiveMaxPool2d(1)],
    "adaptiveMaxPool2d 3": [() => new nn.AdaptiveMaxPool2d([3, 4])],
    adaptiveConcatPool2d: [() => new nn.AdaptiveConcatPool2d(1)],
    adaptiveConcatPool1d: [() => new nn.AdaptiveConcatPool1d(2)],
    maxPool1d: [() => new nn.MaxPool1d(3, { stride: 2, padding: 1 })],
    pixelShuffle: [() => new nn.PixelShuffle(2)],
    avgPool1d: [() => new nn.AvgPool1d(3, { stride: 2, padding: 1 })],
  });
});

describe("activations agree with PyTorch", () => {
  hold("nnActivation", {
    ReLU: [() => new nn.ReLU()],
    ReLU6: [() => new nn.ReLU6()],
    LeakyReLU: [() => new nn.LeakyReLU()],
    PReLU: [() => new nn.PReLU(4)],
    ELU: [() => new nn.ELU()],
    "ELU 0.5": [() => new nn.ELU(0.5)],
    SELU: [() => new nn.SELU()],
    GELU: [() => new nn.GELU()],
    "GELU tanh": [() => new nn.GELU({ approximate: "tanh" })],
    Sigmoid: [() => new nn.Sigmoid()],
    LogSigmoid: [() => new nn.LogSigmoid()],
    Tanh: [() => new nn.Tanh()],
    Softsign: [() => new nn.Softsign()],
    Softplus: [() => new nn.Softplus()],
    Softmax: [() => new nn.Softmax()],
    LogSoftmax: [() => new nn.LogSoftmax()],
    Mish: [() => new nn.Mish()],
    SiLU: [() => new nn.SiLU()],
    Hardsigmoid: [() => new nn.Hardsigmoid()],
    Hardswish: [() => new nn.Hardswish()],
    Hardtanh: [() => new nn.Hardtanh()],
  });
});

describe("recurrent layers and attention agree with PyTorch", () => {
  const deep = { numLayers: 2, bidirectional: true };
  hold("nnRecurrent", {
    LSTM: [() => new nn.LSTM(4, 3), output],
    "LSTM deep": [() => new nn.LSTM(4, 3, deep), output],
    GRU: [() => new nn.GRU(4, 3), output],
    "GRU deep": [() => new nn.GRU(4, 3, deep), output],
    "LSTM state": [
      () => new nn.LSTM(4, 3),
      (model, x, golden) => {
        const state = { h: tensor(golden.h0 as Packed), c: tensor(golden.c0 as Packed) };
        const result = (model as nn.LSTM).call(x, state);
        expect(result.h).toBeAllclose((golden.h as Packed).values, tolerance);
        expect(result.c).toBeAllclose((golden.c as Packed).values, tolerance);
        return result.output;
      },
    ],
    attention: [() => new nn.MultiHeadAttention(4, 2)],
    "attention cross": [
      () => new nn.MultiHeadAttention(4, 2),
      (model, x, golden) => {
        const memory = tensor(golden.memory as Packed);
        const keyPaddingMask = tf.cast(tensor(golden.mask as Packed), "bool");
        const attnMask = tf.cast(tensor(golden.causal as Packed), "bool");
        return (model as nn.MultiHeadAttention).call(x, memory, tf.mul(memory, 2), { keyPaddingMask, attnMask });
      },
    ],
  });
});

describe("blocks agree with fastai", () => {
  hold("nnBlock", {
    linear: [() => new nn.Linear(4, 3)],
    "linear sequence": [() => new nn.Linear(4, 3)],
    embedding: [() => new nn.Embedding(6, 3)],
    linBnDrop: [() => new nn.LinBnDrop(4, 3, { act: new nn.ReLU() })],
    "linBnDrop linFirst": [() => new nn.LinBnDrop(4, 3, { act: new nn.ReLU(), linFirst: true })],
    resBlock: [() => new nn.ResBlock(1, 6, 6)],
    "resBlock stride": [() => new nn.ResBlock(1, 6, 4, { stride: 2, actCls: nn.Mish })],
    "resBlock bottleneck": [() => new nn.ResBlock(4, 2, 3, { stride: 2 })],
    seBlock: [() => new nn.SEBlock(1, 6, 4, { reduction: 4 })],
    seResNeXtBlock: [() => new nn.SEResNeXtBlock(2, 4, 8, { groups: 2, reduction: 8, baseWidth: 16 })],
    separableBlock: [() => new nn.SeparableBlock(1, 8, 4, { reduction: 4 })],
    selfAttention: [() => new nn.SelfAttention(8)],
    pooledSelfAttention2d: [() => new nn.PooledSelfAttention2d(8)],
    simpleSelfAttention: [() => new nn.SimpleSelfAttention(4)],
    pixelShuffleIcnr: [() => new nn.PixelShuffleIcnr(4, 2, { blur: true })],
    simpleCNN: [() => new nn.SimpleCNN([3, 4, 5])],
    "simpleSelfAttention sym": [() => new nn.SimpleSelfAttention(4, { sym: true })],
    "resBlock attention": [() => new nn.ResBlock(1, 4, 4, { sa: true, reduction: 2 })],
    "resBlock pool last": [() => new nn.ResBlock(1, 4, 3, { stride: 2, poolFirst: false, actCls: nn.Tanh })],
    "resBlock groups": [
      () => new nn.ResBlock(2, 2, 4, { groups: 2, g2: 2, nh1: 6, nh2: 4, normType: nn.NormType.Instance }),
    ],
    "mergeLayer dense": [
      () => new nn.SequentialEx(new nn.Conv2d(4, 3, { kernelSize: 1 }), new nn.MergeLayer({ dense: true })),
    ],
    prodLayer: [() => new nn.SequentialEx(new nn.Conv2d(4, 4, { kernelSize: 1 }), new nn.ProdLayer())],
    cat: [() => new nn.Cat([3, 2].map((nOut) => new nn.Conv2d(4, nOut, { kernelSize: 1 })))],
    timeDistributed: [() => new nn.TimeDistributed(new nn.Linear(4, 2))],
    "timeDistributed low memory": [() => new nn.TimeDistributed(new nn.Linear(4, 2), { lowMem: true })],
    "timeDistributed axis 2": [() => new nn.TimeDistributed(new nn.Linear(3, 2), { tdim: 2 })],
    batchNorm1dFlat: [() => new nn.BatchNorm1dFlat(4)],
    "embedding rows": [() => new nn.Embedding(5, 2)],
    "resBlock 1d": [() => new nn.ResBlock(1, 4, 6, { ndim: 1, stride: 2 })],
  });
});

/** A convolution whose filter has several pixels: they come after the channels in PyTorch's `v`. */
const spectral3x2 = () =>
  new nn.Sequential(nn.spectralNorm(new nn.Conv2d(3, 4, { kernelSize: [3, 2] })), new nn.ReLU());

describe("convolution layers agree with fastai", () => {
  hold("nnConvLayer", {
    convLayer: [() => new nn.ConvLayer(4, 3, { stride: 2 })],
    "convLayer actFirst": [() => new nn.ConvLayer(4, 3, { ks: 1, bn1st: false, actCls: nn.SiLU })],
    "convLayer weight": [() => new nn.ConvLayer(4, 3, { normType: "weight" })],
    "convLayer spectral": [() => new nn.ConvLayer(4, 3, { ks: 1, normType: nn.NormType.Spectral })],
    "convLayer spectral eval": [() => new nn.ConvLayer(4, 3, { ks: 1, normType: "spectral" })],
    "convLayer instance": [() => new nn.ConvLayer(4, 3, { normType: "instance" })],
    "convLayer 1d": [() => new nn.ConvLayer(4, 3, { ndim: 1 })],
    "convLayer 1d transposed": [() => new nn.ConvLayer(4, 3, { ndim: 1, stride: 2, transpose: true })],
    "convLayer 2d transposed": [() => new nn.ConvLayer(4, 3, { ks: 2, stride: 2, transpose: true, bn1st: false })],
    "convLayer weight transposed": [() => new nn.ConvLayer(4, 3, { transpose: true, normType: "weight" })],
    "convLayer spectral 3x2": [spectral3x2],
    "convLayer spectral 3x2 eval": [spectral3x2],
    "convLayer spectral transposed": [() => new nn.ConvLayer(3, 4, { ks: 2, transpose: true, normType: "spectral" })],
    "convLayer spectral transposed eval": [
      () => new nn.ConvLayer(3, 4, { ks: 2, transpose: true, normType: "spectral" }),
    ],
  });
});

describe("layers for volumes agree with PyTorch", () => {
  hold("nnVolume", {
    conv3d: [conv3d(3, { kernelSize: [2, 3, 2] })],
    "conv3d padded": [conv3d(3, { kernelSize: 3, stride: 2, padding: 1 })],
    "conv3d uneven": [conv3d(2, { kernelSize: [3, 1, 2], stride: [3, 2, 1], padding: [2, 0, 1], dilation: [2, 1, 1] })],
    "conv3d groups": [conv3d(4, { kernelSize: 2, padding: 1, groups: 2, bias: false })],
    "conv3d replicate": [conv3d(2, { kernelSize: 3, padding: [2, 1, 1], paddingMode: "replicate" })],
    convTranspose3d: [() => new nn.ConvTranspose3d(2, 3, { kernelSize: 2 })],
    "convTranspose3d strided": [
      () => new nn.ConvTranspose3d(2, 3, { kernelSize: 3, stride: 2, padding: 1, outputPadding: 1 }),
    ],
    "convTranspose3d uneven": [
      () => {
        const sizes = { stride: [3, 1, 2], padding: [0, 1, 0], outputPadding: [2, 0, 1], dilation: [2, 1, 1] } as const;
        return new nn.ConvTranspose3d(2, 4, { kernelSize: [2, 3, 1], ...sizes, groups: 2 });
      },
    ],
    batchNorm3d: [() => new nn.BatchNorm3d(2)],
    instanceNorm3d: [() => new nn.InstanceNorm3d(2, { affine: true })],
    maxPool3d: [() => new nn.MaxPool3d(2)],
    "maxPool3d padded": [() => new nn.MaxPool3d([3, 2, 3], { stride: [2, 1, 2], padding: [1, 1, 0] })],
    "maxPool3d ceil": [() => new nn.MaxPool3d(2, { ceilMode: true })],
    avgPool3d: [() => new nn.AvgPool3d([2, 1, 3], { stride: 1 })],
    "avgPool3d padded": [() => new nn.AvgPool3d(3, { stride: 2, padding: 1 })],
    "avgPool3d ceil exclude": [
      () => new nn.AvgPool3d(3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false }),
    ],
    adaptiveAvgPool3d: [() => new nn.AdaptiveAvgPool3d([2, 3, 1])],
    adaptiveMaxPool3d: [() => new nn.AdaptiveMaxPool3d([3, 1, 2])],
    "resBlock 3d": [() => new nn.ResBlock(1, 2, 3, { ndim: 3, stride: 2 })],
    "convLayer 3d": [() => new nn.ConvLayer(2, 3, { ndim: 3, stride: 2 })],
    "convLayer 3d transposed": [
      () => new nn.ConvLayer(2, 3, { ks: 2, ndim: 3, transpose: true, normType: "instance" }),
    ],
  });
});
