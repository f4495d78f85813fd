import { TensorImage } from "@layerwise/core/tensor";
import { type Cell, DataLoader, Normalize, showTitle } from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import golden from "./golden/data.json" with { type: "json" };
import { batches, checkLeaks, range } from "./passes.ts";

checkLeaks();

test.each(golden.loader.filter(({ indexed, batches }) => batches.length > 0 || !indexed))(
  "batches of $items items, bs $bs, dropLast $dropLast, n $n, indexed $indexed are fastai's",
  async ({ items, bs, dropLast, n, indexed, batches: expected }) => {
    const source = indexed ? range(items) : () => range(items);
    const dl = new DataLoader(source, { bs, dropLast, n: n ?? undefined });
    expect(await batches(dl)).toEqual(expected);
    if (indexed) expect(dl.length).toBe(expected.length);
  },
);

test.each(golden.normalize)("Normalize over axes $axes learns and encodes as fastai's", async (row) => {
  const { axes, x: values, mean, std, encoded } = row;
  const x = tf.tensor(values, [4, 2, 5, 3]);
  const tfm = new Normalize({ axes });
  const oneBatch = async () => ({ xb: [new TensorImage(x)], yb: [], dispose: () => {} });
  await tfm.setup({ length: 4, get: () => 0, oneBatch });
  expect(tfm.mean).toBeAllclose(mean);
  expect(tfm.std).toBeAllclose(std);
  const out = tf.tidy(() => (tfm.call(new TensorImage(x)) as TensorImage).data);
  expect(out).toBeAllclose(encoded, { rtol: 1e-4, atol: 1e-5 });
  const back = tf.tidy(() => tfm.denormalize(out));
  expect(back).toBeAllclose(values, { atol: 1e-5 });
  tf.dispose([x, out, back]);
});

test.each(golden.title)("a title in a row with columns $columns gets fastai's name", ({ columns, label, row }) => {
  const ctx = new Map<string, Cell>(columns.map((column) => [column, 1]));
  expect(Object.fromEntries(showTitle("x", ctx, { label }) as Map<string, Cell>)).toEqual(row);
});
