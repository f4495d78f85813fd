import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DataError, ShapeError } from "@layerwise/core";
import { TensorData, TensorImage, TensorImageBW } from "@layerwise/core/tensor";
import { ToTensor } from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { gradient, tempFolder, writePicture } from "../../test/pictures.ts";
import { ImageItem, ImageItemBW, loadImage } from "./imageItem.ts";

describe("ImageItem.create", () => {
  test.each(["png", "jpg", "webp", "gif", "tiff", "avif"])("reads a %s file", async (ending) => {
    const path = await writePicture(join(tempFolder(), `a.${ending}`));
    const item = await ImageItem.create(path);
    expect(item.shape).toEqual([16, 24]);
    expect(item.channels).toBe(3);
    expect(item.data).toBeAllclose(gradient(24, 16).data, { rtol: 0, atol: ending === "png" ? 0 : 20 });
  });

  test("takes the content of a file, a picture, pixels, numbers and a tensor", async () => {
    const path = await writePicture(join(tempFolder(), "a.png"), { width: 5, height: 4 });
    const item = await ImageItem.create(path);
    const { data } = item;
    const bytes = readFileSync(path);
    const tensor = tf.tensor3d(Array.from(data), [4, 5, 3], "int32");
    const sources = [
      bytes,
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
      item,
      { width: 5, height: 4, channels: 3, data },
      new TensorData(TensorImage, [4, 5, 3], Float32Array.from(data)),
      tensor,
    ];
    for (const source of sources) expect((await ImageItem.create(source)).data).toEqual(data);
    tensor.dispose();
  });

  test("drops alpha, also where it hides a color", async () => {
    const path = await writePicture(join(tempFolder(), "a.png"), { channels: 4 });
    expect((await ImageItem.create(path)).data).toEqual(gradient(24, 16).data);
    const large = await writePicture(join(tempFolder(), "b.png"), { channels: 4, width: 300, height: 300 });
    expect((await ImageItem.create(large)).data).toEqual(gradient(300, 300).data);
  });

  test("repeats gray, and makes gray of color", async () => {
    const gray = await writePicture(join(tempFolder(), "a.jpg"), { channels: 1 });
    const { data } = await ImageItem.create(gray);
    expect(data[30]).toBe(data[31]);
    const color = await ImageItem.create({ width: 1, height: 1, channels: 3, data: Uint8Array.of(200, 100, 50) });
    expect([...(await ImageItemBW.create(color)).data]).toEqual([124]);
  });

  test.each(["gray", "rgb"])("brings 16 bits of %s down to 8", async (kind) => {
    const channels = kind === "gray" ? 1 : 3;
    const data = Uint16Array.from({ length: 6 * channels }, (_, i) => i * 3000);
    const png = await sharp(data, { raw: { width: 3, height: 2, channels } })
      .toColourspace(kind === "gray" ? "grey16" : "rgb16")
      .png()
      .toBuffer();
    expect((await sharp(png).metadata()).depth).toBe("ushort");
    const item = await (kind === "gray" ? ImageItemBW : ImageItem).create(png);
    expect([...item.data]).toEqual([...data].map((value) => value >> 8));
  });

  test("ignores the EXIF orientation unless asked", async () => {
    const { data } = gradient(24, 16);
    const jpeg = await sharp(data, { raw: { width: 24, height: 16, channels: 3 } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    expect((await ImageItem.create(jpeg)).shape).toEqual([16, 24]);
    expect((await ImageItem.create(jpeg, { autoOrient: true })).shape).toEqual([24, 16]);
  });

  test("a small PNG file comes without a promise, with the pixels that the picture library reads", async () => {
    const folder = tempFolder();
    for (const channels of [1, 3, 4] as const) {
      const path = await writePicture(join(folder, `${channels}.png`), { channels, width: 31, height: 17 });
      const item = ImageItem.open(path);
      expect(item).toBeInstanceOf(ImageItem);
      const reference = await sharp(path).removeAlpha().toColourspace("srgb").raw().toBuffer();
      expect([...(item as ImageItem).data]).toEqual([...reference]);
    }
  });
});

describe("files that are no pictures", () => {
  const claim = (png: Buffer, width: number): Buffer => {
    const changed = Buffer.from(png);
    changed.writeUInt32BE(width, 16);
    changed.writeUInt32BE(width, 20);
    return changed;
  };

  test("are named, with what is wrong", async () => {
    const folder = tempFolder();
    const png = readFileSync(await writePicture(join(folder, "good.png")));
    const large = readFileSync(await writePicture(join(folder, "large.png"), { width: 400, height: 300 }));
    const jpeg = readFileSync(await writePicture(join(folder, "good.jpg"), { width: 200, height: 200 }));
    const damaged = Buffer.from(png);
    damaged[60]! ^= 0xff;
    mkdirSync(join(folder, "folder.png"));
    const files: Record<string, Buffer | string | undefined> = {
      "missing.png": undefined,
      "missing.jpg": undefined,
      "empty.png": "",
      "empty.jpg": "",
      "text.png": "this is not a picture",
      "text.jpg": "this is not a picture",
      "cut.png": png.subarray(0, 70),
      "cutLarge.png": large.subarray(0, large.length / 2),
      "cut.jpg": jpeg.subarray(0, jpeg.length / 2),
      "damaged.png": damaged,
      "giant.png": claim(png, 60_000),
      "wide.png": claim(png, 250),
    };
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name);
      if (content !== undefined) writeFileSync(path, content);
      for (const kind of [ImageItem, ImageItemBW]) {
        const error = await kind.create(path).then(
          () => undefined,
          (caught: unknown) => caught,
        );
        expect(error, name).toBeInstanceOf(DataError);
        expect((error as DataError).message).toContain(path);
        expect((error as DataError).fix).toContain("verifyImages");
      }
    }
    await expect(ImageItem.create(join(folder, "missing.jpg"))).rejects.toThrow("it does not exist");
    await expect(ImageItem.create(join(folder, "empty.png"))).rejects.toThrow("it is empty");
    await expect(ImageItem.create(join(folder, "folder.png"))).rejects.toThrow("it is a folder");
    await expect(ImageItem.create(new Uint8Array(0))).rejects.toThrow("0 bytes");
  });

  test("things that are no picture at all are refused", async () => {
    await expect(ImageItem.create(undefined as never)).rejects.toThrow(DataError);
    await expect(ImageItem.create({ width: 2, height: 2, channels: 3, data: new Uint8Array(5) })).rejects.toThrow(
      ShapeError,
    );
    await expect(ImageItem.create(new TensorData(TensorImage, [2], new Uint8Array(2)))).rejects.toThrow(ShapeError);
  });
});

describe("sizes of a picture", () => {
  const item = new ImageItem(gradient(30, 20));

  test("nPx, shape and aspect", () => {
    expect([item.nPx, item.shape, item.aspect]).toEqual([600, [20, 30], 1.5]);
    expect(`${item}`).toBe("ImageItem 30x20");
  });

  test("resizeMax keeps the shape", () => {
    expect(item.resizeMax({ maxPx: 300 }).size).toEqual([21, 14]);
    expect(item.resizeMax({ maxH: 14, maxW: 15 }).size).toEqual([15, 10]);
    expect(item.resizeMax({ maxPx: 600, maxH: 20, maxW: 30 })).toBe(item);
  });

  test("toThumb shrinks and never enlarges", () => {
    expect(item.toThumb(10).size).toEqual([10, 7]);
    expect(item.toThumb(100).size).toEqual([30, 20]);
  });
});

describe("a picture as numbers, a file and a figure", () => {
  test("ToTensor and back is the same picture", async () => {
    for (const [kind, channels, tensor] of [
      [ImageItem, 3, TensorImage] as const,
      [ImageItemBW, 1, TensorImageBW] as const,
    ]) {
      const item = new kind(gradient(6, 4, channels));
      const data = new ToTensor().call(item) as TensorData;
      expect([data.kind, data.shape, data.dtype]).toEqual([tensor, [4, 6, channels], "int32"]);
      const back = (await new ToTensor().decode(data)) as ImageItem;
      expect(back.constructor).toBe(kind);
      expect(back.data).toEqual(item.data);
    }
  });

  test("PNG content gives the picture back", async () => {
    const item = new ImageItemBW(gradient(6, 4, 1));
    expect((await ImageItemBW.create(await item.toBytesFormat())).data).toEqual(item.data);
  });

  test("loadImage reads in the mode asked for", async () => {
    const path = await writePicture(join(tempFolder(), "a.png"));
    expect((await loadImage(path)).channels).toBe(3);
    expect(await loadImage(path, { mode: "gray" })).toBeInstanceOf(ImageItemBW);
  });

  test("shows gray pictures as ink on paper", () => {
    expect(new ImageItemBW(gradient(6, 4, 1)).cell("a")).toMatchObject({ title: "a", colormap: "grays-inverted" });
    expect(new ImageItem(gradient(6, 4)).show().toText()).toContain("1");
  });
});
