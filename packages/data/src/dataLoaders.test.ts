import { StateError } from "@layerwise/core";
import { dataSourcesRegistry } from "@layerwise/core/learner";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, expectTypeOf, test } from "vitest";
import { checkLeaks } from "../test/passes.ts";
import { paths, petsBlock, ReadPicture } from "../test/pets.ts";
import { Picture } from "../test/pictures.ts";
import { DataBlock } from "./dataBlock.ts";
import { DataLoaders } from "./dataLoaders.ts";
import { Datasets } from "./datasets.ts";
import { getC } from "./getC.ts";
import { parentLabel } from "./labellers.ts";
import { endSplitter } from "./splitters.ts";
import { TfmdLists } from "./tfmdLists.ts";
import { Transform, transformRegistry } from "./transform.ts";
import { categoryBlock, transformBlock } from "./transformBlock.ts";
import { SkipItemError } from "./transformError.ts";
import { Categorize } from "./transforms/categorize.ts";
import { IntToFloatTensor } from "./transforms/intToFloatTensor.ts";
import { Normalize } from "./transforms/normalize.ts";
import { ToTensor } from "./transforms/toTensor.ts";
import "./dataLoadersFromConfig.ts";

checkLeaks();

/** Makes an object of text. */
class MakeRecord extends Transform {
  override encodes(text: string): object {
    return { n: Number(text), twice: 2 * Number(text) };
  }
}
transformRegistry.add("MakeRecord", () => new MakeRecord());

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

  test("addTfms takes names of loaders, and refuses stages that do not exist", async () => {
    const dls = await petsBlock().dataloaders("pets", { bs: 4 });
    await dls.addTfms([new Normalize()], "afterBatch", ["train"]);
    expect([dls.train.afterBatch.length, dls.valid.afterBatch.length]).toEqual([2, 1]);
    await expect(dls.addTfms([], "after_batch" as never)).rejects.toThrow(/"afterItem", "beforeBatch" or "afterBatch"/);
  });

  test("loaders can be replaced", async () => {
    const dls = await petsBlock().dataloaders("pets", { bs: 4 });
    dls.valid = dls.train.with({ bs: 2 });
    dls.train = dls.train.with({ bs: 3 });
    expect([dls.train.bs, dls.valid.bs, dls.length]).toEqual([3, 2, 2]);
  });

  test("fromDblock is the block's own way", async () => {
    const dls = await DataLoaders.fromDblock(petsBlock(), "pets", { bs: 4 });
    expectTypeOf(dls).toEqualTypeOf<DataLoaders<Picture, string>>();
    expect(dls.c).toBe(2);
  });

  test("getC is a number, or an error that says what to do", async () => {
    const dls = await petsBlock().dataloaders("pets", { bs: 4 });
    expectTypeOf(getC(dls)).toEqualTypeOf<number>();
    expect(getC(dls)).toBe(2);
    const two = new Datasets(
      [
        new TfmdLists([1], []),
        ...[["a"], ["a", "b", "c"]].map((vocab) => new TfmdLists(["a"], [new Categorize({ vocab })])),
      ],
      { nInp: 1 },
    );
    expect(getC(await DataLoaders.fromDsets([two], { bs: 1 }))).toBe(3);
    expect(
      getC({ c: (await DataLoaders.fromDsets([{ length: 0, get: Number, vocab: ["a", "b"] }], { bs: 1 })).c }),
    ).toBe(2);
    expect(() => getC({ c: undefined })).toThrow(/categoryBlock/);
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

describe("loaders of a TfmdLists", () => {
  const make = () =>
    TfmdLists.create(paths, [ReadPicture, ToTensor], {
      splits: [{ stop: 15 }, { start: 15 }],
    });

  test("train, validate, test and decode", async () => {
    const dls = await (await make()).dataloaders({ bs: 4, afterBatch: [IntToFloatTensor] });
    expect([dls.train.length, dls.valid.itemCount, dls.nInp]).toEqual([3, 5, 1]);
    using batch = await dls.testDl(["new/51.png"]).oneBatch();
    expect(batch.xb[0]!.data.dataSync()[0]).toBeCloseTo(0.2);
    const [sample] = await dls.valid.decodeBatch(batch);
    expect([sample!.x, sample!.y]).toEqual([Picture.filled(51), undefined]);
  });

  test("come back from plain data", async () => {
    const dls = await (await make()).dataloaders({ bs: 4 });
    const copy = DataLoaders.fromConfig(JSON.parse(JSON.stringify(dls.toConfig())));
    using batch = await copy.testDl(["new/51.png"]).oneBatch();
    expect(batch.xb[0]!.shape).toEqual([1, 2, 2, 1]);
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

  test("inputs that are plain objects survive", async () => {
    const items = ["1", "2", "3"];
    const dls = await new Datasets([new TfmdLists(items, [])]).dataloaders({ bs: 1, afterItem: [MakeRecord] });
    const copy = DataLoaders.fromConfig(JSON.parse(JSON.stringify(dls.toConfig())));
    expect(copy.train.nInp).toBe(2);
    expect(copy.train.kinds).toMatchObject([
      { element: 0, key: "n" },
      { element: 0, key: "twice" },
    ]);
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
