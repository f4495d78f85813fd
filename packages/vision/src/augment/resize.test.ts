import { OptionError } from "@layerwise/core";
import { TensorBBox, TensorData, TensorPoint } from "@layerwise/core/tensor";
import { TransformContext, Tuple, transformFromConfig } from "@layerwise/data";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gradient } from "../../test/pictures.ts";
import { ImageItem } from "../image/imageItem.ts";
import { MaskItem } from "../image/maskItem.ts";
import { CropPad } from "./cropPad.ts";
import { RandomCrop } from "./randomCrop.ts";
import { RandomResizedCrop } from "./randomResizedCrop.ts";
import { RatioResize } from "./ratioResize.ts";
import { Resize, type ResizeMethod } from "./resize.ts";

const valid = () => new TransformContext({ splitIdx: 1 });
const train = (seed: number) => new TransformContext({ splitIdx: 0, seed });
const picture = (width: number, height: number) => new ImageItem(gradient(width, height));
const mask = (width: number, height: number) =>
  new MaskItem({ width, height, channels: 1, data: gradient(width, height, 1).data });

describe("Resize", () => {
  test.each([
    { from: [500, 375], to: 224, crop: [62, 0, 375, 375], pad: [0, -62, 500, 500] },
    { from: [375, 500], to: 224, crop: [0, 62, 375, 375], pad: [-62, 0, 500, 500] },
    { from: [640, 480], to: 128, crop: [80, 0, 480, 480], pad: [0, -80, 640, 640] },
    { from: [100, 60], to: 224, crop: [20, 0, 60, 60], pad: [0, -20, 100, 100] },
    { from: [375, 500], to: [240, 320], crop: [0, 109, 375, 281], pad: [-145, 0, 666, 500] },
    { from: [500, 375], to: 224, place: [0.9, 0.1], crop: [112, 0, 375, 375], pad: [0, -12, 500, 500] },
  ])("of $from to $to takes fastai's box", ({ from, to, place = [0.5, 0.5], crop, pad }) => {
    const boxOf = (method: ResizeMethod) => {
      const resize = new Resize(to as number | [number, number], { method });
      const { left, top, width, height } = resize.box(from as [number, number], place as [number, number]);
      return [left + 0, top + 0, width, height];
    };
    expect(boxOf("crop")).toEqual(crop);
    expect(boxOf("pad")).toEqual(pad);
  });

  test("gives every picture the size asked for, height first", () => {
    const law = fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom<ResizeMethod>("squish", "crop", "pad"),
      fc.constantFrom("zeros" as const, "border" as const, "reflection" as const),
      fc.constantFrom(0, 1),
      (width, height, method, padMode, splitIdx) => {
        const resize = new Resize([7, 11], { method, padMode });
        const out = resize.call(picture(width, height), new TransformContext({ splitIdx, seed: 3 })) as ImageItem;
        expect(out.shape).toEqual([7, 11]);
      },
    );
    fc.assert(law, { numRuns: 60 });
  });

  test("an image and its mask share one draw, and the place is random in training only", () => {
    const resize = new Resize(8);
    const sample = Tuple.of(picture(32, 8), mask(32, 8));
    const at = (ctx: TransformContext) => {
      const [image, drawn] = (resize.call(sample, ctx) as Tuple<[ImageItem, MaskItem]>).elements;
      expect(image.data[0]).toBe(drawn.data[0]);
      return image.data[0];
    };
    expect(new Set([1, 2, 3, 4, 5].map((seed) => at(train(seed)))).size).toBeGreaterThan(2);
    expect(at(train(1))).toBe(at(train(1)));
    expect(at(valid())).toBe(picture(32, 8).crop({ left: 12, top: 0, width: 8, height: 8 }).data[0]);
  });

  test("a mask of another size than its image is cropped in proportion", () => {
    const sample = Tuple.of(picture(32, 8), mask(64, 16));
    const [image, small] = (new Resize(8).call(sample, valid()) as Tuple<[ImageItem, MaskItem]>).elements;
    expect(small.shape).toEqual([8, 8]);
    expect(small.data[0]).toBeAllclose(image.data[0]!, { atol: 9 });
  });

  test("moves points along", () => {
    const points = new TensorData(TensorPoint, [1, 2], Float32Array.of(-0.6, -0.733333));
    const [, moved] = (new Resize(224).call(Tuple.of(picture(500, 375), points), valid()) as Tuple).elements;
    expect((moved as TensorData).values).toBeAllclose([-0.797333, -0.733333]);
  });

  test("refuses sizes and methods that do not exist", () => {
    for (const size of [0, -3, 2.5, Number.NaN, [3, 0] as [number, number]])
      expect(() => new Resize(size)).toThrow(OptionError);
    expect(() => new Resize(3, { method: "cut" as never })).toThrow(/squish/);
    expect(() => new Resize(3, { padMode: "mirror" as never })).toThrow(/reflection/);
    expect(() => new Resize(3, { metod: "pad" } as object)).toThrow(/did you mean "method"/);
    expect(() => new CropPad(3, { pad: "border" } as object)).toThrow(/did you mean "padMode"/);
    expect(() => new RandomResizedCrop(3, { minscale: 0.5 } as object)).toThrow(/did you mean "minScale"/);
  });

  test("a file can name it", () => {
    const resize = new Resize([3, 4], { method: "pad", padMode: "zeros" });
    expect(transformFromConfig(JSON.parse(JSON.stringify(resize.toConfig()))).toArgs()).toEqual(resize.toArgs());
  });
});

describe("RandomResizedCrop", () => {
  test.each([
    [128, 152],
    [160, 184],
    [224, 256],
    [256, 296],
    [300, 348],
    [460, 532],
  ])("on validation squishes to %d and a margin, %d", (size, squished) => {
    const crop = new RandomResizedCrop(size);
    expect(crop.validSize()).toEqual([squished, squished]);
  });

  test("falls back to the largest allowed box in the middle", () => {
    expect(new RandomResizedCrop(224).fallbackBox([1000, 100])).toEqual({ left: 433, top: 0, width: 133, height: 100 });
  });

  test("boxes stay inside, with area and shape as asked", () => {
    const crop = new RandomResizedCrop(8, { minScale: 0.2 });
    for (let seed = 0; seed < 200; seed++) {
      const { left, top, width, height } = crop.drawBox([100, 80], train(seed).rng);
      expect(left >= 0 && top >= 0 && left + width <= 100 && top + height <= 80).toBe(true);
      expect((width * height) / 8000).toBeGreaterThan(0.19);
      expect(width / height).toBeGreaterThan(0.72);
      expect(width / height).toBeLessThan(1.37);
    }
  });

  test("gives the size on both splits", () => {
    const crop = new RandomResizedCrop([6, 10]);
    for (const ctx of [train(1), valid()])
      expect((crop.call(picture(40, 21), ctx) as ImageItem).shape).toEqual([6, 10]);
  });

  test("refuses options out of order", () => {
    expect(() => new RandomResizedCrop(8, { minScale: 2 })).toThrow(OptionError);
    expect(() => new RandomResizedCrop(8, { ratio: [2, 1] })).toThrow(OptionError);
  });
});

describe("CropPad, RandomCrop and RatioResize", () => {
  test("CropPad keeps the middle and pads with black", () => {
    const out = new CropPad([4, 2]).call(picture(6, 2), train(1)) as ImageItem;
    expect(out.shape).toEqual([4, 2]);
    expect([...out.data.subarray(0, 6)]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...out.data.subarray(6, 12)]).toEqual([...picture(6, 2).data.subarray(6, 12)]);
  });

  test("RandomCrop moves in training only, and stays inside", () => {
    const crop = new RandomCrop(4);
    const firsts = Array.from(
      { length: 20 },
      (_, seed) => (crop.call(picture(16, 4), train(seed)) as ImageItem).data[0],
    );
    expect(new Set(firsts).size).toBeGreaterThan(5);
    expect((crop.call(picture(16, 4), valid()) as ImageItem).data).toEqual(
      picture(16, 4).crop({ left: 6, top: 0, width: 4, height: 4 }).data,
    );
    expect((crop.call(picture(2, 3), train(1)) as ImageItem).shape).toEqual([4, 4]);
  });

  test("RatioResize brings the longer side to the size", () => {
    expect((new RatioResize(100).call(picture(30, 20)) as ImageItem).size).toEqual([100, 66]);
    expect((new RatioResize(10).call(picture(20, 30)) as ImageItem).size).toEqual([6, 10]);
  });
});

test("boxes keep their corners in order when mirrored", async () => {
  const { FlipItem } = await import("./flipItem.ts");
  const boxes = new TensorData(TensorBBox, [1, 4], Float32Array.of(-0.5, -0.2, 0.1, 0.3));
  const flipped = new FlipItem({ p: 1 }).call(boxes, train(1)) as TensorData;
  expect(flipped.values).toBeAllclose([-0.1, -0.2, 0.5, 0.3]);
});
