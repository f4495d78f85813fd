import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readSafetensors, writeSafetensors } from "@layerwise/core/files";
import {
  type Architecture,
  buildModel,
  CheckpointCallback,
  FileFormatError,
  LayerwiseError,
  Learner,
  loadLearner,
  models,
  noLogging,
  SimpleCNN,
  visionLearner,
} from "@layerwise/vision/all";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { catsAndDogs, petLoaders } from "./catsAndDogs.ts";

models.add("test/petNet", ({ width = 4 }) => new SimpleCNN([3, width as number, 2]));

// biome-ignore lint/suspicious/noExplicitAny: a test takes files apart that users never see
type Json = any;

let folder: string;
let files: string[];
let learn: Learner;
let exported: string;
let checkpoint: string;
let atRest: number;
beforeAll(async () => {
  ({ folder, files } = await catsAndDogs());
  learn = (await makeLearner()) as unknown as Learner;
  await learn.fit(1, { cbs: [new CheckpointCallback({ everyBatches: 1 })] });
  exported = await learn.export();
  checkpoint = join(folder, "models", "checkpoint.safetensors");
  atRest = tf.memory().numTensors;
});
afterAll(() => learn.dispose());

async function makeLearner(args: Record<string, unknown> = {}) {
  const made = new Learner(await petLoaders(folder), buildModel("test/petNet", args), { path: folder });
  made.logger = noLogging;
  return made;
}

/** A description as text, for what `JSON.stringify` would not write. */
class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A copy of a file of ours whose description was changed. */
async function forged(from: string, change: (header: Json) => unknown): Promise<string> {
  const { tensors, metadata } = await readSafetensors(from);
  const header = JSON.parse(metadata.layerwise!);
  const changed = change(header);
  const path = join(folder, `forged-${Math.random()}.safetensors`);
  await writeSafetensors(path, tensors, { layerwise: changed instanceof Raw ? changed.text : JSON.stringify(header) });
  return path;
}

async function refusal(attempt: Promise<unknown>): Promise<LayerwiseError> {
  const error = await attempt.then(
    () => new Error("it was accepted"),
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(LayerwiseError);
  return error as LayerwiseError;
}

/** Adds `"__proto__"` to every object as a key of its own, as a hostile file could. */
function withProto(header: Json): Raw {
  const marked = JSON.stringify(header, (_, value) =>
    typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value, PROTO: 1 } : value,
  );
  const hostile = '"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}';
  return new Raw(marked.replaceAll('"PROTO":1', hostile));
}

const isPolluted = (): boolean => "polluted" in {};

describe("an exported learner", () => {
  test("predicts as it did", async () => {
    const loaded = await loadLearner(exported);
    expect(await loaded.predict(files[0])).toMatchObject({ pred: (await learn.predict(files[0])).pred });
    loaded.dispose();
  });

  test.each<[string, (header: Json) => void, RegExp]>([
    [
      "an architecture",
      (h) => (h.arch.name = "waveNet"),
      /model registry: got "waveNet".*package that defines "waveNet"/,
    ],
    ["a loss", (h) => (h.extra.loss.name = "MyLoss"), /loss registry: got "MyLoss".*package that defines "MyLoss"/],
    [
      "a transform",
      (h) => (transforms(h)[0].name = "Blur"),
      /transform registry: got "Blur".*package that defines "Blur"/,
    ],
    ["loaders", (h) => (h.extra.data.kind = "AudioLoaders"), /registry: got "AudioLoaders".*package that defines/],
    ["a loader class", (h) => (h.extra.data.loader = "MyDL"), /loader registry: got "MyDL"/],
    [
      "a kind of tensor",
      (h) => (h.extra.data.kinds[0].kind = "TensorSound"),
      /kind of tensor registry: got "TensorSound"/,
    ],
    ["a thing of every object", (h) => (h.arch.name = "constructor"), /model registry: got "constructor"/],
    ["a prototype", (h) => (h.extra.loss.name = "__proto__"), /loss registry: got "__proto__"/],
  ])("with %s that is not registered says which, and what to import", async (_, change, message) => {
    const error = await refusal(loadLearner(await forged(exported, change)));
    expect(error.message).toMatch(message);
    expect(tf.memory().numTensors).toBe(atRest);
  });

  test.each<[string, (header: Json) => unknown]>([
    ["no architecture", (h) => delete h.arch],
    ["nothing in it", (h) => (h.extra = null)],
    ["no data", (h) => (h.extra.data = null)],
    ["data that is a list", (h) => (h.extra.data = [])],
    ["no datasets", (h) => delete h.extra.data.datasets],
    ["no stages", (h) => (h.extra.data.stages = 3)],
    ["a transform without a name", (h) => (transforms(h)[0] = null)],
    ["a vocabulary that is a number", (h) => (categorize(h).args = { vocab: 5 })],
    ["options of a loss that are a list", (h) => (h.extra.loss.args = [])],
    ["a loss axis that is text", (h) => (h.extra.loss.args = { axis: "__proto__" })],
    ["another version", (h) => (h.version = 99)],
    ["another kind", (h) => (h.kind = "script")],
    ["a description that is text", () => new Raw('"hello"')],
    ["a description that is no JSON", () => new Raw("{")],
    ["options of a model that make no sense", (h) => (h.arch.args = { width: -1 })],
    ["another model of that name", (h) => (h.arch.args = { width: 7 })],
  ])("with %s is refused", async (_, change) => {
    await refusal(loadLearner(await forged(exported, change)));
    expect(tf.memory().numTensors).toBe(atRest);
  });

  test("cut off anywhere is refused by name", async () => {
    const whole = await readFile(exported);
    const path = join(folder, "cut.safetensors");
    for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 40)) {
      await writeFile(path, whole.subarray(0, at));
      const error = await refusal(loadLearner(path));
      expect(error).toBeInstanceOf(FileFormatError);
      expect(error.message).toContain("cut.safetensors");
    }
  });

  test.each([2n ** 63n, 2n ** 53n, 1n << 40n, 99_999_999n])(
    "with a header of %d bytes takes no memory",
    async (size) => {
      const path = join(folder, "absurd.safetensors");
      const bytes = await readFile(exported);
      bytes.writeBigUInt64LE(size);
      await writeFile(path, bytes);
      const before = process.memoryUsage().rss;
      expect((await refusal(loadLearner(path))).message).toMatch(/header length/);
      expect(process.memoryUsage().rss - before).toBeLessThan(50e6);
    },
  );

  test("with keys that reach for prototypes is loaded without them, or refused", async () => {
    await loadLearner(await forged(exported, withProto)).then(
      (loaded) => loaded.dispose(),
      (error: unknown) => expect(error).toBeInstanceOf(LayerwiseError),
    );
    expect(isPolluted()).toBe(false);
    expect(tf.memory().numTensors).toBe(atRest);
  });

  test("is no file of weights, and weights are no learner", async () => {
    await learn.save("weights");
    expect((await refusal(loadLearner(join(folder, "models", "weights.safetensors")))).message).toMatch(
      /kind "weights"/,
    );
    expect((await refusal(learn.load(exported))).message).toMatch(/kind "learner"/);
  });
});

describe("weights of another model", () => {
  test("are refused with the names that differ, and change nothing", async () => {
    await learn.save("mine");
    const other = (await makeLearner({ width: 8 })) as unknown as Learner;
    const before = other.model.parameters()[0]!.value.dataSync().slice();
    const { message } = await refusal(other.load("mine"));
    expect(message).toMatch(/0\.0\.weight is \[3, 3, 3, 4\] instead of \[3, 3, 3, 8\]/);
    expect(other.model.parameters()[0]!.value.dataSync()).toEqual(before);
    other.model.dispose();
    other.model = new SimpleCNN([3, 4, 4, 2]);
    expect((await refusal(other.load("mine"))).message).toMatch(/missing .*2\.0\.weight.*unexpected 1\.0\.bias/s);
    other.dispose();
    expect(tf.memory().numTensors).toBe(atRest);
  });
});

describe("weights for a vision learner", () => {
  const tiny: Architecture = { name: "tiny", build: () => new SimpleCNN([3, 4, 2]), cut: -1 };

  test("of another model are refused with file, architecture and the names that differ", async () => {
    const weights = await learn.save("other");
    const { message } = await refusal(visionLearner(await petLoaders(folder), tiny, { weights }));
    expect(message).toMatch(
      /other\.safetensors.*another model: missing 0\.0\.weight.*unexpected model\.0\.0.*full tiny/,
    );
    expect(tf.memory().numTensors).toBe(atRest);
  });

  test.each([["cut.safetensors"], ["cut.pth"]])("that are cut off are refused by name: %s", async (name) => {
    const weights = join(folder, name);
    await writeFile(weights, name.endsWith("pth") ? Buffer.from("504b0304140000", "hex") : "{}");
    const error = await refusal(visionLearner(await petLoaders(folder), tiny, { weights }));
    expect(error).toBeInstanceOf(FileFormatError);
    expect(error.message).toContain(name);
  });
});

describe("a checkpoint", () => {
  const resume = async (path: string) => {
    const again = (await makeLearner()) as unknown as Learner;
    try {
      await again.fit(1, { resume: path });
    } finally {
      again.dispose();
    }
  };

  test("cut off is refused by name", async () => {
    const path = join(folder, "half.safetensors");
    await writeFile(path, await readFile(checkpoint));
    await truncate(path, 2000);
    expect((await refusal(resume(path))).message).toContain("half.safetensors");
  });

  test.each<[string, (header: Json) => unknown]>([
    ["a position", (h) => (h.extra = [])],
    ["an epoch", (h) => (h.extra.epoch = -1e9)],
    ["a batch", (h) => (h.extra.batch = 0.5)],
    ["a random state", (h) => (h.extra.random.words = [1, 2])],
    ["random words", (h) => (h.extra.random.words[3] = "7")],
    ["a recorder", (h) => (h.extra.recorder = {})],
    ["losses", (h) => (h.extra.recorder.losses = 5)],
    ["callbacks", (h) => (h.extra.callbacks = [null])],
    ["optimizer groups", (h) => (h.optimizer.hypers = 3)],
    ["optimizer rows", (h) => (h.optimizer.scalars = [null])],
    ["as many parameters", (h) => h.optimizer.scalars.pop()],
  ])("without %s is refused", async (_, change) => {
    await refusal(resume(await forged(checkpoint, change)));
    expect(tf.memory().numTensors).toBe(atRest);
  });

  test("with keys that reach for prototypes changes no object", async () => {
    await resume(await forged(checkpoint, withProto)).catch((e: unknown) => expect(e).toBeInstanceOf(LayerwiseError));
    expect(isPolluted()).toBe(false);
  });

  test("of a run whose loss was NaN goes on with NaN", async () => {
    const spoiled = await forged(checkpoint, (h) => {
      h.extra.recorder.losses.fill(null);
      h.extra.recorder.smooth.value = null;
      Object.assign(h.extra, { epoch: 0, batch: 1 });
    });
    const again = (await makeLearner()) as unknown as Learner;
    await again.fit(1, { resume: spoiled });
    expect(again.recorder?.losses[0]).toBeNaN();
    expect(again.recorder?.smoothLoss).toBeNaN();
    again.dispose();
  });
});

/** Descriptions of transforms, in the order they run on the input. */
function transforms(header: Json): Json[] {
  return header.extra.data.stages.afterBatch;
}

function categorize(header: Json): Json {
  const text = JSON.stringify(header.extra.data.datasets);
  expect(text).toContain("Categorize");
  return find(header.extra.data.datasets, (value) => value?.name === "Categorize");
}

function find(value: Json, fits: (value: Json) => boolean): Json {
  if (fits(value)) return value;
  if (typeof value !== "object" || value === null) return undefined;
  for (const inner of Object.values(value)) {
    const found = find(inner, fits);
    if (found !== undefined) return found;
  }
  return undefined;
}
