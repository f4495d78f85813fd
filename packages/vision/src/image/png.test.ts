import { DataError } from "@layerwise/core";
import fc from "fast-check";
import sharp, { type PngOptions } from "sharp";
import { describe, expect, test } from "vitest";
import { gradient } from "../../test/pictures.ts";
import { decodePng, isPlainPng, readPngHeader } from "./png.ts";
import { readMask, readPixels } from "./readPixels.ts";

async function encode(channels: 1 | 3 | 4, options: PngOptions = {}): Promise<Buffer> {
  const { data, width, height } = gradient(13, 9, channels);
  const picture = sharp(data, { raw: { width, height, channels } });
  return (channels === 1 ? picture.toColourspace("b-w") : picture).png(options).toBuffer();
}

describe("decodePng", () => {
  test.each([1, 3, 4] as const)("gives back %d channels, whatever filters were used", async (channels) => {
    for (const adaptiveFiltering of [false, true]) {
      const bytes = await encode(channels, { adaptiveFiltering });
      const image = decodePng(bytes, readPngHeader(bytes)!);
      expect(image).toMatchObject({ width: 13, height: 9, channels, maxValue: 255 });
      expect(image.data).toEqual(gradient(13, 9, channels).data);
    }
  });

  test("leaves interlaced and 16-bit files to others", async () => {
    expect(isPlainPng(readPngHeader(await encode(3, { progressive: true }))!)).toBe(false);
    expect(readPngHeader(Buffer.from("GIF89a".padEnd(40)))).toBeUndefined();
    const interlaced = await encode(3, { progressive: true });
    expect((await readPixels(interlaced, "rgb")).data).toEqual(gradient(13, 9).data);
  });

  test("interlaced palettes give their numbers", async () => {
    const plain = await encode(3, { palette: true });
    const interlaced = await encode(3, { palette: true, progressive: true });
    const header = readPngHeader(interlaced)!;
    expect([header.colorType, header.interlaced]).toEqual([3, true]);
    const mask = await readMask(interlaced);
    expect(mask.data.length).toBe(13 * 9);
    expect(new Set(mask.data).size).toBe(new Set((await readMask(plain)).data).size);
  });

  test("a file with wrong bytes is an error or a picture, and nothing else", async () => {
    const good = await encode(3);
    const law = fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.nat(good.length),
      async (changes, length) => {
        const bytes = Buffer.from(good);
        for (const [at, value] of changes) bytes[at] = value;
        for (const read of [() => readPixels(bytes.subarray(0, length), "rgb"), () => readMask(bytes)]) {
          try {
            const { width, height, channels, data } = await read();
            expect(data.length).toBe(width * height * channels);
          } catch (error) {
            expect(error).toBeInstanceOf(DataError);
          }
        }
      },
    );
    await fc.assert(law, { numRuns: 150 });
  });
});
