import { checkOptions } from "@layerwise/core";
import { TensorPoint } from "@layerwise/core/tensor";
import { type JsonObject, RandTransform, type TransformContext, transformRegistry } from "@layerwise/data";
import type { PadMode } from "../image/cropPad.ts";
import { PixelItem } from "../image/pixelItem.ts";
import { type Crop, centerBox, cropItem, cropPoints } from "./cropBox.ts";
import { type ImageSize, parseSize, sizeOf, type WidthHeight } from "./imageSize.ts";
import { checkPadMode } from "./resize.ts";

export interface CropPadOptions {
  /** What margins are filled with. @defaultValue "zeros" */
  padMode?: PadMode;
}

/** Cuts the middle out, or adds margins, without resizing; alike on every split. */
export class CropPad extends RandTransform<Crop> {
  override splitIdx: number | null = null;
  readonly size: ImageSize;
  readonly padMode: PadMode;
  readonly #target: WidthHeight;

  constructor(size: ImageSize, options: CropPadOptions = {}) {
    super();
    checkOptions("CropPad", options, ["padMode"]);
    const { padMode = "zeros" } = options;
    this.#target = parseSize("CropPad", size);
    checkPadMode("CropPad", padMode);
    this.size = size;
    this.padMode = padMode;
  }

  override beforeCall(x: unknown, _ctx: TransformContext): Crop {
    const original = sizeOf(x);
    return { original, box: centerBox(original ?? this.#target, this.#target), padMode: this.padMode };
  }

  override toArgs(): JsonObject {
    return { size: this.size, padMode: this.padMode };
  }
}

CropPad.on(PixelItem, (x, _tfm, { draw }) => cropItem(x, draw));
CropPad.onData(TensorPoint, (x, _tfm, { draw }) => cropPoints(x, draw));

transformRegistry.add(
  "CropPad",
  ({ size, ...options }: CropPadOptions & { size: ImageSize }) => new CropPad(size, options),
);
