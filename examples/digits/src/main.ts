import "./digitsModel.ts";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  ActivationStats,
  accuracy,
  buildModel,
  ClassificationInterpretation,
  categoryBlock,
  DataBlock,
  getImageFiles,
  grandparentSplitter,
  imageBlock,
  Learner,
  loadLearner,
  mnistStats,
  Normalize,
  parentLabel,
  setSeed,
} from "@layerwise/vision/all";
import { writeReport } from "./report.ts";
import { unpackDigits } from "./unpackDigits.ts";

const BATCH = 128;
const { values: args } = parseArgs({
  options: {
    /** Trains on this many batches only, to see quickly that everything works. */
    steps: { type: "string" },
    epochs: { type: "string", default: "2" },
    report: { type: "string", default: "quickstart-report" },
  },
});
const start = performance.now();
const here = new URL("..", import.meta.url).pathname;
const root = resolve(here, "../..");
setSeed(42);

const steps = args.steps === undefined ? undefined : Number(args.steps);
const counts = steps === undefined ? {} : { training: steps * BATCH, testing: 1000 };
const path = await unpackDigits(resolve(here, ".cache"), counts);

const digits = new DataBlock({
  blocks: [imageBlock({ bw: true }), categoryBlock()],
  getItems: getImageFiles,
  splitter: grandparentSplitter({ trainName: "training", validName: "testing" }),
  getY: parentLabel,
  batchTfms: [Normalize.fromStats(...mnistStats)],
});
const dls = await digits.dataloaders(path, { bs: BATCH, valBs: 500 });
const samples = await dls.showBatch();

const learn = new Learner(dls, buildModel("digits"), { metrics: accuracy });
const finder = steps === undefined ? await learn.lrFind() : undefined;
const stats = new ActivationStats({ withHist: true, every: 4 });
await learn.fitOneCycle(steps === undefined ? Number(args.epochs) : 1, 1e-2, { cbs: [stats] });

const interp = await ClassificationInterpretation.fromLearner(learn);
const report = await writeReport(resolve(root, args.report), "Digits: what the training looked like", [
  { title: "The data", text: "Pictures as the model sees them, decoded back, with their labels.", figure: samples },
  ...(finder
    ? [
        {
          title: "Learning rate",
          text: "The loss for rising learning rates, and the suggested one.",
          figure: finder.plot(),
        },
      ]
    : []),
  {
    title: "Loss",
    text: "Training loss per batch, smoothed, and validation loss per epoch.",
    figure: learn.recorder!.plotLoss({ skipStart: steps === undefined ? 5 : 0 }),
  },
  { title: "Schedule", text: "Learning rate and momentum over one cycle.", figure: learn.recorder!.plotSched() },
  {
    title: "Activations of the second layer",
    text: "A column per recorded batch: how many activations have which size, from 0 at the bottom to 10 at the top. Bright is many.",
    figure: stats.colorDim(1),
  },
  { title: "Results", text: "Target and prediction; green where they agree.", figure: await learn.showResults() },
  {
    title: "Confusion matrix",
    text: "Rows are the true digits, columns the predicted ones.",
    figure: interp.plotConfusionMatrix(),
  },
  {
    title: "Top losses",
    text: "Prediction, actual, loss, probability: where the model is most wrong.",
    figure: await interp.plotTopLosses(9),
  },
]);

const exported = await learn.export(resolve(root, args.report, "digits.safetensors"));
const again = await loadLearner(exported);
const [example] = await getImageFiles(resolve(path, "testing/7"));
const { decoded, probs } = await again.predict(example);
console.log(`\nA picture of a 7 is read as: ${decoded} (probability ${Math.max(...probs).toFixed(4)})`);
console.log(`report: ${report}`);
console.log(`exported model: ${exported}`);
console.log(`time: ${((performance.now() - start) / 1000).toFixed(1)} s`);
console.log(`valid accuracy: ${learn.recorder!.last("accuracy")?.toFixed(4)}`);
