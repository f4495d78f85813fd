import { StateError } from "@layerwise/core";
import { dataSourcesRegistry } from "@layerwise/core/learner";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { checkLeaks } from "../test/passes.ts";
import { paths, petsBlock, ReadPicture } from "../test/pets.ts";
import { Picture } from "../test/pictures.ts";
import { DataBlock } from "./dataBlock.ts";
import { DataLoaders } from "./dataLoaders.ts";
import { parentLabel } from "./labellers.ts";
import { endSplitter } from "./splitters.ts";
import { Transform } from "./transform.ts";
import { categoryBlock, transformBlock } from "./transformBlock.ts";
import { SkipItemError } from "./transformError.ts";
import { Normalize } from "./transforms/normalize.ts";
import "./dataLoadersFromConfig.ts";

checkLeaks();

describe("DataLoaders", () => {
  test("addTfms adds to all loaders or some, after learning from training data", async () => {
    const dls = await petsBlock().dataloaders("pets", { bs: 4 });
    const normalize = new Normalize();
    await dls.addTfms([normalize], "afterBatch", [1]);
    expect(normalize.mean).toHaveLength(1);
    expect([dls.train.afterBatch.length, dls.valid.afterBatch.length]).toEqual([1, 2]);
  });

  test("newEmpty keeps the transforms", async () => {
    const dls = (await petsBlock().dataloaders("pets", { bs: 4 })).newEmpty();
    expect([dls.train.itemCount, dls.valid.itemCount, dls.vocab]).toEqual([0, 0, ["cat", "dog"]]);
  });

  test("a loader that is not there", async () => {
    const dls = await DataLoaders.fromDsets([[1]], { bs: 1 });
    expect(() => dls.valid).toThrow(/loader 1; expected 0…0.*splitter/);
  });
});

describe("testDl", () => {
  test("takes raw items, decodes predictions, needs no labels", async () => {
    const dls = await petsBlock().dataloaders("pets", { bs: 4 });
    const dl = dls.testDl(["new/9.png", "new/8.png"]);
    using batch = await dl.oneBatch();
    expect([batch.xb[0]!.shape, batch.yb]).toEqual([[2, 2, 2, 1], []]);
    const pred = tf.tensor1d([1, 0], "int32");
    const samples = await dl.decodeBatch({ xb: batch.xb, yb: [pred] });
    expect(samples.map(({ x, y }) => [x.data[0], y])).toEqual([
      [9, "dog"],
      [8, "cat"],
    ]);
    expect((await dl.showResults(batch, pred)).toText()).toMatch(/prediction[\s\S]*dog[\s\S]*cat/);
    pred.dispose();
  });

  test("takes what a transform would have made of the item", async () => {
    const dls = await petsBlock().dataloaders("pets", { bs: 4 });
    using batch = await dls.testDl([Picture.filled(51)]).oneBatch();
    expect(batch.xb[0]!.data.dataSync()[0]).toBeCloseTo(0.2);
    expect(() => dls.testDl([true])).toThrow(/String or Picture/);
    expect(() => dls.testDl("a.png" as never)).toThrow(/testDl\(\[item\]\)/);
  });

  test("an item that a transform would skip is an error: each needs its prediction", async () => {
    const skipSeven = new Transform({
      enc: (path: string) => {
        if (path.includes("/7.")) throw new SkipItemError("blurred");
        return path;
      },
    });
    const dls = await new DataBlock({
      blocks: [transformBlock({ typeTfms: [skipSeven, ReadPicture] }), categoryBlock()],
      getY: parentLabel,
      splitter: endSplitter(),
    }).dataloaders(paths, { bs: 4 });
    for await (const batch of dls.train) batch.dispose();
    expect(dls.train.order).not.toContain(7);
    await expect(dls.testDl(["pets/dog/7.png"]).oneBatch()).rejects.toThrow(/"pets\/dog\/7.png".*blurred/);
  });

  test("with labels", async () => {
    const dls = await petsBlock().dataloaders("pets", { bs: 4 });
    using batch = await dls.testDl(["x/dog/3.png"], { withLabels: true }).oneBatch();
    expect(batch.yb[0]!.data).toBeAllclose([1]);
  });
});

describe("export", () => {
  test("loaders come back from plain data and predict", async () => {
    const dls = await petsBlock()
      .with({ batchTfms: [new Normalize()] })
      .dataloaders("pets", { bs: 4 });
    const config = JSON.parse(JSON.stringify(dls.toConfig()));
    expect(JSON.stringify(config)).not.toContain("pets/");
    const copy = dataSourcesRegistry.get(config.kind)(config) as DataLoaders;
    expect([copy.vocab, copy.c, copy.train.length]).toEqual([["cat", "dog"], 2, 0]);
    using expected = await dls.testDl(["a/9.png"]).oneBatch();
    using batch = await copy.testDl(["a/9.png"]).oneBatch();
    expect(batch.xb[0]!.data).toBeAllclose(expected.xb[0]!.data);
    const pred = tf.tensor1d([1], "int32");
    expect((await copy.testDl(["a/9.png"]).decodeBatch({ xb: batch.xb, yb: [pred] }))[0]!.y).toBe("dog");
    pred.dispose();
  });

  test("a transform that no file can name says so", async () => {
    const dls = await petsBlock()
      .with({
        itemTfms: [
          function sharpen(x: unknown) {
            return x;
          },
        ],
      })
      .dataloaders("pets", { bs: 4 });
    expect(() => dls.toConfig()).toThrow(StateError);
    expect(() => dls.toConfig()).toThrow(/"sharpen"/);
  });

  test("loaders of one's own data set cannot be exported", async () => {
    const dls = await DataLoaders.fromDsets([[1, 2], [3]], { bs: 1 });
    expect(() => dls.toConfig()).toThrow(/data set of your own/);
    expect([dls.train.splitIdx, dls.valid.splitIdx, dls.train.shuffle, dls.valid.shuffle]).toEqual([0, 1, true, false]);
  });
});
