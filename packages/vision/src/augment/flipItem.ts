import { TensorPoint } from "@layerwise/core/tensor";
import { type JsonObject, RandTransform, transformRegistry } from "@layerwise/data";
import { PixelItem } from "../image/pixelItem.ts";
import { mirrorPoints } from "./cropBox.ts";

/** Turns left and right around with probability `p`, one picture at a time; its mask and points follow. */
export class FlipItem extends RandTransform {
  // after resizing, when pictures are smaller and points are scaled
  override order = 2;

  constructor({ p = 0.5 }: { p?: number } = {}) {
    super({ p });
  }

  override toArgs(): JsonObject {
    return { p: this.p };
  }
}

FlipItem.on(PixelItem, (x) => x.flip("horizontal"));
FlipItem.onData(TensorPoint, (x) => mirrorPoints(x, { flipX: true }));

transformRegistry.add("FlipItem", ({ p }) => new FlipItem({ p: p as number }));
