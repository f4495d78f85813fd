import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataError, OptionError, setSeed } from "@layerwise/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import golden from "../test/golden/data.json" with { type: "json" };
import { Frame } from "./frame.ts";
import {
  colSplitter,
  endSplitter,
  fileSplitter,
  funcSplitter,
  grandparentSplitter,
  indexSplitter,
  maskSplitter,
  randomSplitter,
  randomSubsetSplitter,
} from "./splitters.ts";
import { trainTestSplitter } from "./trainTestSplitter.ts";

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

describe("randomSplitter", () => {
  test.each(golden.random)("gives fastai's split of $n items with seed $seed", ({ n, validPct, seed, splits }) => {
    expect(randomSplitter({ validPct, seed })(range(n))).toEqual(splits);
  });

  test("gives fastai's sizes on the pets", () => {
    const [train, valid] = randomSplitter({ seed: 1 })({ length: 7390 });
    expect([train!.length, valid!.length]).toEqual([5912, 1478]);
  });

  test("without a seed follows the shared generator", () => {
    setSeed(42);
    expect(randomSplitter()(range(10))[1]).toEqual([2, 6]);
  });

  test("is a partition for every size and part", () => {
    const law = fc.property(fc.nat(300), fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), (n, validPct, seed) => {
      const [train, valid] = randomSplitter({ validPct, seed })(range(n));
      expect([...train!, ...valid!].sort((a, b) => a - b)).toEqual(range(n));
      expect(valid!.length).toBe(Math.floor(validPct * n));
    });
    fc.assert(law);
  });

  test("refuses a part outside 0…1", () => {
    expect(() => randomSplitter({ validPct: 20 })).toThrow(OptionError);
  });
});

describe("randomSubsetSplitter", () => {
  test.each(golden.randomSubset)("gives fastai's subsets of $n items", ({ n, splits, ...options }) => {
    expect(randomSubsetSplitter(options)(range(n))).toEqual(splits);
  });

  test("refuses parts that exceed the whole", () => {
    expect(() => randomSubsetSplitter({ trainSize: 0.7, validSize: 0.5 })).toThrow(OptionError);
  });
});

describe("trainTestSplitter", () => {
  test.each(golden.trainTest)("gives scikit-learn's split: $labels, seed $seed, $testSize, $trainSize", (row) => {
    const { stratify, seed, testSize, trainSize, splits } = row;
    const options = { seed, testSize, ...(stratify ? { stratify } : {}), ...(trainSize ? { trainSize } : {}) };
    expect(trainTestSplitter(options)(range(30))).toEqual(splits);
  });

  test("keeps proportions: 4 and 2 of 20 and 10", () => {
    const stratify = range(30).map((i) => (i < 20 ? "a" : "b"));
    const [, valid] = trainTestSplitter({ stratify })(range(30));
    expect(valid!.filter((i) => i < 20)).toHaveLength(4);
    expect(valid!.filter((i) => i >= 20)).toHaveLength(2);
  });

  test("keeps the order when told not to shuffle", () => {
    expect(trainTestSplitter({ shuffle: false, testSize: 0.25 })(range(5))).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
  });

  test("names a label that only one item has", () => {
    const split = trainTestSplitter({ stratify: ["a", "a", "a", "rare"] });
    expect(() => split(range(4))).toThrow(/"rare"/);
  });

  test("refuses sizes that leave nothing to train", () => {
    expect(() => trainTestSplitter({ testSize: 3 })(range(3))).toThrow(DataError);
    expect(() => trainTestSplitter({ testSize: 1.5 })).toThrow(OptionError);
    expect(() => trainTestSplitter({ shuffle: false, stratify: ["a"] })).toThrow(OptionError);
  });
});

describe("splitters by position", () => {
  test.each(golden.end)("endSplitter as fastai, validLast $validLast", ({ n, validLast, splits }) => {
    expect(endSplitter({ validLast })(range(n))).toEqual(splits);
  });

  test("endSplitter keeps training items when the part rounds to none", () => {
    expect(endSplitter({ validPct: 0.2 })(range(3))).toEqual([[0, 1, 2], []]);
  });

  test("indexSplitter keeps the given order", () => {
    expect(indexSplitter([9, 3, 7])(range(10))).toEqual([
      [0, 1, 2, 4, 5, 6, 8],
      [9, 3, 7],
    ]);
    expect(() => indexSplitter([10])(range(10))).toThrow(/index 10/);
  });

  test("maskSplitter and funcSplitter validate where true", () => {
    expect(maskSplitter([true, false, false, true, false, true])(range(6))).toEqual([
      [1, 2, 4],
      [0, 3, 5],
    ]);
    expect(funcSplitter((item: number) => item > 1)(range(4))).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(() => maskSplitter([true])(range(2))).toThrow(DataError);
  });
});

describe("splitters by name and column", () => {
  test.each(golden.grandparent)("grandparentSplitter as fastai %#", ({ paths, args, splits }) => {
    expect(grandparentSplitter(args)(paths)).toEqual(splits);
  });

  test("grandparentSplitter reads either slash and names the folders that there are", () => {
    expect(grandparentSplitter()(["a\\train\\x\\1.png", "a/valid/x/2.png"])).toEqual([[0], [1]]);
    expect(() => grandparentSplitter()(["a/train/x/1.png", "a/test/x/1.png"])).toThrow(/"train", "test".*"valid"/);
  });

  test("fileSplitter validates on listed names", async () => {
    const folder = await mkdtemp(join(tmpdir(), "layerwise-"));
    const list = join(folder, "valid.txt");
    await writeFile(list, "b.png\r\nc.png\n");
    const paths = ["x/a.png", "x/b.png", "x/c.png"];
    expect(await fileSplitter(list)(paths)).toEqual([[0], [1, 2]]);
    await expect(fileSplitter(list)(["x/q.png"])).rejects.toThrow(/such as "q.png"/);
    await expect(fileSplitter(join(folder, "none.txt"))(paths)).rejects.toThrow(DataError);
    await rm(folder, { recursive: true });
  });

  test("colSplitter goes by truth, equality or membership", () => {
    const frame = Frame.fromColumns({ a: [1, 2, 3, 4, 5], b: [true, false, true, true, false] });
    const expected = [
      [1, 4],
      [0, 2, 3],
    ];
    expect(colSplitter("b")(frame)).toEqual(expected);
    expect(colSplitter(1)(frame.rows())).toEqual(expected);
    expect(colSplitter("a", [1, 3, 4])(frame)).toEqual(expected);
    expect(colSplitter("a", 2)([{ a: 1 }, { a: 2 }])).toEqual([[0], [1]]);
    expect(() => colSplitter()(frame)).toThrow(/is_valid/);
  });
});
