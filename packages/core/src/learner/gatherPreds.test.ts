import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, describe, expect, test } from "vitest";
import { readSafetensors } from "../files/index.ts";
import { synthLearner } from "../testing/index.ts";
import { HostTensor } from "./hostTensor.ts";

const folder = mkdtempSync(join(tmpdir(), "layerwise-preds-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const small = { nTrain: 1, nValid: 3, bs: 4 };

describe("getPreds", () => {
  test("saves predictions and targets, a file per batch, and keeps them out of memory if asked", async () => {
    const learn = synthLearner(small);
    const all = await learn.getPreds();
    const [savePreds, saveTargs] = [join(folder, "preds"), join(folder, "targs")];
    const before = tf.memory().numTensors;
    const rest = await learn.getPreds({ savePreds, saveTargs, withPreds: false, withTargs: false, withInput: true });
    expect(tf.memory().numTensors).toBe(before);
    expect(rest).toMatchObject({ targs: null, allTargs: [], decoded: null, losses: null });
    expect(rest.preds.length).toBe(0);
    expect(rest.inputs?.[0]?.length).toBe(12);
    expect(readdirSync(savePreds).sort()).toEqual(["0.safetensors", "1.safetensors", "2.safetensors"]);
    for (const [i, batch] of ["0", "1", "2"].entries()) {
      const { tensors } = await readSafetensors(join(savePreds, `${batch}.safetensors`));
      expect(tensors.get("pred")?.shape).toEqual([4, 1]);
      expect(Array.from(tensors.get("pred")?.values ?? [])).toEqual(all.preds.toArray().slice(4 * i, 4 * i + 4));
      const targets = await readSafetensors(join(saveTargs, `${batch}.safetensors`));
      expect(Array.from(targets.tensors.get("targ.0")?.values ?? [])).toEqual(
        all.targs?.toArray().slice(4 * i, 4 * i + 4),
      );
    }
    learn.dispose();
  });

  test("joins batches along another axis", async () => {
    const learn = synthLearner(small);
    const { preds, targs, inputs, decoded } = await learn.getPreds({
      concatDim: 1,
      withInput: true,
      withDecoded: true,
    });
    expect([preds.shape, targs?.shape, inputs?.[0]?.shape, decoded?.shape]).toEqual(new Array(4).fill([4, 3]));
    const plain = await learn.getPreds();
    expect(preds.toArray().filter((_, i) => i % 3 === 1)).toEqual(plain.preds.toArray().slice(4, 8));
    await expect(learn.getPreds({ concatDim: 2 })).rejects.toThrow(/axis 2 of \[4, 1\].*from -2 to 1/);
    learn.dispose();
  });

  test("refuses options that do not exist", async () => {
    const learn = synthLearner(small);
    await expect(learn.getPreds({ savePred: folder } as object)).rejects.toThrow(/did you mean "savePreds"/);
    learn.dispose();
  });
});

test("joined parts are where tf.concat puts them", async () => {
  const parts = [tf.randomNormal([2, 3, 2]), tf.randomNormal([2, 1, 2]), tf.randomNormal([2, 4, 2])];
  const read = await Promise.all(parts.map((part) => HostTensor.read(part)));
  const joined = HostTensor.concat(read, -2);
  const expected = tf.concat(parts, 1);
  expect(joined.shape).toEqual(expected.shape);
  expect(joined.toArray()).toEqual(Array.from(expected.dataSync()));
  expect(() => HostTensor.concat(read, 2)).toThrow(/differ in their axis 2 only/);
  tf.dispose([parts, expected]);
});
