import { rng, setSeed } from "@layerwise/core";
import { TensorFloat, TensorImageBW } from "@layerwise/core/tensor";
import { table } from "@layerwise/plot";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Picture } from "../test/pictures.ts";
import type { DataBatch } from "./batch.ts";
import { DataLoader } from "./dataLoader.ts";
import { Datasets } from "./datasets.ts";
import type { DataLoaderOptions } from "./loaderOptions.ts";
import { PartialDL } from "./partialDl.ts";
import { RandTransform } from "./randTransform.ts";
import { onShowBatch } from "./show.ts";
import { TfmdLists } from "./tfmdLists.ts";
import type { SetupSource } from "./transform.ts";
import { Transform } from "./transform.ts";
import type { TransformContext } from "./transformContext.ts";
import { SkipItemError } from "./transformError.ts";
import { IntToFloatTensor } from "./transforms/intToFloatTensor.ts";
import { Normalize } from "./transforms/normalize.ts";
import { ToTensor } from "./transforms/toTensor.ts";
import { Tuple } from "./tuple.ts";
import { WeightedDL } from "./weightedDl.ts";

let before = 0;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => {
  expect(tf.memory().numTensors).toBe(before);
});

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** Numbers of each batch of a pass. */
async function batches(pass: AsyncIterable<DataBatch>): Promise<number[][]> {
  const all: number[][] = [];
  for await (using batch of pass) all.push([...(await batch.xb[0]!.data.data())]);
  return all;
}

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

class Jitter extends RandTransform<number> {
  override beforeCall(_x: unknown, { rng }: TransformContext): number {
    return rng.uniform();
  }
}
Jitter.on(Number, (x, _tfm, { draw }) => x + draw);

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

describe("errors", () => {
  test("a bad item is named, with the cause", async () => {
    const dataset = { ...slowDataset(6), get: async (i: number) => i };
    const fail = new Transform({
      name: "Decode",
      enc: (x: number) => {
        if (x === 3) throw new Error("not a picture");
        return x;
      },
    });
    const dl = new DataLoader(dataset, { bs: 2, afterItem: [fail] });
    const error = await batches(dl).catch((e: Error) => e);
    expect(error).toMatchObject({ transform: "Decode", item: "file3" });
    expect((error as Error).message).toMatch(/Decode on item "file3".*not a picture/);
  });

  test("bad items can be left out, and are reported", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    const fail = (x: number) => {
      if (x % 3 === 0) throw new Error("truncated");
      return x;
    };
    const dl = new DataLoader(range(8), { bs: 3, onError: "skip", afterItem: [fail] });
    expect(await batches(dl)).toEqual([
      [1, 2, 4],
      [5, 7],
    ]);
    expect(dl.order).toEqual([1, 2, 4, 5, 7]);
    expect(dl.skipped.map(({ index }) => index)).toEqual([0, 3, 6]);
    expect(warned).toHaveBeenCalledWith(expect.stringMatching(/left out 3 of 8 items.*truncated/));
    expect(await batches(dl.iterate({ seed: 0, startBatch: 1 }))).toEqual([[5, 7]]);
    warned.mockRestore();
  });

  test("a skip leaves an item out silently, and batches stay full", async () => {
    const skip = (x: number) => {
      if (x === 1) throw new SkipItemError();
      return x;
    };
    expect(await batches(new DataLoader(range(5), { bs: 2, afterItem: [skip] }))).toEqual([
      [0, 2],
      [3, 4],
    ]);
  });

  test("no full batch, and no items at all", async () => {
    const small = new DataLoader(range(3), { bs: 8, dropLast: true });
    await expect(small.oneBatch()).rejects.toThrow(/3 items for batches of 8, with dropLast.*at most 3/);
    await expect(batches(small)).rejects.toThrow(/at least one full batch/);
    const empty = new DataLoader([], { bs: 8 });
    await expect(empty.oneBatch()).rejects.toThrow(/without items/);
    expect(await batches(empty)).toEqual([]);
  });

  test.each<[object, RegExp]>([
    [{ btach: 3 }, /option "btach".*did you mean "bs"|option "btach"/],
    [{ bs: 0 }, /bs = 0; expected a whole number, 1 or more/],
    [{ bs: 2.5 }, /bs = 2.5/],
    [{ onError: "ignore" }, /onError = "ignore"/],
    [{ bs: null, dropLast: true }, /dropLast with bs = null/],
    [{ shuffle: true, order: [1] }, /both shuffle and order/],
  ])("%j is refused", (options, message) => {
    expect(() => new DataLoader([1], options)).toThrow(message);
  });

  test("an error in mid-pass leaves no tensor behind", async () => {
    const fail = (x: { data: tf.Tensor }) => {
      if (x.data.shape[0] === 1) throw new Error("odd batch");
      return x;
    };
    const dl = new DataLoader(range(3), { bs: 2, afterBatch: [fail as never] });
    await expect(batches(dl)).rejects.toThrow("odd batch");
  });
});

describe("WeightedDL", () => {
  test("draws items in proportion to their weights, when it shuffles", async () => {
    const dl = new WeightedDL([0, 1], { bs: 1000, wgts: [1, 3], shuffle: true, n: 2 });
    let ones = 0;
    for (let seed = 0; seed < 500; seed++)
      ones += (await batches(dl.iterate({ seed }))).flat().filter((x) => x === 1).length;
    expect(ones / 1000).toBeGreaterThan(0.7);
    expect(ones / 1000).toBeLessThan(0.8);
    expect(await batches(dl.with({ shuffle: false }))).toEqual([[0, 1]]);
  });

  test("an item of weight 0 never comes, and weights are checked", async () => {
    const dl = new WeightedDL(range(50), { bs: 50, wgts: range(50).map((i) => (i < 25 ? 0 : 1)), shuffle: true });
    expect(Math.min(...(await batches(dl)).flat())).toBeGreaterThanOrEqual(25);
    expect(() => new WeightedDL([1, 2], { wgts: [1] })).toThrow(/1 weights for 2 items/);
    expect(() => new WeightedDL([1, 2], { wgts: [1, -1] })).toThrow(/weight -1 for item 1/);
    expect(() => new WeightedDL([1, 2], { wgts: [0, 0] })).toThrow(/all 0/);
  });
});

describe("PartialDL", () => {
  test("each pass is another part, without repeats", async () => {
    const dl = new PartialDL(range(100), { bs: 16, partialN: 32, shuffle: true });
    expect(dl.length).toBe(2);
    const first = (await batches(dl)).flat();
    expect(new Set(first).size).toBe(32);
    expect((await batches(dl)).flat()).not.toEqual(first);
  });

  test("a fixed order goes before the part", async () => {
    const dl = new PartialDL(range(10), { bs: 4, partialN: 2 }).with({ order: [7, 8, 9] });
    expect(await batches(dl)).toEqual([[7, 8, 9]]);
  });

  test("a part larger than the data is all of it", () => {
    expect(new PartialDL(range(10), { bs: 4, partialN: 50 }).itemCount).toBe(10);
  });
});

describe("decoding", () => {
  test("undoes all stages, one sample after the other", async () => {
    const pictures = [10, 20, 30].map((value) => Tuple.of(Picture.filled(value), value));
    const dl = new DataLoader(pictures, {
      bs: 3,
      afterItem: [ToTensor],
      afterBatch: [IntToFloatTensor, Normalize.fromStats(0.5, 0.5)],
    });
    using batch = await dl.oneBatch();
    const samples = await dl.decodeBatch(batch, { maxN: 2 });
    expect(samples.map(({ x }) => (x as Picture).data[0])).toEqual([10, 20]);
    expect(samples).toHaveLength(2);
    const raw = await dl.decodeBatch({ xb: batch.xb.map(({ data }) => data), yb: [] });
    expect((raw[2]!.x as Picture).data[3]).toBe(30);
    expect(raw[2]!.y).toBeUndefined();
  });

  test("a view made with Object.create works as well", async () => {
    const dl = new DataLoader(range(4), { bs: 2 });
    const view = Object.create(dl, { length: { value: 7 } }) as DataLoader;
    expect([view.length, view.nInp, view.bs]).toEqual([7, 1, 2]);
    const [sample] = await dl.decodeBatch(await keep(view.oneBatch()));
    expect(sample).toBeDefined();
  });

  const kept: DataBatch[] = [];
  async function keep(batch: Promise<DataBatch>): Promise<DataBatch> {
    kept.push(await batch);
    return kept.at(-1)!;
  }
  afterEach(() => {
    for (const batch of kept.splice(0)) batch.dispose();
  });
});

describe("showBatch", () => {
  test("without a row for its classes it is a table", async () => {
    const dl = new DataLoader([Tuple.of([1, 2], 3)], { bs: 1 });
    const figure = await dl.showBatch();
    expect(figure.toText()).toMatch(/input.*target/);
  });

  test("a row for the classes of input and target draws it, the closest first", async () => {
    onShowBatch(Picture, Object, () => table({ columns: ["any"], rows: [] }));
    onShowBatch(Picture, String, (samples, { nInp }) => {
      return table({ columns: ["pixel", "label"], rows: samples.map(({ x, y }) => [x.data[nInp]!, y ?? ""]) });
    });
    const back = new Transform({ dec: () => "three" });
    const lists = [new TfmdLists([Picture.filled(3)], []), new TfmdLists([1], [back])];
    const dl = new DataLoader(new Datasets(lists), { bs: 1, afterItem: [ToTensor] });
    expect((await dl.showBatch()).toText()).toMatch(/pixel.*label[\s\S]*3.*three/);
    const unlabelled = new DataLoader([Picture.filled(3)], { bs: 1, afterItem: [ToTensor] });
    expect((await unlabelled.showBatch()).toText()).toMatch(/any/);
  });

  test("unique shows one item again and again", async () => {
    const dl = new DataLoader([5, 6], { bs: 2, afterItem: [new Jitter()], splitIdx: 0 });
    const text = (await dl.showBatch({ unique: true, maxN: 4 })).toText();
    expect(text.match(/TensorFloat\(5\.\d+\)/g)).toHaveLength(4);
    expect(new Set(text.match(/5\.\d+/g)).size).toBe(4);
  });
});
