import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { type OptFunc, OptimWrapper, type Params, ranger } from "../optim/index.ts";
import { randomState, setSeed } from "../random.ts";
import { synthLearner } from "../testing/index.ts";
import { Callback } from "./callback.ts";

test("tries every rate once and leaves the learner as it was", async () => {
  setSeed(3);
  const learn = synthLearner({ nTrain: 10 });
  await learn.withNoLogging(() => learn.fit(1));
  const weights = learn.model.parameters().map((p) => p.value.dataSync()[0]);
  const [before, random, history] = [tf.memory().numTensors, randomState(), learn.recorder?.history()];
  const { lrs, losses, suggestions } = await learn.lrFind({ stopDiv: false });
  expect(lrs).toHaveLength(100);
  expect(losses).toHaveLength(100);
  expect([lrs[0], lrs[1], lrs[50], lrs[99]]).toBeAllclose([1e-7, 1.20226443e-7, 1e-3, 8.31763771], {
    rtol: 1e-7,
    atol: 0,
  });
  expect(suggestions.valley).toBeGreaterThan(1e-7);
  expect(learn.model.parameters().map((p) => p.value.dataSync()[0])).toEqual(weights);
  expect(tf.memory().numTensors).toBe(before);
  expect(randomState()).toEqual(random);
  expect(learn.recorder?.history()).toEqual(history);
  expect(learn.fitCount).toBe(1);
  learn.dispose();
});

test("stops when the loss diverges, and the picture still draws", async () => {
  const learn = synthLearner({ nTrain: 10 });
  const { lrs, plot } = await learn.lrFind({ endLr: 1e6 });
  expect(lrs.length).toBeLessThan(100);
  expect(await plot().toSvg()).toContain("<svg");
  learn.dispose();
});

test.each([
  ["ranger", ranger],
  ["a wrapped optimizer", (params: Params) => new OptimWrapper(params, () => tf.train.adam(0.01))],
])("%s goes on as if nothing had been tried", async (_name, optFunc) => {
  const run = async (tryRates: boolean): Promise<number[]> => {
    setSeed(5);
    const learn = synthLearner({ optFunc: optFunc as OptFunc });
    await learn.withNoLogging(() => learn.fit(1, 0.05));
    if (tryRates && optFunc === ranger) await learn.lrFind();
    const before = tf.memory().numTensors;
    if (tryRates) await learn.lrFind();
    expect(tf.memory().numTensors).toBe(before);
    await learn.withNoLogging(() => learn.fit(1, 0.05));
    const weights = learn.model.parameters().map((p) => p.value.dataSync()[0] as number);
    learn.dispose();
    return weights;
  };
  expect(await run(true)).toEqual(await run(false));
});

test("rates that do not rise are refused", async () => {
  await expect(synthLearner().lrFind({ startLr: 1, endLr: 0.1 })).rejects.toThrow(/rates from 1 to 0.1/);
});

test("a rate per parameter group", async () => {
  const learn = synthLearner({ nTrain: 10, splitter: (m) => m.parameters().map((p) => [p]) });
  const seen: number[][] = [];
  learn.addCb(new Callback({ beforeStep: () => void seen.push((learn.opt?.hypers ?? []).map(({ lr }) => lr)) }));
  const { lrs } = await learn.lrFind({ startLr: [1e-8, 1e-7], endLr: [1, 10], stopDiv: false });
  expect(lrs[50]).toBeCloseTo(1e-3, 8);
  expect(seen[0]).toBeAllclose([1e-8, 1e-7], { rtol: 1e-6, atol: 0 });
  expect(seen[50]).toBeAllclose([1e-4, 1e-3], { rtol: 1e-6, atol: 0 });
  await learn.lrFind({ startLr: 1e-6, endLr: [1, 10], stopDiv: false });
  expect(seen[100]).toBeAllclose([1e-6, 1e-6], { rtol: 1e-6, atol: 0 });
  await expect(learn.lrFind({ startLr: [1e-8, 1e-7], endLr: [1e-9, 1] })).rejects.toThrow(/0 < startLr < endLr/);
  await expect(learn.lrFind({ startLr: [1e-8, 1e-7, 1e-6] })).rejects.toThrow(/2 of them/);
  learn.dispose();
});
