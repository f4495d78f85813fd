import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setSeed } from "@layerwise/core";
import { Callback, CheckpointCallback, Learner, loadLearner } from "@layerwise/core/learner";
import { MSELossFlat } from "@layerwise/core/losses";
import { accuracy } from "@layerwise/core/metrics";
import { buildModel, Flatten, Linear, Module, models, Sequential } from "@layerwise/core/nn";
import {
  categoryBlock,
  DataBlock,
  DataLoader,
  DataLoaders,
  IntToFloatTensor,
  Normalize,
  RandTransform,
  Transform,
  type TransformContext,
  Tuple,
  transformBlock,
  transformRegistry,
} from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test, vi } from "vitest";
import { Picture } from "./pictures.ts";

/** Item n is a picture with 0 at its left for even n, at its right for odd n, on a random ground. */
class MakePicture extends Transform {
  override encodes(n: number): Promise<Picture> | Picture {
    const [left, right] = n % 2 ? [n % 100, 255] : [255, n % 100];
    const picture = new Picture(2, 1, Uint8Array.of(left!, right!));
    return n % 3 ? new Promise((done) => setTimeout(() => done(picture), n % 4)) : picture;
  }
}
transformRegistry.add("MakePicture", () => new MakePicture());

class Shade extends RandTransform<number> {
  override beforeCall(_x: unknown, { rng }: TransformContext): number {
    return rng.integer(0, 20);
  }
}
Shade.on(
  Picture,
  ({ width, height, data }, _tfm, { draw }) =>
    new Picture(
      width,
      height,
      data.map((v) => Math.min(255, v + draw)),
    ),
);
transformRegistry.add("Shade", () => new Shade());

models.add("twoPixels", () => new Sequential(new Flatten(), new Linear(2, 2)));

const items = Array.from({ length: 50 }, (_, i) => i);
const block = () =>
  new DataBlock({
    blocks: [
      transformBlock<number, Picture>({ typeTfms: [MakePicture], batchTfms: [IntToFloatTensor] }),
      categoryBlock(),
    ],
    getY: (n: number) => (n % 2 ? "odd" : "even"),
    itemTfms: [new Shade()],
    batchTfms: [new Normalize()],
  });

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "layerwise-data-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function makeLearner() {
  setSeed(7);
  const dls = await block().dataloaders(items, { bs: 8, path: folder });
  return new Learner(dls, buildModel("twoPixels", {}), { metrics: [accuracy], lr: 0.1 });
}

describe("a learner on a DataBlock's loaders", () => {
  test("trains, predicts in the order of the items, exports and loads", async () => {
    const learn = await makeLearner();
    expectTypeOf(learn).toEqualTypeOf<Learner<Picture, string>>();
    await learn.withNoLogging(() => learn.fit(6));
    expect(learn.recorder!.last("accuracy")).toBe(1);
    const { preds, targs } = await learn.getPreds();
    expect([preds.shape, targs!.shape]).toEqual([[10, 2], [10]]);
    const shuffled = await learn.getPreds({ dl: learn.dls.valid.with({ shuffle: true }) });
    expect(shuffled.targs!.toArray()).toEqual(targs!.toArray());
    expect((await learn.predict(21)).decoded).toBe("odd");
    const { input } = await learn.predict(24);
    expect(input).toBeInstanceOf(Picture);
    expect([...input.data]).toEqual([255, 24]);

    const file = await learn.export("export.safetensors");
    const loaded = await loadLearner<Picture, "odd" | "even">(file);
    expect((await loaded.predict(21)).decoded).toBe("odd");
    expect((await loaded.predict(22)).probs).toBeAllclose((await learn.predict(22)).probs);
    learn.dispose();
    loaded.dispose();
  });

  test("the same seed gives the same numbers, however many items are read at once", async () => {
    const run = async (workers: number) => {
      setSeed(3);
      const dls = await block().dataloaders(items, { bs: 8, workers });
      const all: number[] = [];
      for await (using batch of dls.train) all.push(...(await batch.xb[0]!.data.data()));
      return all;
    };
    expect(await run(1)).toEqual(await run(32));
  });

  test("a fit that is stopped within an epoch goes on to the same weights", async () => {
    const weights = (learn: Learner) => learn.model.parameters().flatMap((p) => [...p.value.dataSync()]);
    const whole = await makeLearner();
    await whole.withNoLogging(() => whole.fit(2));
    const stopped = await makeLearner();
    const stop = new Callback({
      afterBatch: (cb) => {
        if (cb.learn.training && cb.learn.trainIter === 7) throw new Error("power cut");
      },
    });
    const save = new CheckpointCallback({ everyBatches: 1 });
    await expect(
      stopped.withNoLogging(() => stopped.fit(2, { cbs: [save, Object.assign(stop, { order: 5000 })] })),
    ).rejects.toThrow("power cut");
    const resumed = await makeLearner();
    await resumed.withNoLogging(() => resumed.fit(2, { resume: "checkpoint" }));
    expect(weights(resumed as Learner)).toEqual(weights(whole as Learner));
    for (const learn of [whole, stopped, resumed]) learn.dispose();
  });

  test("trains without a validation set, and without items that cannot be read", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    const fragile = (n: number) => {
      if (n === 13) throw new Error("torn file");
      return n;
    };
    const source = new DataBlock({
      blocks: [
        transformBlock<number, Picture>({ typeTfms: [fragile, MakePicture], batchTfms: [IntToFloatTensor] }),
        categoryBlock(),
      ],
      getY: (n: number) => (n % 2 ? "odd" : "even"),
      splitter: () => [items, []],
    });
    const dls = await source.dataloaders(items, { bs: 8, path: folder, onError: "skip" });
    const learn = new Learner(dls, buildModel("twoPixels", {}), { metrics: [accuracy], lr: 0.1 });
    await learn.withNoLogging(() => learn.fit(1));
    expect(learn.trainIter).toBe(6);
    expect(dls.train.order).not.toContain(13);
    expect(warned).toHaveBeenCalledWith(expect.stringMatching(/left out 1 of 50 items.*torn file/));
    warned.mockRestore();
    learn.dispose();
  });

  test("trains on samples without an end, each an object of two inputs", async () => {
    setSeed(5);
    async function* samples() {
      for (let i = 0; ; i = (i * 7 + 3) % 101) yield Tuple.of({ a: [i / 50 - 1], b: i / 100 }, i / 50);
    }
    class Sum extends Module<[tf.Tensor, tf.Tensor]> {
      readonly line = new Linear(1, 1);
      override forward(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
        return tf.add(this.line.call(a), tf.expandDims(b, 1));
      }
    }
    const dls = await DataLoaders.fromDsets([samples, samples], { bs: 8, n: 320, valN: 20 });
    const learn = new Learner(dls, new Sum(), { lossFunc: new MSELossFlat(), lr: 0.1, path: folder });
    await learn.withNoLogging(() => learn.fitOneCycle(1, { lrMax: 0.1 }));
    expect(learn.trainIter).toBe(40);
    expect(learn.recorder!.last("valid_loss")).toBeLessThan(0.05);
    const { preds, targs } = await learn.getPreds();
    expect([preds.shape, targs!.shape]).toEqual([[20, 1], [20]]);
    expect(targs!.toArray().slice(0, 3)).toBeAllclose([0, 3 / 50, 24 / 50]);
    learn.dispose();
  });

  test("leaves no tensor behind", async () => {
    const dls = await block().dataloaders(items, { bs: 8 });
    const before = tf.memory().numTensors;
    const seen: number[] = [];
    for await (using batch of dls.train) {
      expect(batch.xb[0]!.shape[0]).toBe(8);
      seen.push(tf.memory().numTensors);
    }
    expect(new Set(seen)).toEqual(new Set([before + 2]));
    expect(tf.memory().numTensors).toBe(before);
    expect(dls.train).toBeInstanceOf(DataLoader);
  });
});
