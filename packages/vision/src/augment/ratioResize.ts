import { type JsonObject, Transform, transformRegistry } from "@layerwise/data";
import { PixelItem } from "../image/pixelItem.ts";
import { parseSize } from "./imageSize.ts";

/** Resizes the longer side to `maxSize` and keeps the shape. Batches of pictures of several shapes need a crop after it. */
export class RatioResize extends Transform {
  override order = 1;
  readonly maxSize: number;

  constructor(maxSize: number) {
    super();
    parseSize("RatioResize", maxSize);
    this.maxSize = maxSize;
  }

  override toArgs(): JsonObject {
    return { maxSize: this.maxSize };
  }
}

RatioResize.on(PixelItem, (x, { maxSize }) => {
  const scaled = (side: number, other: number) => Math.max(1, Math.trunc((side * maxSize) / other));
  const { width, height } = x;
  return width >= height ? x.reshape(scaled(height, width), maxSize) : x.reshape(maxSize, scaled(width, height));
});

transformRegistry.add("RatioResize", ({ maxSize }: { maxSize: number }) => new RatioResize(maxSize));
