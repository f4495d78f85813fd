/**
 * A training run in a process of its own: `train.mjs <folder> <batches between checkpoints> <ms per batch> [resume]`.
 * Says "batch n" on stderr after each training batch, "validating" before the others, and leaves `models/final.safetensors` and the history on stdout.
 */
import { rng, setSeed, useBackend } from "@layerwise/core";
import { Callback, CheckpointCallback, Learner } from "@layerwise/core/learner";
import { Linear, ReLU, Sequential } from "@layerwise/core/nn";
import { synthDls } from "@layerwise/core/testing";

const [path = ".", everyBatches = "0", pause = "0", resume] = process.argv.slice(2);

/** Draws noise, so that a lost random state shows; takes its time. */
const slow = new Callback({
  beforeBatch: ({ learn }) => {
    rng().uniform();
    if (!learn.training) process.stderr.write("validating\n");
  },
  afterBatch: async ({ learn }) => {
    await new Promise((resolve) => setTimeout(resolve, Number(pause)));
    if (learn.training) process.stderr.write(`batch ${learn.trainIter}\n`);
  },
});

await useBackend("cpu");
setSeed(7);
const model = new Sequential(new Linear(1, 64), new ReLU(), new Linear(64, 1));
const learn = new Learner(synthDls({ path, nTrain: 20, nValid: 8 }), model, {
  cbs: [slow, ...(Number(everyBatches) > 0 ? [new CheckpointCallback({ everyBatches: Number(everyBatches) })] : [])],
});
await learn.fitOneCycle(3, { lrMax: 0.01, ...(resume ? { resume } : {}) });
await learn.save("final");
process.stdout.write(`\n${JSON.stringify(learn.recorder?.losses)}\n`);
