import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { DataError } from "@layerwise/core";
import { dataSourcesRegistry } from "@layerwise/core/learner";
import { TensorCategory, TensorImage, TensorImageBW, TensorMask } from "@layerwise/core/tensor";
import {
  categoryBlock,
  DataBlock,
  type DataLoaders,
  getImageFiles,
  parentLabel,
  randomSplitter,
  regressionBlock,
} from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";
import sharp from "sharp";
import { describe, expect, expectTypeOf, test, vi } from "vitest";
import { tempFolder, writeClasses, writePicture } from "../../test/pictures.ts";
import { Resize } from "../augment/resize.ts";
import { imageBlock } from "../blocks.ts";
import { ImageItem, ImageItemBW } from "../image/imageItem.ts";
import type { MaskItem } from "../image/maskItem.ts";
import { verifyImages } from "../verifyImages.ts";
import { ImageDataLoaders } from "./imageDataLoaders.ts";
import { SegmentationDataLoaders } from "./segmentationDataLoaders.ts";

const itemTfms = [new Resize(8)];

describe("fromFolder", () => {
  test("splits by folder, labels by folder, and makes batches", async () => {
    const path = await writeClasses(tempFolder());
    const dls = await ImageDataLoaders.fromFolder(path, { bs: 4, itemTfms });
    expectTypeOf(dls).toEqualTypeOf<DataLoaders<ImageItem, string>>();
    expect([dls.vocab, dls.c, dls.train.itemCount, dls.valid.itemCount, dls.path]).toEqual([
      ["cat", "dog"],
      2,
      12,
      4,
      path,
    ]);
    const before = tf.memory().numTensors;
    const batch = await dls.oneBatch();
    const [x, y] = [batch.xb[0]!, batch.yb[0]!];
    expect([x.constructor, x.shape, x.data.dtype]).toEqual([TensorImage, [4, 8, 8, 3], "float32"]);
    expect([y.constructor, y.shape, y.data.dtype]).toEqual([TensorCategory, [4], "int32"]);
    expect(tf.max(x.data).dataSync()[0]).toBeLessThanOrEqual(1);
    batch.dispose();
    for await (const one of dls.train) one.dispose();
    expect(tf.memory().numTensors).toBe(before + 1); // the `max` above
  });

  test("decodes a batch to the pictures it was made of", async () => {
    const path = await writeClasses(tempFolder());
    const dls = await ImageDataLoaders.fromFolder(path, { bs: 4, itemTfms });
    const batch = await dls.valid.oneBatch();
    const [first] = await dls.valid.decodeBatch(batch);
    batch.dispose();
    const source = await ImageItem.create(join(path, "valid/cat/cat_0.png"));
    const expected = new Resize(8).call(source) as ImageItem;
    expect(first!.y).toBe("cat");
    expect(first!.x.data).toBeAllclose(expected.data, { rtol: 0, atol: 1 });
  });

  test("splits at random with validPct, the same for a seed", async () => {
    const path = await writeClasses(tempFolder());
    const make = () => ImageDataLoaders.fromFolder(path, { bs: 4, validPct: 0.25, seed: 5, itemTfms });
    const [one, two] = [await make(), await make()];
    expect([one.train.itemCount, one.valid.itemCount]).toEqual([12, 4]);
    expect(one.valid.dataset.items).toEqual(two.valid.dataset.items);
  });

  test("takes the classes from vocab, typed", async () => {
    const path = await writeClasses(tempFolder());
    const dls = await ImageDataLoaders.fromFolder(path, { bs: 4, itemTfms, vocab: ["dog", "cat"] });
    expectTypeOf(dls).toEqualTypeOf<DataLoaders<ImageItem, "dog" | "cat">>();
    expect(dls.vocab).toEqual(["cat", "dog"]);
  });

  test("reads gray pictures with bw", async () => {
    const dls = await ImageDataLoaders.fromFolder(await writeClasses(tempFolder()), { bs: 4, itemTfms, bw: true });
    const batch = await dls.oneBatch();
    expect([batch.xb[0]!.constructor, batch.xb[0]!.shape]).toEqual([TensorImageBW, [4, 8, 8, 1]]);
    expect((await dls.decodeBatch(batch))[0]!.x).toBeInstanceOf(ImageItemBW);
    batch.dispose();
  });

  test("test loaders take paths, content of files and pictures, and export files keep the transforms", async () => {
    const path = await writeClasses(tempFolder());
    const dls = await ImageDataLoaders.fromFolder(path, { bs: 4, itemTfms, bw: true });
    const file = join(path, "valid/cat/cat_0.png");
    const empty = dataSourcesRegistry.get("DataLoaders")(JSON.parse(JSON.stringify(dls.toConfig()))) as typeof dls;
    const sources = [file, readFileSync(file), await ImageItem.create(file), await ImageItemBW.create(file)];
    for (const loaders of [dls, empty]) {
      for (const source of sources) {
        const batch = await loaders.testDl([source]).oneBatch();
        expect(batch.xb[0]!.shape).toEqual([1, 8, 8, 1]);
        const [sample] = await loaders.valid.decodeBatch(batch);
        const expected = new Resize(8).call(await ImageItemBW.create(file)) as ImageItem;
        expect((sample!.x as ImageItem).data).toBeAllclose(expected.data, { atol: 1 });
        batch.dispose();
      }
    }
  });

  test("says what is wrong with a folder", async () => {
    const folder = tempFolder();
    const missing = ImageDataLoaders.fromFolder(join(folder, "nowhere"));
    await expect(missing).rejects.toThrow(/nowhere.*does not exist/);
    await expect(ImageDataLoaders.fromFolder(folder)).rejects.toThrow(DataError);
    mkdirSync(join(folder, "cat"));
    writeFileSync(join(folder, "cat", "notes.txt"), "no picture");
    await expect(ImageDataLoaders.fromFolder(folder, { validPct: 0.2 })).rejects.toThrow(/\.txt/);
    await writePicture(join(folder, "cat/1.png"));
    await expect(ImageDataLoaders.fromFolder(folder)).rejects.toThrow(/validPct/);
  });

  test("refuses options that do not exist, with the nearest that does", async () => {
    const path = await writeClasses(tempFolder());
    const typo = { itemTfm: itemTfms } as object;
    await expect(ImageDataLoaders.fromFolder(path, typo)).rejects.toThrow(/did you mean "itemTfms"/);
  });

  test("warns of a single class", async () => {
    const folder = tempFolder();
    for (const i of [1, 2, 3, 4, 5]) await writePicture(join(folder, `cat/${i}.png`));
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const dls = await ImageDataLoaders.fromFolder(folder, { bs: 2, validPct: 0.2, itemTfms });
    expect(dls.c).toBe(1);
    expect(warn.mock.calls.flat().join()).toContain('"cat"');
    warn.mockRestore();
  });

  test("names the files of a batch whose sizes differ", async () => {
    const path = await writeClasses(tempFolder());
    const dls = await ImageDataLoaders.fromFolder(path, { bs: 4 });
    await expect(dls.oneBatch()).rejects.toThrow(/_\d\.png.*Resize\(224\)/s);
  });
});

describe("unreadable pictures", () => {
  const spoil = async () => {
    const path = await writeClasses(tempFolder());
    const bad = join(path, "train/dog/dog_1.png");
    writeFileSync(bad, "not a picture");
    return { path, bad };
  };

  test("stop a pass, naming the file", async () => {
    const { path, bad } = await spoil();
    const made = ImageDataLoaders.fromFolder(path, { bs: 12, itemTfms }).then((dls) => dls.oneBatch());
    await expect(made).rejects.toThrow(bad);
  });

  test("are left out and reported with onError: skip, and found by verifyImages", async () => {
    const { path, bad } = await spoil();
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const dls = await ImageDataLoaders.fromFolder(path, { bs: 3, itemTfms, onError: "skip", dropLast: false });
    let count = 0;
    for await (const batch of dls.train) {
      count += batch.xb[0]!.shape[0]!;
      batch.dispose();
    }
    warn.mockRestore();
    expect(count).toBe(11);
    expect(dls.train.skipped.map(({ item }) => item)).toEqual([bad]);
    expect(await verifyImages(await getImageFiles(path))).toEqual([bad]);
  });
});

describe("labels from names, lists and tables", () => {
  const files = async () => {
    const folder = tempFolder();
    for (const name of ["cat_1", "cat_2", "dog_1", "dog_2", "cat_3"]) await writePicture(join(folder, `${name}.jpg`));
    return { folder, names: await getImageFiles(folder) };
  };
  const options = { bs: 2, seed: 1, itemTfms };

  test("fromNameFunc, fromPathFunc, fromNameRe and fromPathRe find the same classes", async () => {
    const { folder, names } = await files();
    const label = (name: string) => (name.startsWith("cat") ? "cat" : "dog");
    const all = [
      await ImageDataLoaders.fromNameFunc(folder, names, label, options),
      await ImageDataLoaders.fromPathFunc(folder, names, (path) => label(basename(path)), options),
      await ImageDataLoaders.fromNameRe(folder, names, /^(.+)_\d+\.jpg$/, options),
      await ImageDataLoaders.fromPathRe(folder, names, /(\w+)_\d+\.jpg$/, options),
    ];
    for (const dls of all) expect([dls.vocab, dls.train.itemCount]).toEqual([["cat", "dog"], 4]);
    await expect(ImageDataLoaders.fromNameRe(folder, names, /^(.+)\.png$/, options)).rejects.toThrow(/finds no label/);
    await expect(ImageDataLoaders.fromNameFunc(folder, [], label)).rejects.toThrow(/no files/);
  });

  test("fromLists tells classes, several classes and numbers apart", async () => {
    const { folder, names } = await files();
    const classes = await ImageDataLoaders.fromLists(folder, names, ["a", "b", "a", "b", "a"], options);
    expectTypeOf(classes).toEqualTypeOf<DataLoaders<ImageItem, string>>();
    const many = await ImageDataLoaders.fromLists(folder, names, [["a"], ["b"], ["a", "c"], [], ["b", "a"]], options);
    expectTypeOf(many).toEqualTypeOf<DataLoaders<ImageItem, string[]>>();
    const numbers = await ImageDataLoaders.fromLists(folder, names, [0.5, 1, 2, 3, 4], options);
    const forced = await ImageDataLoaders.fromLists(folder, names, [0, 1, 2, 3, 4], {
      ...options,
      yBlock: regressionBlock(),
    });
    expect([classes.c, many.vocab, numbers.c, numbers.lossFunc?.constructor.name, forced.c]).toEqual([
      2,
      expect.arrayContaining(["a"]),
      1,
      "MSELossFlat",
      1,
    ]);
    await expect(ImageDataLoaders.fromLists(folder, names, ["a"], options)).rejects.toThrow(/1 labels for 5 files/);
  });

  test("fromCsv reads names, labels and the split; a column that is missing gets the nearest name", async () => {
    const { folder } = await files();
    const lines = ["cat_1,cat,0", "cat_2,cat,0", "dog_1,dog,0", "dog_2,dog,1", "cat_3,cat big,1"];
    writeFileSync(join(folder, "labels.csv"), ["name,label,is_valid", ...lines].join("\n"));
    const dls = await ImageDataLoaders.fromCsv(folder, {
      ...options,
      suff: ".jpg",
      validCol: "is_valid",
      labelDelim: " ",
    });
    expectTypeOf(dls).toEqualTypeOf<DataLoaders<ImageItem, string[]>>();
    expect([dls.vocab, dls.train.itemCount, dls.valid.itemCount]).toEqual([["cat", "dog"], 3, 2]);
    const wrong = ImageDataLoaders.fromCsv(folder, { ...options, suff: ".jpg", labelCol: "labl" });
    await expect(wrong).rejects.toThrow(/perhaps "label" is meant/);
    await expect(ImageDataLoaders.fromCsv(folder, { csvFname: "other.csv" })).rejects.toThrow(/other\.csv/);
  });

  test("fromDf takes objects as well", async () => {
    const { folder, names } = await files();
    const rows = names.map((path, i) => ({ file: basename(path), label: ["x", "y"][i % 2]! }));
    const dls = await ImageDataLoaders.fromDf(rows, { ...options, path: folder, fnCol: "file", labelCol: "label" });
    expectTypeOf(dls).toEqualTypeOf<DataLoaders<ImageItem, string>>();
    expect(dls.vocab).toEqual(["x", "y"]);
  });
});

test("a DataBlock of an image and a category is typed by its blocks", async () => {
  const path = await writeClasses(tempFolder());
  const dls = await new DataBlock({
    blocks: [imageBlock(), categoryBlock()],
    getItems: getImageFiles,
    getY: parentLabel,
    splitter: randomSplitter({ validPct: 0.2, seed: 42 }),
    itemTfms: [new Resize(8)],
  }).dataloaders(path, { bs: 4 });
  expectTypeOf(dls).toEqualTypeOf<DataLoaders<ImageItem, string>>();
  const figure = await dls.showBatch();
  expect(figure.toText()).toMatch(/cat|dog/);
});

test("SegmentationDataLoaders keep class numbers and name them", async () => {
  const folder = tempFolder();
  for (let i = 0; i < 5; i++) {
    await writePicture(join(folder, `images/${i}.jpg`), { width: 10, height: 8 });
    mkdirSync(join(folder, "labels"), { recursive: true });
    const data = Uint8Array.from({ length: 80 }, (_, k) => k % 3);
    await sharp(data, { raw: { width: 10, height: 8, channels: 1 } })
      .toColourspace("b-w")
      .toFile(join(folder, `labels/${i}.png`));
  }
  const names = await getImageFiles(join(folder, "images"));
  const maskOf = (path: string) => path.replace("images", "labels").replace(".jpg", ".png");
  const codes = ["sky", "road", "car"];
  const dls = await SegmentationDataLoaders.fromLabelFunc(folder, names, maskOf, { bs: 2, codes, seed: 1 });
  expectTypeOf(dls).toEqualTypeOf<DataLoaders<ImageItem, MaskItem>>();
  const batch = await dls.oneBatch();
  const mask = batch.yb[0]!;
  expect([mask.constructor, mask.shape, mask.data.dtype, dls.c]).toEqual([TensorMask, [2, 8, 10], "int32", 3]);
  expect(mask.data.dataSync()[2]).toBe(2);
  const [sample] = await dls.decodeBatch(batch);
  expect(sample!.y?.codes).toEqual(codes);
  const results = await dls.train.showResults(batch, tf.clone(mask.data));
  expect(results.toText()).toContain("4");
  batch.dispose();
});
