import { existsSync } from "node:fs";
import { defaults, Rng, useBackend } from "@layerwise/core";
import {
  type AnyModule,
  Linear,
  Mish,
  ReLU,
  Sequential,
  type StateDict,
  skipInit,
  totalParams,
} from "@layerwise/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import golden from "../../test/golden/models.json" with { type: "json" };
import { type Architecture, architectures } from "./architectures.ts";
import { type Cut, createBody, hasPoolType } from "./body.ts";
import { createHead } from "./head.ts";
import { pretrainedModel } from "./pretrained.ts";
import { resnet18, resnet34 } from "./resnets.ts";
import { createVisionModel } from "./visionModel.ts";
import { seBlock64, XResNet } from "./xresnet.ts";
import { xresnet18 } from "./xresnets.ts";

/** The same draws as the script that made the golden numbers: sorted names, PyTorch's shapes. */
async function fill(model: AnyModule, seed: number): Promise<void> {
  const random = new Rng(seed);
  const shapes = await model.stateDict({ layout: "torch" });
  const state: StateDict = new Map();
  for (const name of [...shapes.keys()].sort()) {
    if (name.endsWith("num_batches_tracked")) continue;
    const { shape, dtype } = shapes.get(name)!;
    const fanIn = shape.slice(1).reduce((product, n) => product * n, 1);
    const rule = (u: number): number => {
      if (name.endsWith("running_var")) return 0.5 + u;
      if (shape.length > 1) return (2 * u - 1) * Math.sqrt(6 / fanIn);
      return name.endsWith("weight") ? 0.5 + u * 0.5 : (2 * u - 1) * 0.1;
    };
    const size = shape.reduce((product, n) => product * n, 1);
    state.set(name, { shape, dtype, values: Float32Array.from({ length: size }, () => rule(random.uniform())) });
  }
  model.loadStateDict(state, { layout: "torch" });
}

function pictures(seed: number, size: number): tf.Tensor {
  const random = new Rng(seed);
  const values = Float32Array.from({ length: 2 * size * size * 3 }, () => random.uniform() * 2 - 1);
  return tf.tensor(values, [2, size, size, 3]);
}

/** Smaller than any architecture with a name. */
const small: Record<string, Architecture["build"]> = {
  "xsenet154 with a block per stage": (options) => new XResNet(seBlock64, 4, [1, 1, 1, 1], { ...options, p: 0.2 }),
};

function logits(model: AnyModule, x: tf.Tensor): ArrayLike<number> {
  return tf.tidy(() => (model.eval().call(x) as tf.Tensor).dataSync());
}

// These models are too large for plain JS.
beforeAll(() => useBackend("wasm"));
afterAll(() => useBackend("cpu"));

describe("models", () => {
  test.each(golden.cases)(
    "$name gives the reference's logits",
    async ({ name, nOut, seed, pictureSeed, size, logits: expected, names }) => {
      const model = skipInit(() => (small[name] ?? architectures.get(name).build)({ nOut }));
      await fill(model, seed);
      expect(model.namedParameters().length + model.namedBuffers().length).toBe(names);
      const x = pictures(pictureSeed, size);
      expect(logits(model, x)).toBeAllclose(expected, { rtol: 1e-4, atol: 1e-4 });
      x.dispose();
      model.dispose();
    },
    120_000,
  );

  test.each([
    ["resnet18", 11_689_512],
    ["resnet34", 21_797_672],
    ["resnet50", 25_557_032],
    ["resnet101", 44_549_160],
    ["resnet152", 60_192_808],
    ["xresnet18", 11_708_744],
    ["xresnet34", 21_816_904],
    ["xresnet50", 25_576_264],
    ["xresnet101", 44_568_392],
    ["xresnet152", 60_212_040],
    ["xresnet18Deep", 14_535_496],
    ["xresnext50", 25_048_136],
    ["xseResnet18", 11_798_856],
    ["xseResnext50", 27_579_128],
    ["xsenet154", 92_960_248],
  ])("%s has %d parameters", (name, count) => {
    const model = skipInit(() => architectures.get(name).build());
    expect(totalParams(model).count).toBe(count);
    model.dispose();
  });

  const published = architectures.names();
  test.each(published)("%s is cut, and split into three groups", (name) => {
    const { build, cut, split } = architectures.get(name);
    const [body, head] = skipInit(() => [createBody(build(), { cut }), new Linear(1, 1)] as const);
    const groups = split?.(body, head) ?? [];
    expect(groups.map((group) => group.length > 0)).toEqual([true, true, true]);
    expect(groups.flat().length).toBe(body.parameters().length + 2);
    for (const module of [body, head]) module.dispose();
  });
});

describe("body and head", () => {
  test("resnet34 for 37 classes has fastai's parameter counts", () => {
    const model = skipInit(() => createVisionModel(resnet34, 37));
    const count = (m: AnyModule): number => m.parameters().reduce((sum, p) => sum + p.size, 0);
    expect([count(model.body), count(model.head), count(model)]).toEqual([21_284_672, 546_304, 21_830_976]);
    expect(model.body.length).toBe(8);
    model.dispose();
  });

  test.each([
    [1, (f: number[]) => f[0]! + f[1]! + f[2]!],
    [2, (f: number[]) => f[0]! * 1.5],
    [4, (f: number[]) => f[0]!],
  ])("trained filters are adapted to %d channels", (nIn, expected) => {
    const full = xresnet18.build();
    const first = full.parameters()[0]!;
    const filters = Array.from({ length: 3 }, (_, c) => first.value.dataSync()[c * first.shape[3]!]!);
    const body = createBody(full, { nIn, cut: -4, pretrained: true });
    const adapted = body.parameters()[0]!;
    expect(adapted.shape[2]).toBe(nIn);
    expect(adapted.value.dataSync()[0]).toBeCloseTo(expected(filters), 5);
    if (nIn === 4) expect(adapted.value.dataSync()[3 * adapted.shape[3]!]).toBe(0);
    body.dispose();
  });

  test("xresnets take `defaults.activation`, which their files could not name", () => {
    defaults.activation = Mish;
    try {
      const model = skipInit(() => createVisionModel(xresnet18, 2));
      expect(model.body.modules().filter((layer) => layer instanceof Mish).length).toBeGreaterThan(16);
      expect(model.body.modules().some((layer) => layer instanceof ReLU)).toBe(false);
      expect([model.arch, model.archHint]).toEqual([undefined, expect.stringMatching(/defaults\.activation/)]);
      model.dispose();
      const plain = skipInit(() => createVisionModel(resnet18, 2));
      expect(plain.arch?.name).toBe("visionModel");
      plain.dispose();
    } finally {
      defaults.activation = ReLU;
    }
  });

  test("a null cut keeps what comes before the last pooling", () => {
    const full = skipInit(() => resnet18.build());
    expect(hasPoolType(full)).toBe(true);
    const body = createBody(full, { cut: null });
    expect(body.length).toBe(8);
    body.dispose();
  });

  test.each<[string, Cut, number]>([
    ["a number", -4, 6],
    ["a function", (model) => new Sequential(...model.children().slice(0, 5)), 5],
    ["a function that returns a part", (model) => model.children()[4]!.children()[0]!, 1],
  ])("what %s cuts off is freed", (_, cut, length) => {
    const before = tf.memory().numTensors;
    const body = createBody(
      skipInit(() => resnet18.build()),
      { cut },
    );
    expect(body.length).toBe(length);
    expect(tf.memory().numTensors - before).toBe(body.parameters().length + body.namedBuffers().length);
    body.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("a model that fails half-way leaves nothing behind", () => {
    const before = tf.memory().numTensors;
    expect(() => skipInit(() => createVisionModel(resnet18, 2, { ps: [1, 2, 3] }))).toThrow(/3 dropouts/);
    expect(() => skipInit(() => createVisionModel(resnet18, 2, { cut: 99 }))).toThrow(/cut 99/);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("an architecture for gray pictures says how to read them", () => {
    const gray = skipInit(() => resnet18.build({ nIn: 1 }));
    expect(() => createBody(gray, { cut: -2, nIn: 3 })).toThrow(/1 channels for pictures of 3.*bw: true/s);
    gray.dispose();
  });

  test("a model without pooling says what to pass", () => {
    const head = createHead(8, 2, { pool: false });
    expect(() => createBody(head, { cut: null, nIn: 3 })).toThrow(/no pooling layer.*cut/s);
    head.dispose();
  });

  test("heads: sizes, dropout, range", () => {
    const head = createHead(512, 10);
    expect(head.layers.map((l) => l.constructor.name)).toEqual([
      "AdaptiveConcatPool2d",
      "Flatten",
      "BatchNorm1d",
      "Dropout",
      "Linear",
      "ReLU",
      "BatchNorm1d",
      "Dropout",
      "Linear",
    ]);
    const first = createHead(16, 3, { linFirst: true, linFtrs: [8], yRange: [0, 1], concatPool: false });
    expect(first.layers.map((l) => l.constructor.name)).toEqual([
      "AdaptiveAvgPool2d",
      "Flatten",
      "Dropout",
      "Linear",
      "ReLU",
      "BatchNorm1d",
      "Dropout",
      "Linear",
      "SigmoidRange",
    ]);
    for (const h of [head, first]) h.dispose();
  });
});

describe("pretrained weights", () => {
  test("a file that is not there is named", async () => {
    await expect(pretrainedModel(resnet18, "/nowhere/resnet18.pth")).rejects.toThrow(/nowhere/);
  });

  test("an architecture without published weights says what to do", async () => {
    await expect(pretrainedModel(xresnet18)).rejects.toThrow(/pretrained: false/);
  });

  // Files of 45 MB are not kept here; `tools/golden/vision_models.py --save DIR` writes them.
  const folder = process.env.LAYERWISE_TORCH_FILES ?? "";
  test.runIf(existsSync(folder)).each(["resnet18", "resnet34"])(
    "%s.pth, saved by PyTorch, gives torchvision's logits",
    async (name) => {
      const { size, pictureSeed, logits: expected } = golden.cases.find((c) => c.name === name)!;
      const arch = { ...architectures.get(name), build: () => architectures.get(name).build({ nOut: 5 }) };
      const model = await pretrainedModel(arch, `${folder}/${name}.pth`);
      const x = pictures(pictureSeed, size);
      expect(logits(model, x)).toBeAllclose(expected, { rtol: 1e-4, atol: 1e-4 });
      x.dispose();
      model.dispose();
    },
  );
});
