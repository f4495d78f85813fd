import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import * as nn from "../src/nn/index.ts";
import { fromTorchOrder } from "../src/nn/state.ts";
import { Rng, setSeed } from "../src/random.ts";

interface Packed {
  shape: number[];
  values: number[];
}

interface Golden {
  seed: number;
  drawn: { name: string; first: Packed; second: Packed }[];
  built: { name: string; state: Record<string, Packed> }[];
  singles: number[];
}

const golden = JSON.parse(readFileSync(new URL("./golden/init.json", import.meta.url), "utf8")) as Golden;
const tolerance = { rtol: 1e-6, atol: 1e-6 };

const functions: Record<string, nn.InitFunc> = {
  uniform: (w) => nn.uniformInit(w, -0.3, 0.7),
  normal: (w) => nn.normalInit(w, 0.5, 2),
  kaimingUniform: (w) => nn.kaimingUniform(w),
  kaimingNormal: (w) => nn.kaimingNormal(w, { mode: "fanOut", nonlinearity: "relu" }),
  xavierUniform: (w) => nn.xavierUniform(w, 2),
  xavierNormal: (w) => nn.xavierNormal(w),
  orthogonal: (w) => nn.orthogonal(w, 1.5),
  truncNormal: (w) => nn.truncNormal(w, 0.1, 0.5),
  truncatedNormal: (w) => nn.truncatedNormal(w),
  "truncatedNormal narrow": (w) => nn.truncatedNormal(w, { mean: 0.2, std: 2, low: 1.5, high: 2.5 }),
  "truncatedNormal small": (w) => nn.truncatedNormal(w, { std: 0.02 }),
};

const layouts: Record<string, nn.WeightLayout> = {
  linear: "linear",
  tall: "linear",
  conv2d: "conv2d",
  convTranspose2d: "convTranspose2d",
};

describe("a seed draws PyTorch's numbers", () => {
  test.each(golden.drawn)("$name", ({ name, first, second }) => {
    const [kind, which] = name.split(" ") as [string, string?];
    const init = functions[name] ?? functions[kind]!;
    const layout = layouts[which ?? ""] ?? "same";
    const before = tf.memory().numTensors;
    setSeed(golden.seed);
    for (const { shape, values } of [first, second]) {
      const wanted = fromTorchOrder({ shape, dtype: "float32", values: Float32Array.from(values) }, layout);
      const weight = new nn.Parameter(tf.zeros([...wanted.shape]), layout);
      init(weight);
      expect(weight.value).toBeAllclose(wanted.values, kind === "orthogonal" ? { rtol: 0, atol: 1e-5 } : tolerance);
      weight.dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  test("one by one, through a checkpoint between the two of a pair", () => {
    const random = new Rng(golden.seed);
    const first = random.normal(0.5, 2);
    const later = new Rng(0);
    later.setState(random.state());
    const rest = golden.singles.slice(1).map(() => later.normal(0.5, 2));
    expect([first, ...rest]).toBeAllclose(golden.singles, { rtol: 1e-13, atol: 1e-13 });
  });
});

const modules: Record<string, () => nn.AnyModule> = {
  Linear: () => new nn.Linear(5, 7),
  Conv1d: () => new nn.Conv1d(3, 4, { kernelSize: 5 }),
  Conv2d: () => new nn.Conv2d(3, 4, { kernelSize: 3 }),
  "Conv2d groups": () => new nn.Conv2d(6, 4, { kernelSize: [2, 3], groups: 2 }),
  Conv3d: () => new nn.Conv3d(2, 3, { kernelSize: [1, 2, 3] }),
  ConvTranspose1d: () => new nn.ConvTranspose1d(3, 4, { kernelSize: 2 }),
  ConvTranspose2d: () => new nn.ConvTranspose2d(4, 6, { kernelSize: [3, 2], groups: 2 }),
  ConvTranspose3d: () => new nn.ConvTranspose3d(2, 3, { kernelSize: [1, 2, 3] }),
  LSTM: () => new nn.LSTM(3, 4, { numLayers: 2, bidirectional: true }),
  GRU: () => new nn.GRU(3, 4),
  MultiHeadAttention: () => new nn.MultiHeadAttention(4, 2),
  Embedding: () => new nn.Embedding(6, 5),
  ConvLayer: () => new nn.ConvLayer(3, 4),
  "ConvLayer no norm": () => new nn.ConvLayer(3, 4, { normType: null, actCls: nn.Sigmoid }),
  "ConvLayer weight": () => new nn.ConvLayer(3, 4, { normType: "weight" }),
  "ConvLayer spectral": () => new nn.ConvLayer(3, 4, { normType: "spectral" }),
  "ConvLayer transposed": () => new nn.ConvLayer(3, 4, { ndim: 1, transpose: true }),
  ...Object.fromEntries(
    [nn.ReLU6, nn.LeakyReLU, nn.SiLU, nn.Swish, nn.Mish, nn.Tanh, nn.ELU, nn.GELU, nn.PReLU].map((actCls) => [
      `ConvLayer ${actCls.name}`,
      () => new nn.ConvLayer(3, 4, { ks: 1, actCls }),
    ]),
  ),
  LinBnDrop: () => new nn.LinBnDrop(4, 3, { bn: false, act: new nn.ReLU() }),
  PixelShuffleIcnr: () => new nn.PixelShuffleIcnr(3, 2),
  SelfAttention: () => new nn.SelfAttention(16),
  SimpleSelfAttention: () => new nn.SimpleSelfAttention(5),
  SimpleCNN: () => new nn.SimpleCNN([3, 4, 5]),
  ResBlock: () => new nn.SEBlock(1, 4, 6, { stride: 2, reduction: 4 }),
};

describe("a seed builds PyTorch's and fastai's layers", () => {
  test.each(golden.built)("$name", async ({ name, state }) => {
    setSeed(golden.seed);
    const model = modules[name]!();
    const built = await model.stateDict({ layout: "torch" });
    model.dispose();
    expect([...built.keys()].sort()).toEqual(Object.keys(state).sort());
    for (const [key, wanted] of Object.entries(state)) {
      expect(built.get(key)!.shape, key).toEqual(wanted.shape);
      expect(built.get(key)!.values, key).toBeAllclose(wanted.values, tolerance);
    }
  });
});
