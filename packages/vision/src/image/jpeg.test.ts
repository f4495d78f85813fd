import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Rng } from "@layerwise/core";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import golden from "../../test/golden/visionData.json" with { type: "json" };
import { tempFolder } from "../../test/pictures.ts";
import { decodeJpeg } from "./jpeg.ts";

function noise(length: number, seed: number): Uint8Array {
  const random = new Rng(seed);
  return Uint8Array.from({ length }, () => random.integer(0, 256));
}

const files = new Map(golden.jpegs.map(({ name, jpeg }) => [name, Buffer.from(jpeg, "base64")]));
const odd = ["4:4:4, kept as RGB", "progressive", "CMYK"];

describe("decodeJpeg", () => {
  test("gives libjpeg's pixels, whatever size, sampling and quality", async () => {
    const law = fc.asyncProperty(
      fc.integer({ min: 5, max: 70 }),
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: 1, max: 100 }),
      fc.constantFrom("4:4:4", "4:2:0"),
      fc.boolean(),
      async (width, height, quality, chromaSubsampling, isSmooth) => {
        const small = isSmooth ? { width: 4, height: 3 } : { width, height };
        const raw = { ...small, channels: 3 as const };
        const jpeg = await sharp(noise(small.width * small.height * 3, quality), { raw })
          .resize(width, height, { fit: "fill" })
          .jpeg({ quality, chromaSubsampling })
          .toBuffer();
        const decoded = await decodeJpeg(jpeg);
        expect([decoded?.width, decoded?.height, decoded?.channels]).toEqual([width, height, 3]);
        expect(Buffer.compare(decoded!.data, await sharp(jpeg).raw().toBuffer())).toBe(0);
      },
    );
    await fc.assert(law, { numRuns: 60 });
  });

  test.each([...files].map(([name, jpeg]) => ({ name, jpeg })))(
    "knows what it can do: $name",
    async ({ name, jpeg }) => {
      expect((await decodeJpeg(jpeg)) === null).toBe(odd.includes(name));
    },
  );

  test("gives gray pictures one channel", async () => {
    expect((await decodeJpeg(files.get("gray")!))?.channels).toBe(1);
  });

  test("reads files by their path", async () => {
    const path = join(tempFolder(), "a.jpg");
    writeFileSync(path, files.get("4:2:2")!);
    expect(await decodeJpeg(path)).toEqual(await decodeJpeg(files.get("4:2:2")!));
    expect(await decodeJpeg(`${path}.missing`)).toBeNull();
  });

  test("leaves damaged files to others, and goes on", async () => {
    const jpeg = files.get("4:2:0, with restarts")!;
    const cuts = Array.from({ length: jpeg.length }, (_, size) => decodeJpeg(jpeg.subarray(0, size)));
    expect(new Set(await Promise.all(cuts))).toEqual(new Set([null]));
    const spoilt = Array.from({ length: 600 }, (_, seed) => {
      const random = new Rng(seed);
      const bytes = Uint8Array.from(jpeg);
      for (let i = 0; i <= seed % 3; i++) bytes[random.integer(2, bytes.length)] = random.integer(0, 256);
      return decodeJpeg(bytes);
    });
    for (const raster of await Promise.all(spoilt)) {
      if (raster !== null) expect(raster.data.length).toBe(raster.width * raster.height * raster.channels);
    }
    expect((await decodeJpeg(jpeg))?.data).toEqual((await decodeJpeg(files.get("4:2:0")!))?.data);
  });

  test("wants the tables that the pixels are made with", async () => {
    for (const marker of [0xdb, 0xc4, 0xc0]) {
      const bytes = Uint8Array.from(files.get("4:2:0")!);
      for (let i = 2; i < 700; i++) if (bytes[i] === 0xff && bytes[i + 1] === marker) bytes[i + 1] = 0xfe; // a comment
      expect(await decodeJpeg(bytes)).toBeNull();
    }
  });

  test("takes part of a buffer", async () => {
    const jpeg = files.get("4:2:2")!;
    const larger = new Uint8Array(jpeg.length + 20).fill(7);
    larger.set(jpeg, 10);
    expect(await decodeJpeg(larger.subarray(10, 10 + jpeg.length))).toEqual(await decodeJpeg(jpeg));
    expect(larger[9]).toBe(7);
  });

  test("answers many at once, each with its own", async () => {
    const names = Array.from({ length: 200 }, (_, i) => (i % 2 ? "4:4:4" : "gray"));
    const rasters = await Promise.all(names.map((name) => decodeJpeg(files.get(name)!)));
    expect(rasters.map((raster) => raster?.channels)).toEqual(names.map((name) => (name === "gray" ? 1 : 3)));
  });
});
