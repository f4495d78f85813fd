import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Learner, loadLearner, setSeed } from "@layerwise/core";
import { accuracy } from "@layerwise/core/metrics";
import { buildModel } from "@layerwise/core/nn";
import {
  categoryBlock,
  DataBlock,
  type DataLoaders,
  Normalize,
  parentLabel,
  randomSplitter,
  TransformContext,
  Tuple,
} from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  AudioItem,
  audioBlock,
  CropTime,
  getAudioFiles,
  MaskFrequencies,
  makeTones,
  type Spectrogram,
  TensorSpectrogram,
  TONE_RATE,
  ToSpectrogram,
  writeWav,
} from "./index.ts";

let folder: string;
let path: string;
let dls: DataLoaders<Spectrogram, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "layerwise-audio-"));
  path = await makeTones(folder, { count: 40, seconds: 0.2 });
  setSeed(42);
  const tones = new DataBlock({
    blocks: [audioBlock({ sampleRate: TONE_RATE, nFft: 256, nMels: 16 }), categoryBlock()],
    getItems: getAudioFiles,
    splitter: randomSplitter({ seed: 42 }),
    getY: parentLabel,
    itemTfms: [new CropTime(0.15)],
    batchTfms: [new Normalize(), new MaskFrequencies({ maxBands: 2 })],
  });
  dls = await tones.dataloaders(path, { bs: 8, path: folder });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the audio package", () => {
  test("batches hold normalized spectrograms of one size", async () => {
    const tensorsBefore = tf.memory().numTensors;
    const batch = await dls.oneBatch();
    const [x] = batch.xb;
    expect(x).toBeInstanceOf(TensorSpectrogram);
    expect(x!.shape).toEqual([8, 16, 15, 1]); // 1200 samples, windows of 256 every 64
    const values = Array.from(await x!.data.data());
    expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length)).toBeLessThan(0.5);
    batch.dispose();
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });

  test("samples are decoded to decibels and drawn", async () => {
    const batch = await dls.valid.oneBatch();
    const [sample] = await dls.valid.decodeBatch(batch);
    batch.dispose();
    expect(sample!.x.shape).toEqual([16, 15]);
    expect(sample!.x.hopSeconds).toBeCloseTo(64 / TONE_RATE, 6);
    const png = await (await dls.showBatch({ maxN: 4 })).toPng();
    expect([...png.subarray(1, 4)].map((code) => String.fromCharCode(code)).join("")).toBe("PNG");
  });

  test("a trained learner predicts the same after export and load", async () => {
    const learn = new Learner(dls, buildModel("tinyWave", { nOut: dls.c!, width: 4 }), { metrics: accuracy });
    await learn.withNoBar(() => learn.fitOneCycle(2, 1e-2));
    expect(learn.recorder!.last("accuracy")).toBeGreaterThanOrEqual(0);
    expect((await learn.showResults({ maxN: 4 })).toText()).toContain("Target / Prediction");
    const again = await loadLearner<Spectrogram, string>(await learn.export("tones.safetensors"));
    const [clip] = await getAudioFiles(join(path, "saw"));
    const [before, after] = [await learn.predict(clip), await again.predict(clip)];
    expect(after.probs).toEqual(before.probs);
    expect(after.decoded).toBe(before.decoded);
    expect(["noise", "saw", "sine", "square"]).toContain(after.decoded);
    expect(after.input.shape).toEqual([16, 15]);
  });

  test("the model's name checks its arguments", () => {
    // @ts-expect-error: a number is meant
    expect(() => buildModel("tinyWave", { nOut: "four" })).toThrow(/nOut = four/);
    // @ts-expect-error: nOut is missing
    expect(() => buildModel("tinyWave", {})).toThrow(/nOut = undefined/);
  });

  test("a clip of another rate is refused by name of the file", async () => {
    const file = join(folder, "fast.wav");
    await writeWav(file, { samples: new Float32Array(4000), sampleRate: 16_000 });
    const learn = new Learner(dls, buildModel("tinyWave", { nOut: 4, width: 4 }));
    await expect(learn.predict(file)).rejects.toThrow(/fast\.wav.*16000 samples per second.*expected 8000/);
  });
});

describe("CropTime", () => {
  const audio = new AudioItem(
    Float32Array.from({ length: 100 }, (_, i) => i + 1),
    100,
  );
  const crop = new CropTime(0.2);

  test("takes the middle in validation", () => {
    const { samples } = crop.call(audio, new TransformContext({ splitIdx: 1 })) as AudioItem;
    expect([samples.length, samples[0]]).toEqual([20, 41]);
  });

  test("takes a place that follows from the item's seed in training", () => {
    const at = (seed: number) =>
      (crop.call(Tuple.of(audio, 3), new TransformContext({ splitIdx: 0, seed })) as Tuple<[AudioItem, number]>)
        .elements[0].samples[0];
    expect(at(1)).toBe(at(1));
    expect(new Set([1, 2, 3, 4, 5].map(at)).size).toBeGreaterThan(1);
  });

  test("puts silence around a short clip", () => {
    const { samples } = new CropTime(1.2).call(audio, new TransformContext({ splitIdx: 1 })) as AudioItem;
    expect([samples.length, samples[9], samples[10], samples[109], samples[110]]).toEqual([120, 0, 1, 100, 0]);
  });
});

describe("ToSpectrogram", () => {
  test.each([300, 1000, 2500])("a sine of %d Hz is loudest in the band around it", (pitch) => {
    const samples = Float32Array.from({ length: 4000 }, (_, i) => Math.sin((2 * Math.PI * pitch * i) / 8000));
    const { values, nMels, frames } = new ToSpectrogram({ fMin: 0 }).spectrogramOf(new AudioItem(samples, 8000));
    const bands = Array.from({ length: nMels }, (_, i) => values[i * frames]!);
    const toMel = (hertz: number) => 2595 * Math.log10(1 + hertz / 700);
    const expected = (toMel(pitch) / toMel(4000)) * (nMels + 1) - 1;
    expect(Math.abs(bands.indexOf(Math.max(...bands)) - expected)).toBeLessThan(1);
  });
});

describe("imports", () => {
  test("are published names only", async () => {
    const require = createRequire(import.meta.url);
    const here = fileURLToPath(new URL(".", import.meta.url));
    const { dependencies } = require("../package.json") as { dependencies: Record<string, string> };
    const allowed = Object.keys(dependencies).flatMap((name) => {
      if (!name.startsWith("@layerwise/")) return [name];
      const { exports } = require(`${name}/package.json`) as { exports: Record<string, unknown> };
      return Object.keys(exports).map((door) => `${name}${door.slice(1)}`);
    });
    for (const file of (await readdir(here)).filter((name) => name.endsWith(".ts"))) {
      const text = await readFile(join(here, file), "utf8");
      for (const match of text.matchAll(/ from "([^"]+)";$|^import "([^"]+)"|\bimport\("([^"]+)"/gm)) {
        const name = match.slice(1).find((part) => part !== undefined) ?? "";
        if (name.startsWith("node:") || name === "vitest") continue;
        if (/^\.\/\w+\.ts$/.test(name)) continue;
        expect(allowed, `${file} imports "${name}"`).toContain(name);
      }
    }
  });
});
