import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FileFormatError } from "../errors.ts";
import { readSafetensors } from "./safetensors.ts";
import { readTorchFile } from "./torchFile.ts";

const goldens = join(import.meta.dirname, "../../test/golden/files");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "layerwise-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("a file with damaged bytes", () => {
  test.each([
    ["views.pt", readTorchFile],
    ["checkpoint.pt", readTorchFile],
    ["legacy.pt", readTorchFile],
    ["legacyFirst.pt", readTorchFile],
    ["tensors.safetensors", readSafetensors],
  ])("%s is read, or refused as damaged, and does nothing else", async (name, read) => {
    const whole = await readFile(join(goldens, name));
    const path = join(folder, name);
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    const law = fc.asyncProperty(damage, fc.nat(20), async (changes, cut) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of changes) bytes[at] = value;
      await writeFile(path, cut === 0 ? bytes.subarray(0, changes[0]![0]) : bytes);
      const error = await read(path).then(
        () => undefined,
        (e: unknown) => e,
      );
      if (error !== undefined) expect(error).toBeInstanceOf(FileFormatError);
    });
    await fc.assert(law, { numRuns: 60 });
  });
});

describe("readTorchFile", () => {
  test("says that a path has no file", async () => {
    await expect(readTorchFile(join(folder, "none.pt"))).rejects.toThrow(/there is no file/);
  });

  test.each([0, 3, 4, 100])("refuses the first %d bytes of a file", async (length) => {
    const path = join(folder, "cut.pt");
    await writeFile(path, (await readFile(join(goldens, "model.pt"))).subarray(0, length));
    await expect(readTorchFile(path)).rejects.toThrow(FileFormatError);
  });

  test("refuses a file of the old format wherever it is cut off", async () => {
    const path = join(folder, "cutLegacy.pt");
    const whole = await readFile(join(goldens, "legacyFirst.pt"));
    for (let length = 0; length < whole.length; length++) {
      await writeFile(path, whole.subarray(0, length));
      await expect(readTorchFile(path), `${length} bytes`).rejects.toThrow(FileFormatError);
    }
  });
});
