import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { mae } from "../metrics/index.ts";
import { adam } from "../optim/index.ts";
import { synthLearner } from "../testing/index.ts";
import { Callback } from "./callback.ts";
import { Interpretation } from "./interpret.ts";
import type { Learner } from "./learner.ts";

type Line = Learner<number[], number[]>;
const failing = (): Callback =>
  new Callback({
    afterBatch: () => {
      throw new Error("of mine");
    },
  });

test.each<[string, (learn: Line) => Promise<unknown>]>([
  ["fit", (learn) => learn.fit(2)],
  ["fitOneCycle with a new optimizer", (learn) => learn.fitOneCycle(1, 1e-2, { resetOpt: true })],
  ["validate", (learn) => learn.validate()],
  ["getPreds", (learn) => learn.getPreds({ withInput: true, withDecoded: true, withLoss: true })],
  ["getPredItems", (learn) => learn.getPredItems({ withLoss: true })],
  ["predict", (learn) => learn.predict([1])],
  ["lrFind", (learn) => learn.lrFind({ numIt: 30 })],
  ["tta", (learn) => learn.tta({ n: 2 })],
  ["showResults", (learn) => learn.showResults()],
  ["summary", (learn) => learn.summary()],
  ["interpretation", async (learn) => (await Interpretation.fromLearner(learn)).plotTopLosses(3)],
  ["a fit that fails", (learn) => learn.fit(1, { cbs: [failing()] }).catch(() => {})],
  ["a validation that fails", (learn) => learn.validate({ cbs: [failing()] }).catch(() => {})],
  ["predictions that fail", (learn) => learn.getPreds({ withLoss: true, cbs: [failing()] }).catch(() => {})],
  ["a finder that fails", (learn) => learn.withAddedCbs([failing()], () => learn.lrFind()).catch(() => {})],
])("%s leaves no tensors behind", async (_name, use) => {
  const learn = synthLearner({ nTrain: 10, metrics: mae, optFunc: adam });
  await learn.withNoLogging(() => learn.fit(1));
  const before = tf.memory().numTensors;
  await learn.withNoLogging(() => use(learn));
  expect(tf.memory().numTensors).toBe(before);
  expect([learn.training, learn.model.training]).toEqual([false, false]); // however it ended
  learn.dispose();
});

test("metrics may be set later, as functions", async () => {
  const learn = synthLearner({ nTrain: 2 });
  learn.metrics = [mae];
  await learn.withNoLogging(() => learn.fit(1));
  expect(learn.recorder?.last("mae")).toBeGreaterThan(0);
  learn.dispose();
});

test("a handler that may not wait says so, and its own failure ends nothing", async () => {
  const learn = synthLearner({ nTrain: 1 });
  const late = new Callback({ afterLoss: (async () => Promise.reject(new Error("late"))) as unknown as () => void });
  await expect(learn.withNoLogging(() => learn.fit(1, { cbs: [late] }))).rejects.toThrow(/afterBatch/);
  await new Promise((resolve) => setTimeout(resolve, 5));
  learn.dispose();
});
