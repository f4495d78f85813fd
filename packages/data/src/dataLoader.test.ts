import { rng, setSeed } from "@layerwise/core";
import { TensorFloat, TensorImageBW } from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batches, checkLeaks, Jitter, range } from "../test/passes.ts";
import { Picture } from "../test/pictures.ts";
import { DataLoader } from "./dataLoader.ts";
import type { DataLoaderOptions } from "./loaderOptions.ts";
import { RandTransform } from "./randTransform.ts";
import type { SetupSource } from "./transform.ts";
import { Transform } from "./transform.ts";
import type { TransformContext } from "./transformContext.ts";
import { IntToFloatTensor } from "./transforms/intToFloatTensor.ts";
import { Normalize } from "./transforms/normalize.ts";
import { ToTensor } from "./transforms/toTensor.ts";
import { Tuple } from "./tuple.ts";

checkLeaks();

/** A data set whose items take time, the later ones less. */
function slowDataset(n: number, onStart: (i: number) => void = () => {}) {
  return {
    length: n,
    items: range(n).map((i) => `file${i}`),
    get: async (i: number) => {
      onStart(i);
      await new Promise((done) => setTimeout(done, (n - i) % 5));
      return i;
    },
  };
}

describe("length", () => {
  test.each<[number, DataLoaderOptions, number]>([
    [10, { bs: 4 }, 3],
    [10, { bs: 4, dropLast: true }, 2],
    [10, { bs: null }, 10],
    [5912, { bs: 64, shuffle: true }, 92],
    [1478, { bs: 64 }, 24],
    [10, { bs: 4, n: 6 }, 2],
    [0, { bs: 4 }, 0],
  ])("%d items with %j are %d batches", (n, options, expected) => {
    expect(new DataLoader(range(n), options).length).toBe(expected);
  });

  test("is the number of batches that come, each full but the last, for any sizes", () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9 }), fc.boolean(), fc.boolean());
    const law = fc.asyncProperty(sizes, async ([n, bs, shuffle, dropLast]) => {
      fc.pre(!dropLast || n >= bs);
      const dl = new DataLoader(range(n), { bs, shuffle, dropLast });
      const all = await batches(dl);
      expect(all).toHaveLength(dl.length);
      expect(all.slice(0, -1).every((batch) => batch.length === bs)).toBe(true);
      expect(all.flat()).toEqual(dl.order);
      expect(new Set(all.flat()).size).toBe(dropLast ? n - (n % bs) : n);
    });
    return fc.assert(law, { numRuns: 40 });
  });

  test("dropLast follows shuffle, unless that would leave no batch", () => {
    expect(new DataLoader(range(10), { bs: 4, shuffle: true }).dropLast).toBe(true);
    expect(new DataLoader(range(3), { bs: 4, shuffle: true }).dropLast).toBe(false);
    expect(new DataLoader(range(10), { bs: 4 }).dropLast).toBe(false);
  });
});

describe("a pass", () => {
  test("gives every item once, in order, and the rest at the end", async () => {
    const dl = new DataLoader(range(10), { bs: 4 });
    expect(await batches(dl)).toEqual([range(4), [4, 5, 6, 7], [8, 9]]);
    expect(dl.order).toEqual(range(10));
  });

  test("with shuffle another order each time, the same for the same seed", async () => {
    const dl = new DataLoader(range(20), { bs: 5, shuffle: true });
    setSeed(3);
    const first = (await batches(dl)).flat();
    const second = (await batches(dl)).flat();
    expect(first).not.toEqual(second);
    expect(first.toSorted((a, b) => a - b)).toEqual(range(20));
    expect(dl.order).toEqual(second);
    setSeed(3);
    expect((await batches(dl)).flat()).toEqual(first);
  });

  test("from its seed again, and from the middle, does not touch the shared generator", async () => {
    const make = (workers: number) =>
      new DataLoader(slowDataset(22), { bs: 4, shuffle: true, splitIdx: 0, workers, afterItem: [new Jitter()] });
    setSeed(5);
    const dl = make(8);
    const whole = await batches(dl);
    const seed = dl.epochSeed!;
    const state = rng().state();
    expect(await batches(make(1).iterate({ seed }))).toEqual(whole);
    expect(await batches(make(64).iterate({ seed }))).toEqual(whole);
    expect(await batches(make(8).iterate({ seed, startBatch: 3 }))).toEqual(whole.slice(3));
    expect(rng().state()).toEqual(state);
  });

  test("batch transforms draw from the batch's own generator", async () => {
    class Noise extends RandTransform<number> {
      override beforeCall(_x: unknown, { rng }: TransformContext): number {
        return rng.uniform();
      }
    }
    Noise.on(TensorFloat, (x, _tfm, { draw }) => tf.add(x.data, draw));
    const dl = new DataLoader(range(6), { bs: 2, splitIdx: 0, afterBatch: [new Noise()] });
    const whole = await batches(dl.iterate({ seed: 1 }));
    expect(new Set(whole.map(([first]) => first! % 1)).size).toBe(3);
    expect(await batches(dl.iterate({ seed: 1, startBatch: 1 }))).toEqual(whole.slice(1));
    expect(await batches(dl.with({ splitIdx: 1 }))).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
  });

  test("reads ahead, but never more items at once than workers", async () => {
    let reading = 0;
    let most = 0;
    let started = 0;
    const dataset = {
      length: 40,
      get: async (i: number) => {
        started++;
        most = Math.max(most, ++reading);
        await new Promise((done) => setTimeout(done, 1));
        reading--;
        return i;
      },
    };
    const dl = new DataLoader(dataset, { bs: 4, prefetch: 2, workers: 6 });
    for await (const batch of dl) {
      batch.dispose();
      await new Promise((done) => setTimeout(done, 20));
      expect(started).toBe(4 + 8);
      break;
    }
    expect(most).toBe(6);
    await new Promise((done) => setTimeout(done, 10));
    expect(started).toBe(12);
  });

  test("items that are there are made without reading ahead", async () => {
    let made = 0;
    const dl = new DataLoader({ length: 100, get: () => ++made }, { bs: 10 });
    for await (const batch of dl) {
      batch.dispose();
      break;
    }
    expect(made).toBe(10);
  });

  test("a fixed order, in part and with repeats", async () => {
    const dl = new DataLoader(range(10), { bs: 2 }).with({ order: [3, 3, 9] });
    expect(await batches(dl)).toEqual([[3, 3], [9]]);
    expect([dl.itemCount, dl.length]).toEqual([3, 2]);
    expect(dl.order).toEqual([3, 3, 9]);
  });

  test("samples that are batches already", async () => {
    const ready = [Tuple.of(tf.tensor1d([1, 2]), tf.tensor1d([5, 6])), Tuple.of(tf.tensor1d([3]), tf.tensor1d([7]))];
    expect(await batches(new DataLoader(ready, { bs: null }))).toEqual([[1, 2], [3]]);
    for (const sample of ready) for (const tensor of sample) tensor.dispose();
  });
});

describe("stages", () => {
  test("learn in order, from what the earlier ones give, and copies share it", async () => {
    const pictures = [0, 255].map((value) => Tuple.of(Picture.filled(value, 1), 1));
    const normalize = new Normalize();
    const dl = new DataLoader(pictures, { bs: 2, afterItem: [ToTensor], afterBatch: [IntToFloatTensor, normalize] });
    await dl.setup();
    expect(normalize.mean).toBeAllclose([0.5]);
    expect(normalize.std).toBeAllclose([Math.SQRT1_2]);
    const copy = dl.withDataset([Tuple.of(Picture.filled(255, 1), 1)]);
    using batch = await copy.oneBatch();
    expect(batch.xb[0]).toBeInstanceOf(TensorImageBW);
    expect(batch.xb[0]!.data).toBeAllclose([Math.SQRT1_2]);
    expect(batch.yb).toHaveLength(1);
    expect(copy.afterBatch.tfms).toBe(dl.afterBatch.tfms);
  });

  test("beforeBatch sees the list of samples", async () => {
    class Pad extends Transform {}
    Pad.on(Array, (list) => {
      const samples = list as Tuple<number[][]>[];
      const longest = Math.max(...samples.map((sample) => sample.at(0)!.length));
      return samples.map((sample) => sample.map((x) => [...x, ...new Array(longest - x.length).fill(0)]));
    });
    const dl = new DataLoader([Tuple.of([1]), Tuple.of([2, 3])], { bs: 2, beforeBatch: [Pad] });
    expect(await batches(dl)).toEqual([[1, 0, 2, 3]]);
  });

  test("the split decides whether random transforms run", async () => {
    const dl = new DataLoader([0, 0], { bs: 2, splitIdx: 0, afterItem: [new Jitter()] });
    expect((await batches(dl))[0]).not.toEqual([0, 0]);
    expect(await batches(dl.with({ splitIdx: 1 }))).toEqual([[0, 0]]);
  });

  test("item transforms can be replaced in a copy", async () => {
    const dl = new DataLoader([1, 2], { bs: 2, afterItem: [(x: number) => x + 1] });
    expect(await batches(dl.with({ itemTfms: [(x: number) => x * 10] }))).toEqual([[10, 20]]);
    expect(await batches(dl)).toEqual([[2, 3]]);
  });

  test("a transform of an item sees a source of items at its set-up", async () => {
    const seen: unknown[] = [];
    class Look extends Transform {
      override async setups(items: SetupSource): Promise<void> {
        seen.push(items.length, await items.get(1));
      }
    }
    await new DataLoader([1, 2], { afterItem: [(x: number) => x + 1, new Look()] }).setup();
    expect(seen).toEqual([2, 3]);
  });

  test("a batch transform must not return a promise", async () => {
    const dl = new DataLoader([1, 2], { bs: 2, afterBatch: [new Transform({ enc: async (x: TensorFloat) => x })] });
    await expect(dl.oneBatch()).rejects.toThrow(/afterBatch: got a transform that returns a promise/);
  });
});
