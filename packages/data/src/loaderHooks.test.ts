import { setSeed } from "@layerwise/core";
import { TensorImageBW } from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { batches, checkLeaks, range } from "../test/passes.ts";
import { Picture } from "../test/pictures.ts";
import { DataLoader } from "./dataLoader.ts";
import { DataLoaders } from "./dataLoaders.ts";
import type { LoaderHooks } from "./loaderHooks.ts";
import { ToTensor } from "./transforms/toTensor.ts";

checkLeaks();

describe("hooks of a loader", () => {
  test.each<[string, LoaderHooks, number[][]]>([
    ["getIdxs", { getIdxs: () => [3, 1, 3] }, [[3, 1], [3]]],
    [
      "createItem",
      { createItem: (i) => 10 * i },
      [
        [0, 10],
        [20, 30],
      ],
    ],
    [
      "createBatch",
      { createBatch: (samples) => [tf.tensor1d(samples.map((s) => -(s.at(0) as number)))] },
      [
        [-0, -1],
        [-2, -3],
      ],
    ],
    [
      "doBatch",
      { doBatch: (samples) => [new TensorImageBW(tf.tensor1d(samples.map((x) => (x as number) + 5)))] },
      [
        [5, 6],
        [7, 8],
      ],
    ],
  ])("%s", async (_, hooks, expected) => {
    expect(await batches(new DataLoader(range(4), { bs: 2, ...hooks }))).toEqual(expected);
  });

  test("shuffleFn orders what is shuffled, from the pass's own generator", async () => {
    const dl = new DataLoader(range(6), {
      bs: 6,
      shuffle: true,
      shuffleFn: (idxs, random) => (random.uniform() < 0.5 ? idxs : idxs.toReversed()),
    });
    const seen = new Set<string>();
    for (let seed = 0; seed < 12; seed++) {
      const pass = await batches(dl.iterate({ seed }));
      expect(await batches(dl.iterate({ seed }))).toEqual(pass);
      seen.add(pass.flat().join());
    }
    expect([...seen].sort()).toEqual(["0,1,2,3,4,5", "5,4,3,2,1,0"]);
    expect(await batches(dl.with({ shuffle: false }))).toEqual([range(6)]);
  });

  test("beforeIter and afterIter run around every pass, also one that is left or fails", async () => {
    const told: string[] = [];
    const fragile = (x: number) => {
      if (x === 3) throw new Error("torn");
      return x;
    };
    const dl = new DataLoader(range(4), {
      bs: 2,
      afterItem: [fragile],
      beforeIter: async () => void told.push("before"),
      afterIter: () => void told.push("after"),
    });
    await expect(batches(dl)).rejects.toThrow("torn");
    for await (const batch of dl) {
      batch.dispose();
      break;
    }
    expect(told).toEqual(["before", "after", "before", "after"]);
  });

  test("tensors that createBatch made get the kind of the samples", async () => {
    const createBatch: LoaderHooks["createBatch"] = (samples) => [tf.zeros([samples.length, 2, 2, 1])];
    const dl = new DataLoader([Picture.filled(3)], { bs: 1, afterItem: [ToTensor], createBatch });
    using batch = await dl.oneBatch();
    expect(batch.xb[0]).toBeInstanceOf(TensorImageBW);
    const plain = dl.with({
      retain: (tensors) => tensors.map((x) => new TensorImageBW(x as tf.Tensor, { codes: ["a"] })),
    });
    using other = await plain.oneBatch();
    expect(other.xb[0]!.meta.codes).toEqual(["a"]);
  });

  test("methods of a subclass do the same, and options go first", async () => {
    class Backwards extends DataLoader {
      override getIdxs(): number[] {
        return range(this.itemCount).toReversed();
      }
    }
    expect(await batches(new Backwards(range(3), { bs: 3 }))).toEqual([[2, 1, 0]]);
    expect(await batches(new Backwards(range(3), { bs: 3, getIdxs: () => [1] }))).toEqual([[1]]);
    expect(await batches(new Backwards(range(3), { bs: 3 }).with({ order: [2, 2] }))).toEqual([[2, 2]]);
  });

  test("those that speak of positions stay with their data set", async () => {
    setSeed(1);
    const dls = await DataLoaders.fromDsets([range(9), [7]], {
      bs: 1,
      getIdxs: () => [8],
      createItem: (i) => i + 100,
      valCreateItem: () => 5,
    });
    expect(await batches(dls.train)).toEqual([[108]]);
    expect(await batches(dls.valid)).toEqual([[5]]);
    expect(await batches(dls.testDl([3]))).toEqual([[3]]);
  });

  test("must be functions", () => {
    expect(() => new DataLoader([1], { createItem: 3 as never })).toThrow(/createItem = 3; expected a function/);
  });
});
