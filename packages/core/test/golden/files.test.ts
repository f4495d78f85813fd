import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FileFormatError } from "../../src/errors.ts";
import { type FileTensor, readSafetensors, readTorchFile } from "../../src/files/index.ts";

interface Expected {
  files: Record<string, Record<string, { shape: number[]; values: number[] }>>;
}

const folder = join(import.meta.dirname, "files");
const { files } = JSON.parse(readFileSync(`${folder}.json`, "utf8")) as Expected;
const torchFiles = Object.keys(files).filter((name) => name.endsWith(".pt"));

function expectTensors(got: ReadonlyMap<string, FileTensor>, name: string): void {
  const expected = files[name]!;
  expect([...got.keys()].sort()).toEqual(Object.keys(expected).sort());
  for (const [key, { shape, values }] of Object.entries(expected)) {
    expect(got.get(key)!.shape, key).toEqual(shape);
    expect(got.get(key)!.values, key).toBeAllclose(values, { rtol: 1e-7, atol: 0 });
  }
}

describe("readTorchFile", () => {
  test.each(torchFiles)("reads %s as PyTorch does", async (name) => {
    expectTensors(await readTorchFile(join(folder, name)), name);
  });

  test("reads one key of a checkpoint", async () => {
    const all = await readTorchFile(join(folder, "model.pt"));
    expect(await readTorchFile(join(folder, "checkpoint.pt"), { key: "model" })).toEqual(all);
    await expect(readTorchFile(join(folder, "checkpoint.pt"), { key: "weights" })).rejects.toThrow(/epoch, model/);
  });

  test("keeps integers and truth values apart from floats", async () => {
    const got = await readTorchFile(join(folder, "dtypes.pt"));
    const dtypes = Object.fromEntries([...got].map(([name, { dtype }]) => [name, dtype]));
    expect(dtypes).toMatchObject({
      f64: "float32",
      f16: "float32",
      bf16: "float32",
      i64: "int32",
      u8: "int32",
      bool: "bool",
    });
  });

  test.each([
    ["system.pt", /`(posix|nt)\.system`/],
    ["eval.pt", /`__builtin__\.eval`/],
    ["getattr.pt", /`__builtin__\.getattr`/],
    ["wholeModel.pt", /`torch\.nn\.modules\.container\.Sequential`.*state_dict/],
    ["bomb.pt", /compressed/],
    ["backwards.pt", /negative length/],
    ["laughsDict.pt", /the opcode 100/],
    ["laughsKey.pt", /keys are objects/],
    ["laughsState.pt", /keys are objects/],
    ["instance.pt", /the opcode 129/],
    ["laughsName.pt", /name is no text/],
    ["outside.pt", /"w", which reaches outside its storage/],
    ["unfolds.pt", /no more than the file holds/],
    ["absurd.pt", /no more than the file holds/],
    ["missing.pt", /no numbers for storage "0"/],
    ["bigEndian.pt", /byte order "big"/],
    ["longs.pt", /do not fit 32 bits/],
    ["tensors.safetensors", /another format/],
    ["legacyWholeModel.pt", /`torch\.nn\.modules\.container\.Sequential`.*state_dict/],
    ["legacySystemVersion.pt", /`(posix|nt)\.system`/],
    ["legacySystemInfo.pt", /`(posix|nt)\.system`/],
    ["legacySystemObject.pt", /`(posix|nt)\.system`/],
    ["legacySystemKeys.pt", /`(posix|nt)\.system`/],
    ["legacyLaughsVersion.pt", /version a list/],
    ["legacyLaughsKeys.pt", /a list as a storage/],
    ["legacyLaughsStorage.pt", /storage that is not described/],
    ["legacyMagic.pt", /plain pickle/],
    ["legacyVersion.pt", /version 1002/],
    ["legacyBigEndian.pt", /not little-endian/],
    ["legacyKeys.pt", /no list of storages/],
    ["legacyUnknownKey.pt", /"7" as a storage, which no tensor names/],
    ["legacyTwice.pt", /or twice/],
    ["legacyMissing.pt", /no numbers for storage "0"/],
    ["legacyCount.pt", /4611686018427387904 numbers in storage "0"; expected 4/],
    ["legacyNegative.pt", /-4 numbers in storage "0"/],
    ["legacyAbsurd.pt", /ends before all of storage "0"/],
    ["legacyTwoKinds.pt", /storage "0" described in two ways/],
    ["legacyOutside.pt", /"w", which reaches outside its storage/],
    ["legacyView.pt", /storage that is not described/],
  ])("refuses %s, saying why", async (name, reason) => {
    const error = await readTorchFile(join(folder, name)).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(FileFormatError);
    expect((error as Error).message).toMatch(reason);
    expect((error as Error).message).toContain(name);
    expect(existsSync("hacked.txt")).toBe(false);
  });
});

describe("readSafetensors", () => {
  test("reads what the safetensors package wrote", async () => {
    const { tensors, metadata } = await readSafetensors(join(folder, "tensors.safetensors"));
    expectTensors(tensors, "tensors.safetensors");
    expect(metadata).toEqual({ "made by": "safetensors", ünï: "cödé" });
  });
});
