import { readFileSync } from "node:fs";
import { join } from "node:path";
import { OptionError } from "@layerwise/core";
import { ClassificationInterpretation, Interpretation, type Learner, loadLearner } from "@layerwise/core/learner";
import { accuracy, accuracyMulti } from "@layerwise/core/metrics";
import {
  AdaptiveAvgPool2d,
  type AnyModule,
  BatchNorm2d,
  buildModel,
  Conv2d,
  Flatten,
  Linear,
  models,
  ReLU,
  Sequential,
} from "@layerwise/core/nn";
import { type DataLoaders, getImageFiles, imagenetStats, Normalize } from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, describe, expect, expectTypeOf, test, vi } from "vitest";
import { tempFolder, writeClasses, writeWeights } from "../../test/pictures.ts";
import {
  type Architecture,
  addArchitecture,
  architectures,
  Flip,
  ImageDataLoaders,
  ImageItem,
  type ImageLoadersOptions,
  pretrainedModel,
  RandomResizedCrop,
  Resize,
  resnet18,
  resnet34,
  SegmentationDataLoaders,
  type VisionModel,
  visionLearner,
} from "../index.ts";

declare module "../models/architectures.ts" {
  interface Architectures {
    "test.tiny": Architecture;
  }
}

/** Small enough for plain JavaScript. */
const tiny = addArchitecture({
  name: "test.tiny",
  build: ({ nIn = 3, nOut = 1000 } = {}) =>
    new Sequential(
      new Conv2d(nIn, 8, { kernelSize: 3, stride: 2, padding: 1 }),
      new BatchNorm2d(8),
      new ReLU(),
      new Conv2d(8, 16, { kernelSize: 3, stride: 2, padding: 1 }),
      new ReLU(),
      new AdaptiveAvgPool2d(1),
      new Flatten(),
      new Linear(16, nOut),
    ),
  cut: -3,
  stats: imagenetStats,
});

let arch: Architecture = tiny;
let path = "";
let weights = "";
beforeAll(async () => {
  if (tf.getBackend() !== "cpu") arch = resnet18;
  path = await writeClasses(tempFolder());
  weights = await writeWeights(arch);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

const SIZE = 32;
const itemTfms = [new Resize(SIZE)];
const loaders = (options: ImageLoadersOptions = {}): Promise<DataLoaders<ImageItem, string>> =>
  ImageDataLoaders.fromFolder(path, { bs: 4, itemTfms, ...options });
const quiet = <X, Y>(learn: Learner<X, Y>): Learner<X, Y> =>
  Object.assign(learn, { logger: () => {}, createMbar: false });
const customHead = () =>
  new Sequential(new AdaptiveAvgPool2d(1), new Flatten(), new Linear(arch === tiny ? 16 : 512, 2));

test("from a folder of pictures to predictions, and again from the exported file", async () => {
  const dls = await loaders({ itemTfms: [new RandomResizedCrop(SIZE)], batchTfms: [new Flip()] });
  const learn = quiet(await visionLearner(dls, arch, { pretrained: false, metrics: accuracy }));
  expectTypeOf(learn).toEqualTypeOf<Learner<ImageItem, string>>();
  await learn.fitOneCycle(1, { lrMax: 1e-3 });
  const before = tf.memory().numTensors;
  await learn.fitOneCycle(2, { lrMax: 1e-3 });
  expect(tf.memory().numTensors).toBe(before);

  expect((await learn.showResults()).toText()).toMatch(/cat|dog/);
  const interp = await ClassificationInterpretation.fromLearner(learn);
  const counts = interp.confusionMatrix().flat();
  expect(counts.reduce((a, b) => a + b)).toBe(4);
  expect((await interp.plotTopLosses(2)).toText()).toContain("Probability");

  const picture = join(path, "valid/cat/cat_0.png");
  const said = await learn.predict(picture);
  expectTypeOf(said.decoded).toEqualTypeOf<string>();
  expectTypeOf(said.input).toEqualTypeOf<ImageItem>();
  expect(dls.vocab).toContain(said.decoded);
  expect(tf.memory().numTensors).toBe(before);

  const file = await learn.export(join(tempFolder(), "pets.layerwise"));
  const loaded = await loadLearner<ImageItem, string>(file);
  for (const item of [picture, readFileSync(picture), await ImageItem.create(picture)]) {
    const again = await loaded.predict(item);
    expect(again.decoded).toBe(said.decoded);
    expect(again.probs).toBeAllclose(said.probs, { rtol: 1e-4, atol: 1e-5 });
  }
  expect(loaded.metrics.map(({ name }) => name)).toEqual(learn.metrics.map(({ name }) => name));
  const sizes = (l: { createOpt: Learner["createOpt"] }) => l.createOpt().paramLists.map((group) => group.length);
  expect(sizes(loaded)).toEqual(sizes(learn)); // so that it can be frozen and fine-tuned as the first one
  loaded.dispose();
}, 240_000);

describe("a pretrained body", () => {
  test("is frozen until fineTune has trained the head", async () => {
    const learn = quiet(await visionLearner(await loaders(), arch, { weights, metrics: [accuracy] }));
    const [first] = (learn.model as VisionModel).body.parameters();
    const start = first!.value.dataSync().slice(0, 4);
    await learn.fit(1);
    expect(first!.value.dataSync().slice(0, 4)).toEqual(start);
    await learn.fineTune(1);
    expect(first!.value.dataSync().slice(0, 4)).not.toEqual(start);
    learn.model.dispose();
  }, 240_000);

  test("adds its normalization once, to every loader, before a batch is read", async () => {
    const dls = await loaders();
    for (const time of [1, 2]) (await visionLearner(dls, arch, { weights, lr: time })).model.dispose();
    for (const loader of dls.loaders) {
      const found = loader.afterBatch.tfms.filter((tfm) => tfm instanceof Normalize);
      expect(found.map(({ mean, std }) => [mean, std])).toEqual([imagenetStats]);
    }
    const own = new Normalize({ mean: [0.5], std: [0.5] });
    const normalized = await loaders({ batchTfms: [own] });
    (await visionLearner(normalized, arch, { weights })).model.dispose();
    expect(normalized.valid.afterBatch.tfms.filter((tfm) => tfm instanceof Normalize)).toEqual([own]);
    const plain = await loaders();
    (await visionLearner(plain, arch, { weights, normalize: false })).model.dispose();
    expect(plain.train.afterBatch.find(Normalize)).toBeUndefined();
  }, 60_000);

  test("sees gray pictures through the sum of its color filters, without normalization", async () => {
    const dls = await loaders({ bw: true });
    const learn = await visionLearner(dls, arch, { weights });
    const [filters] = (learn.model as VisionModel).body.parameters();
    expect(filters!.shape[2]).toBe(1);
    expect(dls.train.afterBatch.find(Normalize)).toBeUndefined();
    const { decoded } = await learn.predict(join(path, "valid/dog/dog_1.png"));
    expect(dls.vocab).toContain(decoded);
    learn.model.dispose();
  }, 60_000);

  test("without a network says what to do", async () => {
    const home = tempFolder();
    vi.stubEnv("LAYERWISE_HOME", home);
    const cause = Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed", { cause })));
    const made = visionLearner(await loaders(), resnet18);
    const message = await made.then(String, (error: Error) => error.message);
    expect(message).toContain("pretrained: false");
    expect(message).toContain(join(home, "models", "resnet18-f37072fd.pth"));
  });

  test("takes weights for other classes, whose head is dropped", async () => {
    const file = await writeWeights({ ...arch, build: (options) => arch.build({ nOut: 7, ...options }) });
    const learn = await visionLearner(await loaders(), arch, { weights: file });
    const full = await pretrainedModel(arch, file);
    const first = (model: AnyModule) => Array.from(model.parameters()[0]!.value.dataSync());
    expect(first(learn.model)).toEqual(first(full));
    expect(full.parameters().at(-1)?.shape).toEqual([7]);
    for (const model of [learn.model, full]) model.dispose();
  }, 60_000);

  test("is freed when the learner cannot be made", async () => {
    const dls = await loaders();
    const before = tf.memory().numTensors;
    const splitter = () => {
      throw new OptionError("splitter", { given: "no groups", expected: "some" });
    };
    for (const options of [{ splitter }, { linFtrs: [4], ps: [0.1, 0.2, 0.3] }, { cut: 99 }]) {
      await expect(visionLearner(dls, arch, { weights, ...options })).rejects.toThrow(OptionError);
      expect(tf.memory().numTensors).toBe(before);
    }
  }, 60_000);

  test("refuses weights of another model", async () => {
    await expect(visionLearner(await loaders(), resnet34, { weights })).rejects.toThrow(/of the full resnet34/);
  });

  test("trains 563,328 parameters of resnet34 for 37 classes while frozen", async () => {
    const vocab = ["cat", "dog", ...Array.from({ length: 35 }, (_, i) => `breed ${i}`)];
    const dls = await ImageDataLoaders.fromFolder(path, { bs: 4, itemTfms, vocab });
    const learn = await visionLearner(dls, resnet34, { pretrained: false });
    learn.freeze();
    const trainable = learn.model.parameters().filter(({ requiresGrad }) => requiresGrad);
    expect(learn.opt?.paramLists.map((group) => group.length).length).toBe(3);
    expect(trainable.reduce((sum, { size }) => sum + size, 0)).toBe(563_328);
    learn.model.dispose();
  }, 60_000);
});

describe("options", () => {
  test("gray pictures, an architecture by name, options of the head", async () => {
    const dls = await loaders({ bw: true });
    const learn = quiet(
      await visionLearner(dls, architectures.get(arch.name), {
        pretrained: false,
        linFtrs: [16, 8],
        ps: [0.1, 0.2, 0.3],
        lr: 1e-4,
      }),
    );
    await learn.fit(1);
    const { body, head } = learn.model as VisionModel;
    expect([body.parameters()[0]!.shape[2], learn.lr]).toEqual([1, 1e-4]);
    const linear = head.modules().filter((layer) => layer instanceof Linear);
    expect(linear.map(({ weight }) => weight.shape[1])).toEqual([16, 8, 2]);
    const loaded = await loadLearner<ImageItem, string>(await learn.export(join(tempFolder(), "gray.layerwise")));
    const picture = join(path, "valid/cat/cat_0.png");
    expect((await loaded.predict(picture)).decoded).toBe((await learn.predict(picture)).decoded);
    for (const { model } of [learn, loaded]) model.dispose();
  }, 120_000);

  test("`cut` reaches the body", async () => {
    const dls = await loaders();
    const learn = await visionLearner(dls, resnet18, { pretrained: false, cut: -4 });
    const { body } = learn.model as VisionModel;
    expect(body.length).toBe(6);
    learn.model.dispose();
    await expect(visionLearner(dls, arch, { pretrained: false, cut: 0 })).rejects.toThrow(/cut 0/);
    await expect(visionLearner(dls, arch, { pretrained: false, cut: 99 })).rejects.toThrow(/cut 99/);
  }, 60_000);

  test("a head of your own trains, and is exported if it has a name", async () => {
    const dls = await loaders();
    const learn = quiet(await visionLearner(dls, arch, { pretrained: false, customHead: customHead() }));
    await learn.fit(1);
    await expect(learn.export(join(tempFolder(), "mine.layerwise"))).rejects.toThrow(/models\.add.*customHead/);
    models.add("test.head", customHead);
    const named = quiet(await visionLearner(dls, arch, { pretrained: false, customHead: buildModel("test.head") }));
    await named.fit(1);
    const loaded = await loadLearner<ImageItem, string>(await named.export(join(tempFolder(), "named.layerwise")));
    const picture = join(path, "valid/cat/cat_0.png");
    expect((await loaded.predict(picture)).probs).toBeAllclose((await named.predict(picture)).probs, { atol: 1e-6 });
    for (const { model } of [learn, named, loaded]) model.dispose();
  }, 60_000);

  test("a cut by a function trains, and says why it cannot be exported", async () => {
    const cut = (model: AnyModule) => new Sequential(...model.children().slice(0, -3));
    const learn = await visionLearner(await loaders(), tiny, { pretrained: false, cut });
    await expect(learn.export(join(tempFolder(), "cut.layerwise"))).rejects.toThrow(/`cut` as a number/);
    learn.model.dispose();
  }, 60_000);

  test("data that does not say how many outputs asks for `nOut`", async () => {
    const files = await getImageFiles(path);
    const dls = await SegmentationDataLoaders.fromLabelFunc(path, files, (file) => file, { bs: 4, itemTfms });
    await expect(visionLearner(dls, arch, { pretrained: false })).rejects.toThrow(/pass `nOut`/);
    const learn = await visionLearner(dls, arch, { pretrained: false, nOut: 3 });
    expect(learn.model.parameters().at(-1)?.shape).toEqual([512, 3]);
    learn.model.dispose();
  }, 60_000);

  test("channels that the pictures do not have", async () => {
    const learn = quiet(await visionLearner(await loaders(), arch, { pretrained: false, nIn: 1 }));
    await expect(learn.fit(1)).rejects.toThrow(/\[4, 32, 32, 3\]; expected 1 channels.*`nIn`/s);
    learn.model.dispose();
  }, 60_000);

  test("an architecture by a name that the compiler knows", async () => {
    const learn = await visionLearner(await loaders(), "test.tiny", { pretrained: false });
    expect(learn.model.arch?.args.arch).toBe("test.tiny");
    learn.model.dispose();
    const full = buildModel("test.tiny", { nOut: 3 });
    expect(full.parameters().at(-1)?.shape).toEqual([3]);
    full.dispose();
    // @ts-expect-error: a number is meant
    expect(() => buildModel("resnet18", { nOut: "three" })).toThrow();
  }, 60_000);

  test.each<[string, () => object, RegExp]>([
    ["a typo", () => ({ metric: accuracy }), /"metrics"/],
    ["weights that are not used", () => ({ weights: "w.pth" }), /`weights` together with `pretrained: false`/],
    ["head options beside a head", () => ({ customHead: customHead(), ps: 0.1 }), /`customHead` together with `ps`/],
    ["dropouts for other layers", () => ({ ps: [0.1, 0.2, 0.3] }), /3 dropouts.*2 linear layers/],
    ["no outputs", () => ({ nOut: 0 }), /nOut = 0/],
  ])("refuses %s", async (_, options, message) => {
    const made = visionLearner(await loaders(), arch, { pretrained: false, ...options() });
    await expect(made).rejects.toThrow(OptionError);
    await expect(made).rejects.toThrow(message);
  });

  test("refuses architectures that do not exist", async () => {
    const dls = await loaders();
    // @ts-expect-error: the compiler knows the names
    await expect(visionLearner(dls, "resnet81", { pretrained: false })).rejects.toThrow(/did you mean/);
    await expect(visionLearner(dls, undefined as never, { pretrained: false })).rejects.toThrow(/resnet34/);
  });
});

describe("other targets", () => {
  const options = { bs: 4, itemTfms, seed: 1 };

  test("several labels: predictions, results and top losses", async () => {
    const files = await getImageFiles(path);
    const labels = files.map((_, i) => [["a", "b"], ["a"], [], ["b"]][i % 4]!);
    const dls = await ImageDataLoaders.fromLists(path, files, labels, options);
    const learn = quiet(await visionLearner(dls, arch, { pretrained: false, metrics: accuracyMulti() }));
    await learn.fit(1);
    const said = await learn.predict(files[0]!);
    expectTypeOf(said.decoded).toEqualTypeOf<string[]>();
    expect([Array.isArray(said.decoded), said.probs.length]).toEqual([true, 2]);
    const interp = await Interpretation.fromLearner(learn);
    expect((await interp.plotTopLosses(2)).toText()).toMatch(/Image 1.*predicted/s);
    await expect(ClassificationInterpretation.fromLearner(learn)).rejects.toThrow(/several labels/);
    learn.model.dispose();
  }, 60_000);

  test("a number within a range", async () => {
    const files = await getImageFiles(path);
    const labels = files.map((_, i) => i + 0.5);
    const dls = await ImageDataLoaders.fromLists(path, files, labels, options);
    const learn = quiet(await visionLearner(dls, arch, { pretrained: false, yRange: [0, 17] }));
    await learn.fit(1);
    const { decoded } = await learn.predict(files[0]!);
    expectTypeOf(decoded).toEqualTypeOf<number>();
    expect(decoded > 0 && decoded < 17).toBe(true);
    const interp = await Interpretation.fromLearner(learn);
    expect((await interp.plotTopLosses(1)).toText()).toContain("Prediction / Actual / Loss:");
    learn.model.dispose();
  }, 60_000);
});
