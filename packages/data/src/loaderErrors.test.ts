import type * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test, vi } from "vitest";
import { batches, checkLeaks, range } from "../test/passes.ts";
import { DataLoader } from "./dataLoader.ts";
import { Transform } from "./transform.ts";
import { SkipItemError } from "./transformError.ts";

checkLeaks();

describe("a loader's errors", () => {
  test("a bad item is named, with the cause", async () => {
    const dataset = { length: 6, items: range(6).map((i) => `file${i}`), get: async (i: number) => i };
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
