import { setSeed } from "@layerwise/core";
import { TensorCategory, TensorImageBW } from "@layerwise/core/tensor";
import { describe, expect, expectTypeOf, test, vi } from "vitest";
import { checkLeaks } from "../test/passes.ts";
import { paths, petsBlock, pictureBlock } from "../test/pets.ts";
import type { Picture } from "../test/pictures.ts";
import { DataBlock } from "./dataBlock.ts";
import type { DataLoaders } from "./dataLoaders.ts";
import { Frame } from "./frame.ts";
import { parentLabel } from "./labellers.ts";
import { endSplitter, indexSplitter, randomSplitter } from "./splitters.ts";
import { categoryBlock, multiCategoryBlock, regressionBlock, type TransformBlock } from "./transformBlock.ts";
import { ColReader } from "./transforms/colReader.ts";
import { WeightedDL } from "./weightedDl.ts";

checkLeaks();

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

  test("a subclass may have the parts as methods; an option goes first", async () => {
    class Pets extends DataBlock<
      [TransformBlock<string, Picture>, TransformBlock<string, string>],
      undefined,
      string,
      string
    > {
      readonly count = 12;
      override getItems(folder: string) {
        return paths.map((path) => path.replace("pets", folder)).slice(0, this.count);
      }
      override splitter = endSplitter({ validPct: 0.25 });
      override getY(path: string) {
        return parentLabel(path);
      }
    }
    const parts = [pictureBlock(), categoryBlock()] as [
      TransformBlock<string, Picture>,
      TransformBlock<string, string>,
    ];
    const dls = await new Pets({ blocks: parts }).dataloaders("zoo", { bs: 2 });
    expect([dls.train.itemCount, dls.valid.itemCount, dls.vocab]).toEqual([9, 3, ["cat", "dog"]]);
    const other = new Pets({
      blocks: parts,
      getY: (path) => (path.includes("cat") ? "x" : "y"),
      splitter: () => [[0, 1], [2]],
    }).with({});
    expect(other).toBeInstanceOf(Pets);
    const datasets = await other.datasets("zoo");
    expect([datasets.train.length, datasets.vocab]).toEqual([2, ["x", "y"]]);
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

  test("options of the loaders come from the blocks, then from the caller", async () => {
    const loud = { ...pictureBlock(), dlKwargs: { bs: 3, prefetch: 5 } };
    const block = new DataBlock({
      blocks: [loud, { ...categoryBlock(), dlKwargs: { prefetch: 6 } }],
      getY: parentLabel,
    });
    expect((await block.dataloaders(paths)).train.options).toMatchObject({ bs: 3, prefetch: 6 });
    const weighted = await block.weightedDataloaders(
      paths,
      paths.map(() => 1),
      { bs: 4 },
    );
    expect(weighted.valid.options).toMatchObject({ bs: 4, prefetch: 6 });
  });

  test("verbose says what happens", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    await petsBlock().dataloaders("pets", { bs: 4, verbose: true });
    const lines = log.mock.calls.map(([line]) => line);
    expect(lines).toContain("Found 20 items");
    expect(lines).toContain("2 datasets of sizes 15,5");
    expect(lines).toContain("Setting up Pipeline: parentLabel -> Categorize(addNa: false, sort: true)");
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
