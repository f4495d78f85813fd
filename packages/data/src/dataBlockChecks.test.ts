import { describe, expect, test, vi } from "vitest";
import { checkLeaks } from "../test/passes.ts";
import { paths, petsBlock, pictureBlock } from "../test/pets.ts";
import { Picture } from "../test/pictures.ts";
import { DataBlock } from "./dataBlock.ts";
import { parentLabel } from "./labellers.ts";
import { Pipeline } from "./pipeline.ts";
import { endSplitter, randomSplitter } from "./splitters.ts";
import { Transform } from "./transform.ts";
import { categoryBlock, transformBlock } from "./transformBlock.ts";

checkLeaks();

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
    const block = (getY: (path: string) => unknown) =>
      new DataBlock({ blocks: [pictureBlock, categoryBlock], getY, splitter: endSplitter() });
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
