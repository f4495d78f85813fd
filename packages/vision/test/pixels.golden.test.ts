import { describe, expect, test } from "vitest";
import { cropPad, type PadMode } from "../src/image/cropPad.ts";
import { readMask, readPixels } from "../src/image/readPixels.ts";
import { type Raster, resizeBilinear, resizeNearest } from "../src/image/resample.ts";
import golden from "./golden/visionData.json" with { type: "json" };

/** The picture that `tools/golden/vision_data.py` makes by the same formula. */
function picture(width: number, height: number, channels: number): Raster {
  const data = new Uint8Array(width * height * channels);
  let i = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) data[i++] = x * 37 + y * 91 + c * 53 + x * y * 7;
    }
  }
  return { width, height, channels, data };
}

describe("Pillow's pixels, to the last bit", () => {
  test.each(golden.resizes)("resizing $from to $to", ({ from, to, bilinear, nearest }) => {
    const source = picture(from[0]!, from[1]!, from[2]!);
    expect([...resizeBilinear(source, to[0]!, to[1]!).data]).toEqual(bilinear);
    expect([...resizeNearest(source, to[0]!, to[1]!).data]).toEqual(nearest);
  });

  test.each(golden.pads)("padding with $mode to $box", ({ mode, box, pixels }) => {
    const [left = 0, top = 0, width = 0, height = 0] = box;
    const padded = cropPad(picture(5, 4, 3), { left, top, width, height }, mode as PadMode);
    expect([...padded.data]).toEqual(pixels);
  });

  test.each(golden.files)("reading the PNG file $name", async ({ png, rgb, gray, indices }) => {
    const bytes = Buffer.from(png, "base64");
    expect([...(await readPixels(bytes, "rgb")).data]).toEqual(rgb);
    expect([...(await readPixels(bytes, "gray")).data]).toEqual(gray);
    if (indices !== undefined) expect([...(await readMask(bytes)).data]).toEqual(indices);
  });

  test.each(golden.jpegs)("reading the JPEG file $name", async ({ jpeg, rgb }) => {
    const { data, width, height } = await readPixels(Buffer.from(jpeg, "base64"), "rgb");
    expect([width, height]).toEqual([37, 21]);
    if (rgb !== undefined) expect([...data]).toEqual(rgb);
  });
});
