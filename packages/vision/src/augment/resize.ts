import { checkOptions, OptionError } from "@layerwise/core";
import { TensorPoint } from "@layerwise/core/tensor";
import { type JsonObject, RandTransform, type TransformContext, transformRegistry } from "@layerwise/data";
import type { PadMode } from "../image/cropPad.ts";
import { PixelItem } from "../image/pixelItem.ts";
import { type Crop, cropItem, cropPoints } from "./cropBox.ts";
import { type ImageSize, parseSize, sizeOf, type WidthHeight } from "./imageSize.ts";

/** How a picture is made to fit: distorted, cut, or with a margin. */
export type ResizeMethod = "squish" | "crop" | "pad";

export interface ResizeOptions {
  /** @defaultValue "crop" */
  method?: ResizeMethod;
  /** What margins are filled with. @defaultValue "reflection" */
  padMode?: PadMode;
}

/**
 * Gives every picture one size. "crop" cuts the longer side, "pad" adds a margin to the shorter, "squish" changes the
 * shape. On the training split the cut (or the margin) is at a random place, elsewhere in the middle.
 */
export class Resize extends RandTransform<Crop> {
  override order = 1;
  override splitIdx: number | null = null;
  readonly size: ImageSize;
  readonly method: ResizeMethod;
  readonly padMode: PadMode;
  readonly #target: WidthHeight;

  /** @param size - one number for a square, or `[height, width]` */
  constructor(size: ImageSize, options: ResizeOptions = {}) {
    super();
    checkOptions("Resize", options, ["method", "padMode"]);
    const { method = "crop", padMode = "reflection" } = options;
    this.#target = parseSize("Resize", size);
    if (!["squish", "crop", "pad"].includes(method)) {
      throw new OptionError("Resize", { given: `method "${method}"`, expected: '"squish", "crop" or "pad"' });
    }
    checkPadMode("Resize", padMode);
    this.size = size;
    this.method = method;
    this.padMode = padMode;
  }

  override beforeCall(x: unknown, ctx: TransformContext): Crop {
    const original = sizeOf(x);
    const atRandom = ctx.splitIdx === 0 && this.method !== "squish";
    const place: WidthHeight = atRandom ? [ctx.rng.uniform(), ctx.rng.uniform()] : [0.5, 0.5];
    const { padMode } = this;
    return { original, box: this.box(original ?? this.#target, place), padMode, resizeTo: this.#target };
  }

  /** What of a picture of that width and height is kept; `place` is 0…1 of the room on each axis. */
  box([width, height]: WidthHeight, [x, y]: WidthHeight = [0.5, 0.5]): Crop["box"] {
    if (this.method === "squish") return { left: 0, top: 0, width, height };
    const [toWidth, toHeight] = this.#target;
    const fit = this.method === "crop" ? Math.min : Math.max;
    const scale = fit(width / toWidth, height / toHeight);
    const boxWidth = Math.max(1, Math.trunc(scale * toWidth));
    const boxHeight = Math.max(1, Math.trunc(scale * toHeight));
    const left = Math.trunc(x * (width - boxWidth));
    return { left, top: Math.trunc(y * (height - boxHeight)), width: boxWidth, height: boxHeight };
  }

  override toArgs(): JsonObject {
    return { size: this.size, method: this.method, padMode: this.padMode };
  }

  override toString(): string {
    return `Resize(${JSON.stringify(this.size)}, ${this.method})`;
  }
}

/** @throws {@link OptionError} for anything else than a {@link PadMode} */
export function checkPadMode(where: string, padMode: PadMode): void {
  if (["zeros", "border", "reflection"].includes(padMode)) return;
  throw new OptionError(where, { given: `padMode "${padMode}"`, expected: '"zeros", "border" or "reflection"' });
}

Resize.on(PixelItem, (x, _tfm, { draw }) => cropItem(x, draw));
Resize.onData(TensorPoint, (x, _tfm, { draw }) => cropPoints(x, draw));

transformRegistry.add(
  "Resize",
  ({ size, ...options }: ResizeOptions & { size: ImageSize }) => new Resize(size, options),
);
