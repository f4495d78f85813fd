import { StateError, setSeed } from "@layerwise/core";
import { dataSourcesRegistry } from "@layerwise/core/learner";
import { TensorCategory, TensorImageBW } from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from "vitest";
import { Picture } from "../test/pictures.ts";
import { DataBlock } from "./dataBlock.ts";
import { DataLoaders } from "./dataLoaders.ts";
import "./dataLoadersFromConfig.ts";
import { Frame } from "./frame.ts";
import { parentLabel } from "./labellers.ts";
import { mergeTfms } from "./mergeTfms.ts";
import { Pipeline } from "./pipeline.ts";
import { endSplitter, indexSplitter, randomSplitter } from "./splitters.ts";
import { Transform, transformRegistry } from "./transform.ts";
import {
  categoryBlock,
  multiCategoryBlock,
  regressionBlock,
  type TransformBlock,
  transformBlock,
} from "./transformBlock.ts";
import { SkipItemError } from "./transformError.ts";
import { Categorize } from "./transforms/categorize.ts";
import { ColReader } from "./transforms/colReader.ts";
import { IntToFloatTensor } from "./transforms/intToFloatTensor.ts";
import { MultiCategorize } from "./transforms/multiCategorize.ts";
import { Normalize } from "./transforms/normalize.ts";
import { ToTensor } from "./transforms/toTensor.ts";
import { WeightedDL } from "./weightedDl.ts";

let before = 0;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => {
  expect(tf.memory().numTensors).toBe(before);
  vi.restoreAllMocks();
});

/** "Reads" a picture whose pixels have the number in its name. */
class ReadPicture extends Transform {
  override async encodes(path: string): Promise<Picture> {
    return Picture.filled(Number(/\d+/.exec(path)![0]));
  }
}
transformRegistry.add("ReadPicture", () => new ReadPicture());

const pictureBlock = (): TransformBlock<string, Picture> =>
  transformBlock({ typeTfms: [ReadPicture], batchTfms: [IntToFloatTensor] });

const paths = Array.from({ length: 20 }, (_, i) => `pets/${i % 2 ? "dog" : "cat"}/${i}.png`);
const petsBlock = () =>
  new DataBlock({
    blocks: [pictureBlock(), categoryBlock()],
    getItems: (folder: string) => paths.map((path) => path.replace("pets", folder)),
    splitter: endSplitter({ validPct: 0.25 }),
    getY: parentLabel,
  });

describe("DataBlock.dataloaders", () => {
  test("gives batches of what the blocks say, and their types", async () => {
    const dls = await petsBlock().dataloaders("pets", { bs: 4 });
    expectTypeOf(dls).toEqualTypeOf<DataLoaders<Picture, string>>();
    expect([dls.train.itemCount, dls.valid.itemCount, dls.train.length, dls.valid.length]).toEqual([15, 5, 3, 2]);
    expect([dls.vocab, dls.c, dls.nInp]).toEqual([["cat", "dog"], 2, 1]);
    expect(dls.lossFunc).toMatchObject({ name: "CrossEntropyLossFlat" });
    for await (using batch of dls.valid) {
      expect(batch.xb[0]).toBeInstanceOf(TensorImageBW);
      expect(batch.yb[0]).toBeInstanceOf(TensorCategory);
      expect(batch.xb[0]!.data.dtype).toBe("float32");
    }
    using batch = await dls.valid.oneBatch();
    const samples = await dls.valid.decodeBatch(batch);
    expect(samples.map(({ x, y }) => [x.data[0], y])).toEqual([
      [15, "dog"],
      [16, "cat"],
      [17, "dog"],
      [18, "cat"],
    ]);
  });

  test("the source can be the items; without a splitter a fifth is for validation", async () => {
    setSeed(1);
    const dls = await new DataBlock({ blocks: [pictureBlock, categoryBlock], getY: parentLabel }).dataloaders(paths, {
      bs: 4,
    });
    expect([dls.train.itemCount, dls.valid.itemCount]).toEqual([16, 4]);
  });

  test("a block can be used again: what one source taught does not reach the other", async () => {
    const block = petsBlock();
    const pets = await block.dataloaders("pets", { bs: 4 });
    const farm = await new DataBlock({
      blocks: block.blocks as [TransformBlock<string, Picture>, TransformBlock<string, string>],
      getY: (path: string) => (path.includes("cat") ? "cow" : "hen"),
    }).dataloaders(paths, { bs: 4 });
    expect(pets.vocab).toEqual(["cat", "dog"]);
    expect(farm.vocab).toEqual(["cow", "hen"]);
  });

  test("rows of a table, with readers of columns", async () => {
    const frame = Frame.fromRows(paths.map((path, i) => ({ path, tags: i % 2 ? "a b" : "" })));
    const dls = await new DataBlock({
      blocks: [pictureBlock(), multiCategoryBlock()],
      getX: new ColReader("path"),
      getY: new ColReader("tags", { labelDelim: " " }),
      splitter: indexSplitter([0, 1]),
    }).dataloaders(frame, { bs: 2 });
    using batch = await dls.valid.oneBatch();
    expect(batch.yb[0]!.data).toBeAllclose([0, 0, 1, 1]);
    expect((await dls.valid.decodeBatch(batch)).map(({ y }) => y)).toEqual([[], ["a", "b"]]);
    expect(dls.c).toBe(2);
  });

  test("columns", async () => {
    const dls = await DataBlock.fromColumns({
      blocks: [pictureBlock(), regressionBlock()],
      splitter: indexSplitter([1]),
    }).dataloaders([paths, paths.map((_, i) => i / 2)], { bs: 1 });
    expectTypeOf(dls).toEqualTypeOf<DataLoaders<Picture, number>>();
    using batch = await dls.valid.oneBatch();
    expect(await dls.valid.decodeBatch(batch)).toMatchObject([{ x: { width: 2 }, y: 0.5 }]);
    expect(dls.c).toBe(1);
  });

  test("weights of the source's items, of which the training items' are used", async () => {
    const wgts = paths.map((_, i) => (i === 7 ? 1 : 0));
    const dls = await petsBlock().weightedDataloaders("pets", wgts, { bs: 4 });
    expect(dls.train).toBeInstanceOf(WeightedDL);
    for await (const batch of dls.train) batch.dispose();
    expect(new Set(dls.train.order)).toEqual(new Set([7]));
    for await (const batch of dls.valid) batch.dispose();
    expect(dls.valid.order).toEqual([0, 1, 2, 3, 4]);
    await expect(petsBlock().weightedDataloaders("pets", [1])).rejects.toThrow(/1 weights for 20 items/);
  });

  test("a part of the training items per pass", async () => {
    const dls = await petsBlock().partialDataloaders("pets", 8, { bs: 4 });
    expect([dls.train.length, dls.valid.itemCount]).toEqual([2, 5]);
  });

  test("verbose says what happens", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    await petsBlock().dataloaders("pets", { bs: 4, verbose: true });
    const lines = log.mock.calls.map(([line]) => line);
    expect(lines).toContain("Found 20 items");
    expect(lines).toContain("2 datasets of sizes 15,5");
    expect(lines).toContain("Setting up Pipeline: parentLabel -> Categorize");
  });
});

describe("types", () => {
  const pic = pictureBlock();

  test("follow from the blocks", () => {
    const two = new DataBlock({ blocks: [pic, categoryBlock({ vocab: ["cat", "dog"] })] });
    expectTypeOf(two.dataloaders).returns.resolves.toEqualTypeOf<DataLoaders<Picture, "cat" | "dog">>();
    const one = new DataBlock({ blocks: [pic] });
    expectTypeOf(one.dataloaders).returns.resolves.toEqualTypeOf<DataLoaders<Picture, undefined>>();
    const three = new DataBlock({ blocks: [pic, pic, categoryBlock()] });
    expectTypeOf(three.dataloaders).returns.resolves.toEqualTypeOf<DataLoaders<[Picture, Picture], string>>();
    const split = new DataBlock({ blocks: [pic, categoryBlock(), regressionBlock<number[]>()], nInp: 1 });
    expectTypeOf(split.dataloaders).returns.resolves.toEqualTypeOf<DataLoaders<Picture, [string, number[]]>>();
    const tags = new DataBlock({ blocks: [pic, multiCategoryBlock({ vocab: ["a", "b"] })] });
    expectTypeOf(tags.dataloaders).returns.resolves.toEqualTypeOf<DataLoaders<Picture, ("a" | "b")[]>>();
  });

  test("getters and splitters must fit the items", () => {
    const block = new DataBlock({
      blocks: [pic, categoryBlock()],
      getItems: (_folder: string) => [{ id: 1 }],
      getX: (item) => {
        expectTypeOf(item).toEqualTypeOf<{ id: number }>();
        return `${item.id}`;
      },
      splitter: randomSplitter({ seed: 42 }),
    });
    expectTypeOf(block.dataloaders).parameter(0).toEqualTypeOf<string>();
  });
});

describe("DataBlock checks", () => {
  test("the number of getters", () => {
    const getY = [parentLabel, parentLabel];
    const make = () => new DataBlock({ blocks: [pictureBlock, pictureBlock, categoryBlock], nInp: 2, getY });
    expect(make).toThrow(/getY contains 2 functions; expected getY must contain 1 \(one for each target\)/);
    expect(make).toThrow(/Pipeline/);
    expect(() => new DataBlock({ blocks: [pictureBlock, categoryBlock], getX: [] })).toThrow(
      /must contain 1 \(one for each input\)/,
    );
    const composed = new Pipeline([(s: string) => s.trim(), parentLabel]);
    expect(new DataBlock({ blocks: [pictureBlock, categoryBlock], getY: composed }).getters[1]).toHaveLength(2);
  });

  test("unknown options, here and at the loaders", async () => {
    expect(() => new DataBlock({ spliter: randomSplitter() } as object)).toThrow(/"spliter".*did you mean "splitter"/);
    await expect(petsBlock().dataloaders("pets", { batchSize: 3 } as object)).rejects.toThrow(/option "batchSize"/);
  });

  test("no items", async () => {
    await expect(new DataBlock({ getItems: (_folder: string) => [] }).dataloaders("empty/")).rejects.toThrow(
      /no items in "empty\/"/,
    );
    await expect(new DataBlock({}).dataloaders(5 as never)).rejects.toThrow(/5 from the source.*getImageFiles/);
  });

  test("an empty validation set is allowed, with a warning; no training items are not", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    const block = new DataBlock({
      blocks: [pictureBlock, categoryBlock],
      getY: parentLabel,
      splitter: () => [[0, 1], []],
    });
    const dls = await block.dataloaders(paths, { bs: 2 });
    expect(warned).toHaveBeenCalledWith(expect.stringMatching(/validation set is empty/));
    expect(dls.valid.length).toBe(0);
    await expect(dls.valid.oneBatch()).rejects.toThrow(/without items/);
    const none = new DataBlock({ blocks: [pictureBlock, categoryBlock], splitter: () => [[], [0]] });
    await expect(none.dataloaders(paths)).rejects.toThrow(/no training items among 20/);
  });

  test("items in training and validation are told of", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    await new DataBlock({ splitter: () => [[0, 1], [1]] }).datasets([1, 2]);
    expect(warned).toHaveBeenCalledWith(expect.stringMatching(/item 1 is in training and in validation/));
  });

  test("one class only is allowed, with a warning", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    const dls = await new DataBlock({ blocks: [pictureBlock, categoryBlock], getY: () => "cat" }).dataloaders(paths, {
      bs: 2,
    });
    expect(dls.vocab).toEqual(["cat"]);
    expect(warned).toHaveBeenCalledWith(expect.stringMatching(/one class/));
  });

  test("more items in a batch than there are: one small batch", async () => {
    const dls = await petsBlock().dataloaders("pets", { bs: 64 });
    expect([dls.train.length, dls.train.dropLast]).toEqual([1, false]);
    const strict = await petsBlock().dataloaders("pets", { bs: 64, dropLast: true });
    await expect(strict.train.oneBatch()).rejects.toThrow(/15 items for batches of 64/);
  });

  test("a label function that throws, or has no answer, names the item", async () => {
    const block = (getY: (path: string) => unknown) => new DataBlock({ blocks: [pictureBlock, categoryBlock], getY });
    const throwing = block(function label(path) {
      if (path.includes("/7.")) throw new Error("no label there");
      return "cat";
    });
    await expect(throwing.dataloaders(paths)).rejects.toThrow(/label on item "pets\/dog\/7.png".*no label there/);
    await expect(block(() => undefined).dataloaders(paths)).rejects.toThrow(/getY: undefined.*"pets\/.*png"/);
  });

  test("shapes that do not collate", async () => {
    class Uneven extends Transform {
      override encodes(path: string): Picture {
        return Picture.filled(1, Number(/\d+/.exec(path)![0]) + 1);
      }
    }
    const blocks = [transformBlock({ typeTfms: [Uneven] }), categoryBlock()] as const;
    const dls = await new DataBlock({ blocks, getY: parentLabel }).dataloaders(paths, { bs: 2, shuffle: false });
    await expect(dls.oneBatch()).rejects.toThrow(/item \d+ \("pets\/.*png"\) has shape \[\d+, \d+, 1\], item/);
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

describe("mergeTfms", () => {
  test("keeps of each class the last, in the place of the first", () => {
    const vocab = (...names: string[]) => new Categorize({ vocab: names });
    const last = vocab("a", "b");
    const merged = mergeTfms([new Categorize(), new MultiCategorize(), vocab("dog", "cat")], [last]);
    expect(merged).toHaveLength(2);
    expect(merged[0]).toBe(last);
    expect(merged[1]).toBeInstanceOf(MultiCategorize);
  });

  test("a class and its instance are alike; functions only if they are the same", () => {
    const own = new ToTensor();
    const f = (x: number) => x;
    expect(mergeTfms([ToTensor, f], [own, f, (x: number) => x])).toHaveLength(3);
    expect(mergeTfms([ToTensor], [own])[0]).toBeInstanceOf(ToTensor);
  });
});

describe("summary", () => {
  test("shows every step of one batch", async () => {
    const lines: string[] = [];
    await petsBlock().summary("pets", { bs: 3, log: (line) => lines.push(line) });
    const text = lines.join("\n");
    expect(text).toContain("Found 20 items");
    expect(text).toContain("2 datasets of sizes 15,5");
    expect(text).toMatch(/starting from pets\/cat\/0.png\n.*applying ReadPicture gives Picture 2x2/);
    expect(text).toContain("applying parentLabel gives cat");
    expect(text).toContain("applying Categorize gives TensorCategory(0)");
    expect(text).toContain("Final sample: (Picture 2x2, TensorCategory(0))");
    expect(text).toContain("applying ToTensor gives (TensorImageBW of size 2x2x1, TensorCategory(0))");
    expect(text).toContain("Adding the next 2 samples");
    expect(text).toContain("applying IntToFloatTensor gives (TensorImageBW of size 3x2x2x1, TensorCategory of size 3)");
  });

  test("explains the first failure", async () => {
    const lines: string[] = [];
    class Explode extends Transform {
      override encodes(): never {
        throw new Error("out of range");
      }
    }
    const block = petsBlock().with({ itemTfms: [new Explode()] });
    await expect(block.summary("pets", { log: (line) => lines.push(line) })).rejects.toThrow(/Explode on item/);
    expect(lines.join("\n")).toMatch(/failed\.\n.*Explode on item.*out of range/);
  });
});
