import { checkOptions } from "@layerwise/core";
import { TensorPoint } from "@layerwise/core/tensor";
import { type JsonObject, RandTransform, transformRegistry } from "@layerwise/data";
import { PixelItem } from "../image/pixelItem.ts";
import { mirrorPoints } from "./cropBox.ts";

export interface FlipItemOptions {
  /** Probability for each sample, 0…1. @defaultValue 0.5 */
  p?: number;
}

/** Turns left and right around with probability `p`, one picture at a time; its mask and points follow. */
export class FlipItem extends RandTransform {
  // after resizing, when pictures are smaller and points are scaled
  override order = 2;

  constructor(options: FlipItemOptions = {}) {
    checkOptions("FlipItem", options, ["p"]);
    super({ p: options.p ?? 0.5 });
  }

  override toArgs(): JsonObject {
    return { p: this.p };
  }
}

FlipItem.on(PixelItem, (x) => x.flip("horizontal"));
FlipItem.onData(TensorPoint, (x) => mirrorPoints(x, { flipX: true }));

transformRegistry.add("FlipItem", (args: FlipItemOptions) => new FlipItem(args));
