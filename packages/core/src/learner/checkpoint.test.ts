import { mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { adam, lookahead, type OptFunc, OptimWrapper } from "../optim/index.ts";
import { rng, setSeed } from "../random.ts";
import { synthLearner } from "../testing/index.ts";
import { Callback } from "./callback.ts";
import { CheckpointCallback } from "./checkpoint.ts";
import type { Learner } from "./learner.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "layerwise-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const make = (): Learner<number[], number[]> => synthLearner({ path: folder, nTrain: 5, optFunc: adam });
const weights = (learn: Learner<number[], number[]>): number[] =>
  learn.model.parameters().map((p) => p.value.dataSync()[0] as number);

/** Adds noise to the inputs from the shared generator, so that a lost random state shows. */
const noise = (): Callback => new Callback({ beforeBatch: () => void rng().uniform() });

class Stop extends Error {}
const stopAt = (trainIter: number): Callback =>
  Object.assign(
    new Callback({
      afterBatch: (cb) => {
        if (cb.learn.training && cb.learn.trainIter === trainIter) throw new Stop("stopped");
      },
    }),
    { order: 5000 },
  );

describe("resume", () => {
  test.each([1, 3, 5, 7, 10, 14])("after batch %d gives bit-equal weights, losses and schedule", async (at) => {
    setSeed(7);
    const whole = make();
    await whole.withNoLogging(() => whole.fitOneCycle(3, { lrMax: 0.1, cbs: [noise()] }));

    setSeed(7);
    const first = make();
    const save = new CheckpointCallback({ everyBatches: 1 });
    await expect(
      first.withNoLogging(() => first.fitOneCycle(3, { lrMax: 0.1, cbs: [noise(), save, stopAt(at)] })),
    ).rejects.toThrow(/stopped/);

    setSeed(999);
    const second = make();
    await second.withNoLogging(() => second.fitOneCycle(3, { lrMax: 0.1, cbs: [noise()], resume: "checkpoint" }));
    expect(weights(second)).toEqual(weights(whole));
    expect(second.recorder?.losses).toEqual(whole.recorder?.losses);
    expect(second.recorder?.lrs).toEqual(whole.recorder?.lrs);
    expect(second.recorder?.values).toEqual(whole.recorder?.values);
    for (const learn of [whole, first, second]) learn.dispose();
  });

  test("a missing file starts from the beginning", async () => {
    const learn = make();
    await learn.withNoLogging(() => learn.fit(1, { resume: "nothing-here" }));
    expect(learn.recorder?.values).toHaveLength(1);
    learn.dispose();
  });

  test("fineTune goes on in the phase it was stopped in", async () => {
    const split = (): Learner<number[], number[]> => {
      const learn = make();
      learn.splitter = (m) => m.parameters().map((p) => [p]);
      return learn;
    };
    setSeed(7);
    const whole = split();
    await whole.withNoLogging(() => whole.fineTune(2, { cbs: [noise()] }));
    for (const at of [3, 8]) {
      setSeed(7);
      const first = split();
      let seen = 0;
      const stop = new Callback({
        afterBatch: (cb) => {
          if (cb.learn.training && ++seen === at) throw new Stop("stopped");
        },
      });
      Object.assign(stop, { order: 5000 });
      const cbs = [noise(), new CheckpointCallback({ everyBatches: 1 }), stop];
      await expect(first.withNoLogging(() => first.fineTune(2, { cbs }))).rejects.toThrow(/stopped/);
      setSeed(1);
      const second = split();
      await second.withNoLogging(() => second.fineTune(2, { cbs: [noise()], resume: "checkpoint" }));
      expect(weights(second)).toEqual(weights(whole));
      for (const learn of [first, second]) learn.dispose();
    }
    whole.dispose();
  });

  test("another number of epochs is refused", async () => {
    const learn = make();
    await learn.withNoLogging(() => learn.fit(2, { cbs: [new CheckpointCallback()] }));
    const other = make();
    await expect(other.withNoLogging(() => other.fit(3, { resume: "checkpoint" }))).rejects.toThrow(/over 2 epochs/);
    for (const l of [learn, other]) l.dispose();
  });
});

describe("files", () => {
  test("save and load bring weights and optimizer back", async () => {
    const learn = make();
    await learn.withNoLogging(() => learn.fit(1));
    const path = await learn.save("a");
    const before = weights(learn);
    await learn.withNoLogging(() => learn.fit(1));
    await learn.load("a");
    expect(weights(learn)).toEqual(before);
    expect(path).toBe(join(folder, "models", "a.safetensors"));
    expect(await readdir(join(folder, "models"))).toEqual(["a.safetensors"]);
    learn.dispose();
  });

  test.each<[string, (file: string) => Promise<void>, RegExp]>([
    ["truncated", (f) => truncate(f, 60), /safetensors/],
    ["empty", (f) => writeFile(f, ""), /safetensors/],
    ["of another kind", (f) => writeFile(f, "hello, I am no model at all"), /safetensors/],
    ["with an absurd header", (f) => writeFile(f, Buffer.from("ffffffffffffff7f7b7d", "hex")), /header/],
  ])("a %s file is an error that names it, and changes nothing", async (_, spoil, message) => {
    const learn = make();
    const path = await learn.save("bad");
    await spoil(path);
    const before = weights(learn);
    const failure = (await learn.load("bad").catch((e: unknown) => e)) as Error;
    expect(failure.message).toContain("bad.safetensors");
    expect(failure.message).toMatch(message);
    expect(weights(learn)).toEqual(before);
    learn.dispose();
  });
});

test("Ctrl-C saves a checkpoint after the batch and ends the fit", async () => {
  setSeed(7);
  const whole = make();
  await whole.withNoLogging(() => whole.fit(2));
  setSeed(7);
  const learn = make();
  const listeners = process.listenerCount("SIGINT");
  const press = new Callback({
    beforeBatch: (cb) => {
      if (cb.learn.training && cb.learn.trainIter === 3) process.emit("SIGINT");
    },
  });
  await expect(learn.withNoLogging(() => learn.fit(2, { cbs: [press] }))).rejects.toThrow(
    /Ctrl-C in epoch 0, batch 3.*interrupted/s,
  );
  expect(process.listenerCount("SIGINT")).toBe(listeners);
  const again = make();
  await again.withNoLogging(() => again.fit(2, { resume: "interrupted" }));
  expect(weights(again)).toEqual(weights(whole));
  for (const l of [whole, learn, again]) l.dispose();
});

test.each<[string, OptFunc]>([
  ["lookahead", (p, o) => lookahead(adam(p, o), { k: 3 })],
  ["a foreign optimizer", (p) => new OptimWrapper(p, () => tf.train.adam(0.01))],
])("a checkpoint keeps the state of %s", async (_, optFunc) => {
  const build = (): Learner<number[], number[]> => synthLearner({ path: folder, nTrain: 5, optFunc });
  setSeed(7);
  const whole = build();
  await whole.withNoLogging(() => whole.fit(2));
  setSeed(7);
  const first = build();
  const cbs = [new CheckpointCallback({ everyBatches: 1 }), stopAt(7)];
  await expect(first.withNoLogging(() => first.fit(2, { cbs }))).rejects.toThrow(/stopped/);
  const second = build();
  await second.withNoLogging(() => second.fit(2, { resume: "checkpoint" }));
  expect(weights(second)).toEqual(weights(whole));
  for (const learn of [whole, first, second]) learn.dispose();
});
