import { TensorPoint } from "@layerwise/core/tensor";
import { type JsonObject, RandTransform, type TransformContext, transformRegistry } from "@layerwise/data";
import { PixelItem } from "../image/pixelItem.ts";
import { type Crop, centerBox, cropItem, cropPoints } from "./cropBox.ts";
import { type ImageSize, parseSize, sizeOf, type WidthHeight } from "./imageSize.ts";

/** Cuts a part of that size out, without resizing: anywhere on the training split, else in the middle. Black margins. */
export class RandomCrop extends RandTransform<Crop> {
  override order = 1;
  override splitIdx: number | null = null;
  readonly size: ImageSize;
  readonly #target: WidthHeight;

  constructor(size: ImageSize) {
    super();
    this.#target = parseSize("RandomCrop", size);
    this.size = size;
  }

  override beforeCall(x: unknown, ctx: TransformContext): Crop {
    const original = sizeOf(x);
    const [width, height] = this.#target;
    if (ctx.splitIdx !== 0 || original === undefined) {
      return { original, box: centerBox(original ?? this.#target, this.#target) };
    }
    const place = (size: number, wanted: number) =>
      size >= wanted ? ctx.rng.integer(0, size - wanted + 1) : ctx.rng.integer(size - wanted, 0);
    return { original, box: { left: place(original[0], width), top: place(original[1], height), width, height } };
  }

  override toArgs(): JsonObject {
    return { size: this.size };
  }
}

RandomCrop.on(PixelItem, (x, _tfm, { draw }) => cropItem(x, draw));
RandomCrop.onData(TensorPoint, (x, _tfm, { draw }) => cropPoints(x, draw));

transformRegistry.add("RandomCrop", ({ size }: { size: ImageSize }) => new RandomCrop(size));
