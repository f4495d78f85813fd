import { describe, expect, expectTypeOf, test } from "vitest";
import { DataLoaders, type DataLoadersOptions } from "./dataLoaders.ts";
import type { LoaderClass } from "./loaderRegistry.ts";
import { valOptionNames } from "./valOptions.ts";
import { WeightedDL } from "./weightedDl.ts";

const items = [1, 2, 3, 4, 5, 6];
const make = (options: DataLoadersOptions) => DataLoaders.fromDsets([items, items, items], { bs: 2, ...options });

describe("options of validation", () => {
  test("take the place of those for all, in every loader but the first", async () => {
    const dls = await make({
      valBs: 4,
      valShuffle: true,
      valDropLast: true,
      n: 4,
      valN: 5,
      prefetch: 1,
      valPrefetch: 3,
    });
    expect([dls.train.bs, dls.train.shuffle, dls.train.itemCount, dls.train.options.prefetch]).toEqual([2, true, 4, 1]);
    for (const dl of [dls.valid, dls.get(2)]) {
      expect([dl.bs, dl.shuffle, dl.dropLast, dl.itemCount, dl.options.prefetch]).toEqual([4, true, true, 5, 3]);
    }
  });

  test("default to the batch size of training, all items in order", async () => {
    const { valid } = await make({ n: 4, valBs: undefined });
    expect([valid.bs, valid.shuffle, valid.dropLast, valid.itemCount]).toEqual([2, false, false, 6]);
  });

  test("can be transforms", async () => {
    const dls = await make({ afterItem: [(x: number) => x + 1], valAfterItem: [(x: number) => -x] });
    using batch = await dls.valid.oneBatch();
    expect(batch.xb[0]!.data).toBeAllclose([-1, -2]);
  });

  test("that do not exist are refused, also with one loader alone", async () => {
    await expect(make({ valBatchSize: 3 } as object)).rejects.toThrow(/option "valBatchSize"/);
    await expect(DataLoaders.fromDsets([items], { valShufle: true } as object)).rejects.toThrow(
      /did you mean "valShuffle"/,
    );
    await expect(make({ valOrder: [1] } as object)).rejects.toThrow(/option "valOrder"/);
  });

  test("of a loader's own class count as well", async () => {
    const dls = await make({
      dlType: WeightedDL as LoaderClass,
      valWgts: [1, 0, 0, 0, 0, 0],
      valShuffle: true,
    } as object);
    for await (const batch of dls.valid) batch.dispose();
    expect(new Set(dls.valid.order)).toEqual(new Set([0]));
  });

  test("are typed as the option is", () => {
    expectTypeOf<DataLoadersOptions["valDropLast"]>().toEqualTypeOf<boolean | undefined>();
    expectTypeOf<DataLoadersOptions["valOnError"]>().toEqualTypeOf<"throw" | "skip" | undefined>();
    expectTypeOf<DataLoadersOptions>().not.toHaveProperty("valOrder");
    expect(valOptionNames(["bs", "order"])).toEqual(["valBs"]);
  });
});
