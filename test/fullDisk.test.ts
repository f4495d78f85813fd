import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import {
  buildModel,
  type Callback,
  CheckpointCallback,
  CSVLogger,
  DataError,
  JsonlLogger,
  Learner,
  loadLearner,
  models,
  noLogging,
  SaveModelCallback,
  SimpleCNN,
} from "@layerwise/vision/all";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { catsAndDogs, petLoaders } from "./catsAndDogs.ts";

models.add("test/diskNet", () => new SimpleCNN([3, 4, 2]));

let folder: string;
let learn: Learner;
beforeEach(async () => {
  ({ folder } = await catsAndDogs());
  learn = new Learner(await petLoaders(folder), buildModel("test/diskNet"), { path: folder }) as unknown as Learner;
  learn.logger = noLogging;
});
afterEach(() => {
  vi.restoreAllMocks();
  learn.dispose();
});

/** From now on the disk takes only as many pieces of a file. */
async function fillDisk(pieces: number): Promise<void> {
  const handle = await open(join(folder, "cat"));
  const prototype = Object.getPrototypeOf(handle) as { write: (...args: unknown[]) => Promise<unknown> };
  await handle.close();
  const real = prototype.write;
  let written = 0;
  vi.spyOn(prototype, "write").mockImplementation(function (this: unknown, ...args: unknown[]) {
    if (written++ < pieces) return real.apply(this as typeof prototype, args);
    return Promise.reject(Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" }));
  });
}

/** What a user of the whole folder finds: nothing half-written. */
const savedFiles = (): string[] => readdirSync(join(folder, "models")).sort();

describe.each([0, 3])("a disk that is full after %d pieces", (pieces) => {
  test("while a model is saved: the old file stays, and loads", async () => {
    const path = await learn.save("model");
    const old = readFileSync(path);
    await learn.fit(1);
    await fillDisk(pieces);
    const failed = learn.save("model");
    await expect(failed).rejects.toThrow(DataError);
    await expect(failed).rejects.toThrow(/model\.safetensors: got a disk that is full.*unchanged.*free some space/);
    expect(readFileSync(path).equals(old)).toBe(true);
    expect(savedFiles()).toEqual(["model.safetensors"]);
    await learn.load("model");
  });

  test("while a learner is exported: the old file stays, and predicts", async () => {
    const path = await learn.export();
    await fillDisk(pieces);
    await expect(learn.export()).rejects.toThrow(/export\.safetensors: got a disk that is full/);
    vi.restoreAllMocks();
    expect(readdirSync(folder).filter((name) => name.includes("export"))).toEqual(["export.safetensors"]);
    (await loadLearner(path)).dispose();
  });

  test.each<[string, () => Callback, string]>([
    ["CheckpointCallback.afterBatch", () => new CheckpointCallback({ everyBatches: 1 }), "checkpoint"],
    ["SaveModelCallback.afterEpoch", () => new SaveModelCallback(), "model"],
  ])("in %s: the fit ends with the reason, and can go on later", async (where, make, name) => {
    await learn.fit(1, { cbs: [make()] });
    const path = join(folder, "models", `${name}.safetensors`);
    const old = readFileSync(path);
    const atRest = tf.memory().numTensors;
    await fillDisk(pieces);
    const failed = learn.fit(1, { cbs: [make()] });
    await expect(failed).rejects.toThrow(`${where}: got an error: ${path}: got a disk that is full (ENOSPC)`);
    expect(readFileSync(path).equals(old)).toBe(true);
    expect(savedFiles()).toEqual([`${name}.safetensors`]);
    expect(tf.memory().numTensors).toBe(atRest);
    vi.restoreAllMocks();
    await learn.fit(1, { cbs: [make()] });
    expect(readFileSync(path).equals(old)).toBe(false);
  });
});

test.runIf(existsSync("/dev/full")).each<[string, string, () => Callback]>([
  ["CSVLogger.beforeEpoch", "history.csv", () => new CSVLogger()],
  ["JsonlLogger.beforeFit", "run.jsonl", () => new JsonlLogger()],
])("a log on a full disk ends the fit in %s, with file and reason", async (where, file, make) => {
  symlinkSync("/dev/full", join(folder, file));
  const failed = learn.fit(1, { cbs: [make()] });
  await expect(failed).rejects.toThrow(
    `${where}: got an error: ${join(folder, file)}: got a disk that is full (ENOSPC); expected room to write.`,
  );
  await learn.fit(1);
  expect(learn.recorder?.values).toHaveLength(1);
});
