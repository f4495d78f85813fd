import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { checkWhole, Learner, loadLearner, setSeed } from "@layerwise/core";
import { accuracy } from "@layerwise/core/metrics";
import { buildModel } from "@layerwise/core/nn";
import { categoryBlock, DataBlock, Normalize, parentLabel, randomSplitter } from "@layerwise/data";
import { audioBlock, CropTime, getAudioFiles, MaskFrequencies, makeTones, TONE_RATE } from "./index.ts";

const BATCH = 16;
const { values: args } = parseArgs({
  options: {
    /** Trains one epoch of this many batches only, to see quickly that everything works. */
    steps: { type: "string" },
    epochs: { type: "string", default: "4" },
  },
});
const steps = args.steps === undefined ? undefined : Number(args.steps);
if (steps !== undefined) checkWhole("main", "--steps", steps, 1);
const start = performance.now();
const cache = fileURLToPath(new URL("../.cache", import.meta.url));
setSeed(42);

const path = await makeTones(cache);
const tones = new DataBlock({
  blocks: [audioBlock({ sampleRate: TONE_RATE }), categoryBlock()],
  getItems: getAudioFiles,
  splitter: randomSplitter({ seed: 42 }),
  getY: parentLabel,
  itemTfms: [new CropTime(0.4)],
  batchTfms: [new Normalize(), new MaskFrequencies()],
});
const dls =
  steps === undefined
    ? await tones.dataloaders(path, { bs: BATCH, path: cache })
    : await tones.partialDataloaders(path, steps * BATCH, { bs: BATCH, path: cache });
const samples = await dls.showBatch();
await samples.save(resolve(cache, "samples.png"));

const learn = new Learner(dls, buildModel("tinyWave", { nOut: dls.c! }), { metrics: accuracy });
await learn.fitOneCycle(steps === undefined ? Number(args.epochs) : 1, 2e-2);
const results = await learn.showResults();
await results.save(resolve(cache, "results.png"));

const file = await learn.export("tones.safetensors");
const again = await loadLearner(file);
const [clip] = await getAudioFiles(resolve(path, "square"));
const { decoded, probs } = await again.predict(clip);
console.log(`\n${clip} sounds like: ${decoded} (probability ${Math.max(...probs).toFixed(4)})`);
console.log(`figures and exported model: ${cache}`);
console.log(`time: ${((performance.now() - start) / 1000).toFixed(1)} s`);
console.log(`valid accuracy: ${learn.recorder!.last("accuracy")?.toFixed(4)}`);
