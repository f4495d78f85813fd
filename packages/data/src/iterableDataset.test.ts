import { OptionError, StateError } from "@layerwise/core";
import { TensorData, TensorFloat } from "@layerwise/core/tensor";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { batches, checkLeaks, range } from "../test/passes.ts";
import { DataLoader } from "./dataLoader.ts";
import { DataLoaders } from "./dataLoaders.ts";
import { Frame } from "./frame.ts";
import { iterableDataset } from "./iterableDataset.ts";
import { PartialDL } from "./partialDl.ts";
import { SkipItemError } from "./transformError.ts";
import { Categorize } from "./transforms/categorize.ts";
import { Tuple } from "./tuple.ts";

checkLeaks();

function* naturals() {
  for (let i = 0; ; i++) yield i;
}
const upTo = (n: number) =>
  async function* () {
    for (let i = 0; i < n; i++) {
      await new Promise((done) => setTimeout(done, i % 3));
      yield i;
    }
  };

describe("a loader over samples without positions", () => {
  test.each([
    ["a generator function", naturals, 7],
    ["a generator function of promises", upTo(7), undefined],
    ["a set", new Set(range(7)), undefined],
    ["an object that is iterable", { [Symbol.iterator]: () => range(7)[Symbol.iterator]() }, undefined],
    ["an object that is asynchronously iterable", { [Symbol.asyncIterator]: upTo(7) }, undefined],
  ])("goes through %s, anew in each pass", async (_, source, n) => {
    const dl = new DataLoader(source, { bs: 3, n });
    const expected = [[0, 1, 2], [3, 4, 5], [6]];
    expect(await batches(dl)).toEqual(expected);
    expect(await batches(dl)).toEqual(expected);
    expect([dl.indexed, dl.order]).toEqual([false, null]);
    expect(await batches(dl.with({ dropLast: true }))).toEqual(expected.slice(0, 2));
  });

  test("has a length only if somebody knows it", () => {
    const endless = new DataLoader(naturals, { bs: 4 });
    expect(endless.itemCount).toBe(Number.POSITIVE_INFINITY);
    expect(() => endless.length).toThrow(StateError);
    expect(() => endless.length).toThrow(/give the loader `n`/);
    expect(new DataLoader(naturals, { bs: 4, n: 10 }).length).toBe(3);
    expect(new DataLoader(iterableDataset(naturals, { length: 6 }), { bs: 4 }).length).toBe(2);
    expect(new DataLoader(new Set([1, 2, 3]), { bs: 2 }).length).toBe(2);
    expect(new DataLoader(new Set([1, 2, 3]), { bs: 2, n: 10 }).itemCount).toBe(3);
  });

  test("gives `n` samples in batches, whether they take time or not, for any sizes", () => {
    const sizes = fc.tuple(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 15 }),
      fc.integer({ min: 1, max: 5 }),
    );
    const law = fc.asyncProperty(sizes, async ([n, length, bs]) => {
      const quick = await batches(new DataLoader(() => range(length), { bs, n }));
      const slow = await batches(new DataLoader(upTo(length), { bs, n, workers: 3 }));
      expect(quick.flat()).toEqual(range(Math.min(n, length)));
      expect(slow).toEqual(quick);
    });
    return fc.assert(law, { numRuns: 25 });
  });

  test("transforms several at once, but asks the iterator for one after the other", async () => {
    let asked = 0;
    let mostAsked = 0;
    let working = 0;
    let mostWorking = 0;
    let i = 0;
    const source = () => ({
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          mostAsked = Math.max(mostAsked, ++asked);
          await new Promise((done) => setTimeout(done, 1));
          asked--;
          return { done: i >= 12, value: i++ };
        },
      }),
    });
    const slow = async (x: number) => {
      mostWorking = Math.max(mostWorking, ++working);
      await new Promise((done) => setTimeout(done, 20));
      working--;
      return x;
    };
    const dl = new DataLoader(source, { bs: 4, workers: 6, afterItem: [slow] });
    expect((await batches(dl)).flat()).toEqual(range(12));
    expect(mostAsked).toBe(1);
    expect(mostWorking).toBeGreaterThan(2);
  });

  test("closes the iterator when the pass is left early", async () => {
    const closed = vi.fn();
    async function* source() {
      try {
        yield* naturals();
      } finally {
        closed();
      }
    }
    for await (const batch of new DataLoader(source, { bs: 2, prefetch: 0 })) {
      batch.dispose();
      break;
    }
    await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce());
  });

  test("goes on in the middle of a pass, without transforming what is passed over", async () => {
    const seen: number[] = [];
    const note = (x: number) => {
      seen.push(x);
      return x;
    };
    const dl = new DataLoader(upTo(7), { bs: 2, afterItem: [note] });
    expect(await batches(dl.iterate({ seed: 1, startBatch: 2 }))).toEqual([[4, 5], [6]]);
    expect(seen).toEqual([4, 5, 6]);
  });

  test("leaves out what a transform skips, and what it cannot read if told so", async () => {
    const fragile = (x: number) => {
      if (x === 1) throw new SkipItemError();
      if (x === 4) throw new Error("torn");
      return x;
    };
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const dl = new DataLoader(upTo(7), { bs: 2, onError: "skip", afterItem: [fragile] });
    expect(await batches(dl)).toEqual([[0, 2], [3, 5], [6]]);
    expect(dl.skipped).toMatchObject([{ index: 4 }]);
    await expect(batches(dl.with({ onError: "throw" }))).rejects.toThrow(/torn/);
  });

  test.each([
    [
      "async ",
      async function* () {
        yield 1;
        throw new Error("connection lost");
      },
    ],
    [
      "",
      function* () {
        yield 1;
        throw new Error("connection lost");
      },
    ],
  ])("an error of an %sgenerator ends the pass, also where bad items are left out", async (_, source) => {
    await expect(batches(new DataLoader(source, { bs: 2, onError: "skip" }))).rejects.toThrow("connection lost");
  });

  test("cannot shuffle, have an order, be drawn from, or be asked for one sample", async () => {
    expect(() => new DataLoader(naturals, { shuffle: true })).toThrow(OptionError);
    expect(() => new DataLoader(naturals, { n: 4 }).with({ order: [1] })).toThrow(
      /order for samples that come one after/,
    );
    expect(() => new PartialDL(naturals, { partialN: 3 })).toThrow(/use `DataLoader` with `n`/);
    const dl = new DataLoader(naturals, { n: 4, afterItem: [new Categorize()] });
    await expect(dl.setup()).rejects.toThrow(/they have no positions/);
  });

  test("refuses a generator that was called already, and what is no data set", () => {
    expect(() => new DataLoader(naturals())).toThrow(/give the generator function itself/);
    expect(() => new DataLoader(5 as never)).toThrow(/5 as data set/);
    expect(() => new DataLoader("abc" as never)).toThrow(OptionError);
  });

  test("makes training and validation loaders, without shuffling", async () => {
    const pairs = function* () {
      for (const i of naturals()) yield Tuple.of([i, i + 1], i % 2);
    };
    const dls = await DataLoaders.fromDsets([iterableDataset(pairs, { nInp: 1, c: 2 }), pairs], {
      bs: 2,
      n: 6,
      valN: 2,
    });
    expect([dls.train.length, dls.valid.length, dls.train.shuffle, dls.c]).toEqual([3, 1, false, 2]);
    using batch = await dls.oneBatch();
    expect([batch.xb[0]!.shape, batch.yb[0]!.shape]).toEqual([[2, 2], [2]]);
    expect((await dls.valid.decodeBatch(batch))[1]!.x).toEqual(new TensorData(TensorFloat, [2], Float32Array.of(1, 2)));
  });
});

test("the rows of a table have positions", async () => {
  const dl = new DataLoader(Frame.fromColumns({ n: [3, 4] }), {
    bs: 2,
    shuffle: true,
    afterItem: [(row: { get(c: string): number }) => row.get("n")],
  });
  expect((await batches(dl)).flat().sort()).toEqual([3, 4]);
});
