import { describe, expect, test } from "vitest";
import { StateError } from "../errors.ts";
import { Conv2d, Embedding, Linear } from "../nn/index.ts";
import { ArrayDataSource, ArrayDataSources, RegModel, synthDls, synthLearner } from "../testing/index.ts";
import { Callback } from "./callback.ts";
import { Learner } from "./learner.ts";

describe("a learner", () => {
  test.each<[string, () => unknown[], RegExp]>([
    ["no data", () => [undefined, new RegModel()], /undefined as the data.*awaited/],
    ["a promise of data", () => [Promise.resolve(synthDls()), new RegModel()], /as the data.*awaited/],
    ["no model", () => [synthDls()], /undefined as the model/],
    ["a function as the model", () => [synthDls(), () => 1], /function as the model.*LayersModule/],
  ])("refuses %s", (_, parts, message) => {
    expect(() => new Learner(...(parts() as [never, never]))).toThrow(message);
  });

  test("refuses a callback in place of a list, in the constructor and in `fit`", async () => {
    const cbs = new Callback() as never;
    expect(() => synthLearner({ cbs })).toThrow(/Callback that is no list.*`cbs: \[/);
    const learn = synthLearner();
    const before = learn.cbs;
    await expect(learn.fit(1, { cbs })).rejects.toThrow(/no list/);
    await expect(learn.fitOneCycle(1, { cbs })).rejects.toThrow(/no list/);
    await expect(learn.fit(1, { cbs: [new Callback(), 3 as never] })).rejects.toThrow(/got 3/);
    expect(learn.cbs).toEqual(before);
    learn.dispose();
  });

  test("refuses a callback that it holds already, and keeps it", async () => {
    const cb = new Callback();
    const learn = synthLearner({ cbs: [cb] });
    await expect(learn.fit(1, { cbs: [cb] })).rejects.toThrow(/holds already/);
    expect(learn.cbs).toContain(cb);
    learn.dispose();
  });

  test("refuses to train on nothing", async () => {
    const { lossFunc, valid } = synthDls();
    const learn = new Learner(
      new ArrayDataSources(new ArrayDataSource({ x: [], y: [] }, {}, lossFunc), valid),
      new RegModel(),
    );
    await expect(learn.fit(1)).rejects.toThrow(StateError);
    await expect(learn.fit(1)).rejects.toThrow(/without batches, of 0 items/);
    await expect(learn.lrFind()).rejects.toThrow(/without batches/);
    learn.dispose();
  });

  test.each([
    ["lr", (learn: Learner<number[], number[]>) => learn.fit(1, -1), /lr = -1.*0 or more/],
    ["lr that is no number", (learn: Learner<number[], number[]>) => learn.fit(1, Number.NaN), /lr = NaN/],
    ["wd", (learn: Learner<number[], number[]>) => learn.fit(1, { wd: -0.1 }), /wd = -0\.1.*0 or more/],
  ])("refuses a negative %s", async (_, fit, message) => {
    const learn = synthLearner();
    await expect(fit(learn)).rejects.toThrow(message);
    learn.dispose();
  });
});

test.each<[string, () => unknown, RegExp]>([
  ["Linear", () => new Linear(0, 2), /Linear: got inFeatures = 0/],
  ["Linear", () => new Linear(2, undefined as never), /outFeatures = undefined/],
  ["Conv2d", () => new Conv2d(-1, 2, { kernelSize: 3 }), /Conv2d: got inChannels = -1/],
  ["Conv2d", () => new Conv2d(1, 2.5, { kernelSize: 3 }), /outChannels = 2\.5/],
  ["Conv2d", () => new Conv2d(1, 2, {} as never), /no `kernelSize`/],
  ["Conv2d", () => new Conv2d(1, 2, 3 as never), /got 3 as the options/],
  ["Embedding", () => new Embedding(-1, 3), /Embedding: got ni = -1/],
])("%s refuses sizes that are none", (_, make, message) => {
  expect(make).toThrow(message);
});
