import { checkOptions } from "@layerwise/core";
import { TensorPoint } from "@layerwise/core/tensor";
import { type JsonObject, RandTransform, type TransformContext, transformRegistry } from "@layerwise/data";
import { PixelItem } from "../image/pixelItem.ts";
import { mirrorPoints } from "./cropBox.ts";

/** One of the eight ways to lay a square down: mirrored left–right, then upside down, then rows made columns. */
export interface Symmetry {
  readonly flipX: boolean;
  readonly flipY: boolean;
  readonly transpose: boolean;
}

/** The eight symmetries of a square; the first changes nothing. */
export const symmetries: readonly Symmetry[] = Array.from({ length: 8 }, (_, k) => ({
  flipX: [1, 3, 4, 7].includes(k),
  flipY: [2, 4, 5, 7].includes(k),
  transpose: [3, 5, 6, 7].includes(k),
}));

export interface DihedralItemOptions {
  /** Probability for each sample, 0…1. @defaultValue 1 */
  p?: number;
}

/** Turns and mirrors a picture in one of eight ways, for pictures without an up: from above, through a microscope. */
export class DihedralItem extends RandTransform<Symmetry> {
  // after resizing, as FlipItem
  override order = 2;

  constructor(options: DihedralItemOptions = {}) {
    checkOptions("DihedralItem", options, ["p"]);
    super({ p: options.p ?? 1 });
  }

  override beforeCall(_x: unknown, ctx: TransformContext): Symmetry {
    return symmetries[ctx.rng.integer(0, symmetries.length)]!;
  }

  override toArgs(): JsonObject {
    return { p: this.p };
  }
}

DihedralItem.on(PixelItem, (x, _tfm, { draw }) => {
  let out = draw.flipX ? x.flip("horizontal") : x;
  if (draw.flipY) out = out.flip("vertical");
  return draw.transpose ? out.transpose() : out;
});
DihedralItem.onData(TensorPoint, (x, _tfm, { draw }) => mirrorPoints(x, draw));

transformRegistry.add("DihedralItem", (args: DihedralItemOptions) => new DihedralItem(args));
