import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataError } from "@layerwise/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readWav, writeWav } from "./wav.ts";

let folder: string;
let whole: Uint8Array;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "layerwise-wav-"));
  await writeWav(join(folder, "whole.wav"), { samples: Float32Array.of(0, 0.5, -1, 1, 0.25, -2), sampleRate: 8000 });
  whole = await readFile(join(folder, "whole.wav"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** To the precision of 16 bits. */
function rounded(samples: Float32Array): number[] {
  return Array.from(samples, (value) => Math.round(value * 1000) / 1000);
}

/** A copy of the whole file with some bytes changed. */
function changed(bytes: Record<number, number>): Uint8Array {
  const copy = Uint8Array.from(whole);
  for (const [at, value] of Object.entries(bytes)) copy[Number(at)] = value;
  return copy;
}

describe("readWav", () => {
  test("reads what writeWav wrote, cut off at 1", async () => {
    const { samples, sampleRate } = await readWav(join(folder, "whole.wav"));
    expect(sampleRate).toBe(8000);
    expect(rounded(samples)).toEqual([0, 0.5, -1, 1, 0.25, -1]);
  });

  test("mixes channels down and passes unknown parts by", async () => {
    const extra = Uint8Array.from([...whole.slice(0, 36), ..."LIST".split("").map((c) => c.charCodeAt(0)), 3, 0, 0, 0]);
    const stereo = Uint8Array.from([...extra, 1, 2, 3, 0, ...whole.slice(36)]);
    stereo[22] = 2;
    await writeFile(join(folder, "stereo.wav"), stereo);
    const { samples } = await readWav(join(folder, "stereo.wav"));
    expect(rounded(samples)).toEqual([0.25, 0, -0.375]);
  });

  test.each<[string, () => Uint8Array, RegExp]>([
    ["empty.wav", () => new Uint8Array(), /which is empty/],
    ["text.wav", () => new TextEncoder().encode("not a sound at all"), /not a WAV file/],
    ["short.wav", () => whole.subarray(0, 50), /cut off: 6 of 12 bytes/],
    ["head.wav", () => whole.subarray(0, 36), /cut off: it has no samples/],
    ["deep.wav", () => changed({ 34: 24 }), /have 24 bits/],
    ["float.wav", () => changed({ 20: 3 }), /not PCM \(encoding 3\)/],
    ["mute.wav", () => changed({ 22: 0 }), /0 channels/],
    ["none.wav", () => changed({ 40: 0 }), /no samples/],
  ])("refuses %s and says why", async (name, content, reason) => {
    const file = join(folder, name);
    await writeFile(file, content());
    const error = await readWav(file).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).given).toContain(file);
    expect((error as DataError).given).toMatch(reason);
  });

  test("names a file that is missing", async () => {
    await expect(readWav(join(folder, "gone.wav"))).rejects.toThrow(/gone\.wav", which does not exist/);
  });
});
