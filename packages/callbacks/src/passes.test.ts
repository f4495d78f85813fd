import { setSeed } from "@layerwise/core";
import { Callback } from "@layerwise/core/learner";
import { Dropout, Flatten, Linear, Sequential } from "@layerwise/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { lineLearner, pictureLearner } from "../test/smallLearners.ts";
import { ActivationStats } from "./activationStats.ts";
import { beforeBatchCb } from "./beforeBatchCb.ts";
import { CollectDataCallback } from "./collectData.ts";
import { FetchPredsCallback } from "./fetchPreds.ts";
import { GradientAccumulation } from "./gradientAccumulation.ts";
import { MCDropoutCallback } from "./mcDropout.ts";
import { MixUp } from "./mixUp.ts";
import { SaveModelCallback } from "./saveModel.ts";
import { TerminateOnNaNCallback } from "./terminateOnNaN.ts";

describe("FetchPredsCallback", () => {
  test("has the predictions of every epoch, and leaves the results row alone", async () => {
    const fetching = pictureLearner();
    const plain = pictureLearner();
    const fetch = new FetchPredsCallback({ withDecoded: true, withInput: true });
    const seen: number[][] = [];
    const look = Object.assign(new Callback({ afterEpoch: () => void seen.push(fetch.preds?.preds.toArray() ?? []) }), {
      order: 99,
    });
    setSeed(1);
    await fetching.withNoLogging(() => fetching.fit(2, { cbs: [fetch, new SaveModelCallback(), look] }));
    setSeed(1);
    await plain.fit(2);
    expect(seen.map((p) => p.length)).toEqual([24, 24]);
    expect(seen[0]).not.toEqual(seen[1]);
    expect(fetch.preds?.decoded?.shape).toEqual([8]);
    expect(fetch.preds?.inputs?.[0]?.shape).toEqual([8, 6, 6, 1]);
    expect(fetching.recorder?.values).toEqual(plain.recorder?.values);
    for (const learn of [fetching, plain]) learn.dispose();
  });

  test("another loader can be named", async () => {
    const learn = pictureLearner({ nTrain: 3 });
    const fetch = new FetchPredsCallback({ dsIdx: 0 });
    await learn.fit(1, { cbs: [fetch] });
    expect(fetch.preds?.preds.shape).toEqual([24, 3]);
    learn.dispose();
  });
});

test("CollectDataCallback keeps every batch as numbers", async () => {
  const learn = lineLearner({ nTrain: 2, nValid: 1, bs: 8 });
  const collect = new CollectDataCallback();
  await learn.fit(1, { cbs: [collect] });
  expect(collect.data).toHaveLength(3);
  const { xb, yb, pred, loss } = collect.data[2] ?? {};
  expect([xb?.[0]?.shape, yb?.[0]?.shape, pred?.shape]).toEqual([
    [8, 1],
    [8, 1],
    [8, 1],
  ]);
  expect(loss?.values[0]).toBeCloseTo(learn.recorder?.last("valid_loss") ?? Number.NaN, 5);
  learn.dispose();
});

test("MCDropoutCallback makes predictions differ, and only with it", async () => {
  const model = new Sequential(new Flatten(), new Linear(36, 8), new Dropout(0.5), new Linear(8, 3));
  const learn = pictureLearner({ model });
  const preds = async (cbs: (typeof MCDropoutCallback)[]) => (await learn.getPreds({ cbs })).preds.toArray();
  expect(await preds([MCDropoutCallback])).not.toEqual(await preds([MCDropoutCallback]));
  expect(await preds([])).toEqual(await preds([]));
  learn.dispose();
});

describe("beforeBatchCb", () => {
  test("replaces the batch in training and validation, and frees what it made", async () => {
    const learn = lineLearner({ nTrain: 2 });
    const double = () => beforeBatchCb((_, xb, yb) => [xb.map((x) => tf.mul(tf.add(x, x), 1)), [...yb]]);
    const collect = new CollectDataCallback();
    const plain = new CollectDataCallback();
    await learn.fit(1, { lr: 0, cbs: [Object.assign(plain, { beforeBatch: () => {} })] });
    const before = tf.memory().numTensors;
    await learn.fit(1, { lr: 0, cbs: [double(), collect] });
    expect(tf.memory().numTensors).toBe(before);
    const last = (c: CollectDataCallback) => c.data.at(-1)?.xb[0]?.toArray() ?? [];
    expect(last(collect)).toBeAllclose(last(plain).map((v) => 2 * v));
    learn.dispose();
  });
});

test("many callbacks together leave no tensors behind", async () => {
  const learn = pictureLearner({ nTrain: 4 });
  const cbs = () => [
    new MixUp(),
    new GradientAccumulation(12),
    new TerminateOnNaNCallback(),
    new ActivationStats({ every: 2, withHist: true }),
    new FetchPredsCallback(),
    new SaveModelCallback(),
  ];
  await learn.withNoLogging(() => learn.fit(1, { cbs: cbs() }));
  const before = tf.memory().numTensors;
  await learn.withNoLogging(() => learn.fit(2, { cbs: cbs() }));
  expect(tf.memory().numTensors).toBe(before);
  learn.dispose();
});
