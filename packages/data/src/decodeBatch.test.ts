import * as tf from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, test } from "vitest";
import { checkLeaks, range } from "../test/passes.ts";
import { Picture } from "../test/pictures.ts";
import type { DataBatch } from "./batch.ts";
import { DataLoader } from "./dataLoader.ts";
import { IntToFloatTensor } from "./transforms/intToFloatTensor.ts";
import { Normalize } from "./transforms/normalize.ts";
import { ToTensor } from "./transforms/toTensor.ts";
import { Tuple } from "./tuple.ts";

checkLeaks();

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

describe("plain objects as inputs", () => {
  const samples = [1, 2, 3].map((i) => Tuple.of({ ids: [i, i], more: i }, 10 * i));

  test("are as many inputs as they have keys, and come back as objects", async () => {
    const dl = new DataLoader(samples, { bs: 2 });
    await dl.setup();
    expect(dl.nInp).toBe(2);
    using batch = await dl.oneBatch();
    expect([batch.xb.map(({ shape }) => shape), batch.yb.map(({ shape }) => shape)]).toEqual([[[2, 2], [2]], [[2]]]);
    const [first] = await dl.decodeBatch(batch);
    expect(first!.x).toMatchObject({ ids: { values: Float32Array.of(1, 1) }, more: { values: Float32Array.of(1) } });
    expect(first!.y).toMatchObject({ values: Float32Array.of(10) });
    expect((await dl.showBatch({ batch })).toText()).toMatch(
      /\{ ids: TensorFloat\(\[1, 1\]\), more: TensorFloat\(1\) \}/,
    );
    const pred = tf.tensor1d([7, 8]);
    expect((await dl.decodeBatch({ xb: batch.xb, yb: [pred] }))[1]!.y).toMatchObject({ values: Float32Array.of(8) });
    pred.dispose();
  });

  test("without a target, too", async () => {
    const dl = new DataLoader([{ a: 1, b: 2 }], { bs: 1 });
    using batch = await dl.oneBatch();
    expect([batch.xb.length, batch.yb.length]).toEqual([2, 0]);
    expect((await dl.decodeBatch(batch))[0]!.x).toMatchObject({ a: { shape: [] }, b: { shape: [] } });
  });
});
