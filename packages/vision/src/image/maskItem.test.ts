import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "@layerwise/core";
import { type TensorData, TensorMask } from "@layerwise/core/tensor";
import { ToTensor } from "@layerwise/data";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { tempFolder } from "../../test/pictures.ts";
import { MaskItem } from "./maskItem.ts";

const raw = { width: 3, height: 2, channels: 1 as const };

describe("MaskItem.create", () => {
  test("keeps gray values", async () => {
    const data = Uint8Array.of(0, 1, 2, 11, 254, 255);
    const path = join(tempFolder(), "mask.png");
    await sharp(data, { raw }).toColourspace("b-w").png({ palette: false }).toFile(path);
    expect([...(await MaskItem.create(path)).data]).toEqual([...data]);
  });

  test("keeps class numbers above 255 of 16-bit files", async () => {
    const data = Uint16Array.of(0, 1, 255, 256, 24_001, 65_535);
    const png = await sharp(data, { raw }).toColourspace("grey16").png().toBuffer();
    const mask = await MaskItem.create(png);
    expect([...mask.data]).toEqual([...data]);
    const tensor = new ToTensor().call(mask) as TensorData;
    expect([tensor.kind, tensor.dtype, [...tensor.values]]).toEqual([TensorMask, "int32", [...data]]);
  });

  test("takes numbers, and color pictures by their gray value", async () => {
    expect([...(await MaskItem.create({ ...raw, data: Int32Array.of(5, 4, 3, 2, 1, 0) })).data]).toEqual([
      5, 4, 3, 2, 1, 0,
    ]);
    const rgb = { width: 1, height: 1, channels: 3, data: Uint8Array.of(7, 7, 7) };
    expect([...(await MaskItem.create(rgb)).data]).toEqual([7]);
  });

  test("names a file that cannot be read", async () => {
    const path = join(tempFolder(), "text.png");
    writeFileSync(path, "no mask");
    await expect(MaskItem.create(path)).rejects.toThrow(path);
    await expect(MaskItem.create(`${path}x.png`)).rejects.toThrow(DataError);
    await expect(MaskItem.create(`${path}x.tif`)).rejects.toThrow("it does not exist");
  });
});

test("resizing a mask invents no class", () => {
  const mask = new MaskItem({
    width: 4,
    height: 4,
    channels: 1,
    data: Uint8Array.from({ length: 16 }, (_, i) => (i % 2) * 9),
  });
  expect(new Set(mask.reshape(3, 7).data)).toEqual(new Set([0, 9]));
});

test("codes stay with a mask that is cropped", () => {
  const mask = new MaskItem({ ...raw, data: new Uint8Array(6) }, ["sky", "road"]);
  expect(mask.crop({ left: 1, top: 0, width: 2, height: 2 }).codes).toEqual(["sky", "road"]);
  expect(mask.cell().mask?.codes).toEqual(["sky", "road"]);
});
