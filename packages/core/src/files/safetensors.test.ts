import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FileFormatError } from "../errors.ts";
import { readSafetensors, type WritableTensor, writeSafetensors } from "./safetensors.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "layerwise-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A file with this header, and `size` bytes of numbers. */
async function fileWith(header: unknown, size: number, length?: bigint): Promise<string> {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length ?? BigInt(json.length));
  const path = join(folder, "broken.safetensors");
  await writeFile(path, Buffer.concat([prefix, json, Buffer.alloc(size)]));
  return path;
}

const arbTensor: fc.Arbitrary<WritableTensor> = fc.array(fc.nat(4), { maxLength: 3 }).chain((shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  const exactly = { minLength: size, maxLength: size };
  return fc.oneof(
    fc.float32Array(exactly).map((values) => ({ shape, dtype: "float32", values })),
    fc.int32Array(exactly).map((values) => ({ shape, dtype: "int32", values })),
    fc.uint8Array({ ...exactly, max: 1 }).map((values) => ({ shape, dtype: "bool", values })),
  );
});

describe("safetensors", () => {
  test("what was written is read, bit for bit", async () => {
    const path = join(folder, "law.safetensors");
    const law = fc.asyncProperty(
      fc.dictionary(fc.string({ unit: "binary" }), arbTensor),
      fc.dictionary(fc.string(), fc.string({ unit: "binary" })),
      async (tensors, metadata) => {
        const map = new Map(Object.entries(tensors));
        await writeSafetensors(path, map, metadata);
        const got = await readSafetensors(path);
        expect(Object.entries(got.metadata).sort()).toEqual(Object.entries(metadata).sort());
        expect(new Map([...got.tensors].sort())).toEqual(new Map([...map].sort()));
      },
    );
    await fc.assert(law, { numRuns: 40 });
  });

  test("unsigned bytes come back as int32, and views write their own part only", async () => {
    const path = join(folder, "bytes.safetensors");
    const all = new Float32Array([1, 2, 3, 4]);
    await writeSafetensors(
      path,
      new Map<string, WritableTensor>([
        ["u8", { shape: [2], dtype: "int32", values: new Uint8Array([3, 255]) }],
        ["view", { shape: [2], dtype: "float32", values: all.subarray(1, 3) }],
      ]),
    );
    const { tensors } = await readSafetensors(path);
    expect(tensors.get("u8")).toEqual({ shape: [2], dtype: "int32", values: new Int32Array([3, 255]) });
    expect(tensors.get("view")!.values).toEqual(new Float32Array([2, 3]));
  });

  test("numbers start at a multiple of their width", async () => {
    const path = join(folder, "aligned.safetensors");
    const tensors = new Map<string, WritableTensor>([
      ["mask", { shape: [3], dtype: "bool", values: new Uint8Array(3) }],
      ["weight", { shape: [2], dtype: "float32", values: new Float32Array(2) }],
    ]);
    await writeSafetensors(path, tensors);
    const bytes = await readFile(path);
    const length = Number(bytes.readBigUInt64LE());
    expect(length % 8).toBe(0);
    expect(JSON.parse(bytes.subarray(8, 8 + length).toString()).weight.data_offsets).toEqual([0, 8]);
  });

  test("refuses to write values that do not fill their shape", async () => {
    const path = join(folder, "never.safetensors");
    const wrong = new Map([["w", { shape: [3], dtype: "float32", values: new Float32Array(2) }]]);
    await expect(writeSafetensors(path, wrong)).rejects.toThrow(/2 values for "w" \[3\]/);
    await expect(stat(path)).rejects.toThrow();
  });
});

describe("a damaged file is refused", () => {
  const f32 = (start: number, end: number, shape = [(end - start) / 4]) => ({
    dtype: "F32",
    shape,
    data_offsets: [start, end],
  });

  test.each<[what: string, header: unknown, size: number, length: bigint | undefined, reason: RegExp]>([
    ["a header longer than the file", {}, 0, 1000n, /header length of 1000 bytes in a file of 10 bytes/],
    ["a header of absurd length", {}, 0, 2n ** 63n, /header length/],
    ["a header that is no JSON", "{]", 0, undefined, /no JSON/],
    ["a header that is a list", [], 0, undefined, /no JSON object/],
    ["metadata that is no text", { __metadata__: { a: 1 } }, 0, undefined, /metadata/],
    ["a tensor that is no object", { w: 3 }, 0, undefined, /"w" without a description/],
    ["an unknown type", { w: { ...f32(0, 4), dtype: "F4" } }, 4, undefined, /"w" of the type "F4"/],
    ["a type off the prototype", { w: { ...f32(0, 4), dtype: "toString" } }, 4, undefined, /type "toString"/],
    ["a negative size", { w: f32(0, 4, [-1]) }, 4, undefined, /shape \[-1\]/],
    ["a size that is no integer", { w: f32(0, 4, [0.5]) }, 4, undefined, /shape \[0.5\]/],
    ["an absurd size", { w: f32(0, 4, [2 ** 50, 2 ** 50]) }, 4, undefined, /in 4 bytes/],
    ["offsets backwards", { w: f32(8, 4, [1]) }, 8, undefined, /"w" \[1\] of F32 in -4 bytes/],
    ["offsets that do not fit the shape", { w: f32(0, 8, [1]) }, 8, undefined, /\[1\] of F32 in 8 bytes/],
    [
      "offsets outside the file",
      { w: f32(0, 4e15) },
      8,
      undefined,
      /8 bytes of numbers where the header lists 4000000000000000/,
    ],
    ["tensors that overlap", { a: f32(0, 8), b: f32(4, 12) }, 12, undefined, /"b", which overlaps/],
    ["a hole between tensors", { a: f32(0, 4), b: f32(8, 12) }, 12, undefined, /4 unused bytes before "b"/],
    ["bytes after the last tensor", { a: f32(0, 4) }, 12, undefined, /12 bytes of numbers/],
    ["a file cut short", { a: f32(0, 8) }, 4, undefined, /4 bytes of numbers/],
  ])("%s", async (_, header, size, length, reason) => {
    const error = await readSafetensors(await fileWith(header, size, length)).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(FileFormatError);
    expect((error as Error).message).toMatch(reason);
    expect((error as Error).message).toContain("broken.safetensors");
  });

  test("64-bit integers outside int32", async () => {
    const path = await fileWith({ n: { dtype: "I64", shape: [1], data_offsets: [0, 8] } }, 0);
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(-(2n ** 31n) - 1n);
    await writeFile(path, bytes, { flag: "a" });
    await expect(readSafetensors(path)).rejects.toThrow(/"n" that do not fit 32 bits/);
  });

  test("a file cut at any length", async () => {
    const path = join(folder, "cut.safetensors");
    const w = { shape: [2], dtype: "float32", values: new Float32Array([1, 2]) };
    await writeSafetensors(path, new Map([["w", w]]), { note: "x" });
    const whole = await readFile(path);
    for (let length = 0; length < whole.length; length += 3) {
      await writeFile(path, whole.subarray(0, length));
      await expect(readSafetensors(path)).rejects.toThrow(FileFormatError);
    }
  });

  test("a path where there is no file", async () => {
    await expect(readSafetensors(join(folder, "none"))).rejects.toThrow(/there is no file/);
  });
});
