import { categoryRgb, type Rgb } from "../colors.ts";
import { PlotError } from "../plotError.ts";
import type { Pixels } from "./pixels.ts";

/** A class index for every pixel, `[height, width]`. */
export interface Mask {
  width: number;
  height: number;
  data: ArrayLike<number>;
  /** Names of the classes; those that occur are listed below the picture. */
  codes?: readonly string[] | undefined;
  /** How much the colors cover, 0…1; at 1 nothing is seen of the picture. Defaults to 0.6. */
  opacity?: number | undefined;
}

/** Contrast that is left of the picture below. */
const CONTRAST = 0.5;

/** @throws {@link PlotError} if the mask is not the size of its image, or its opacity is not in 0…1 */
export function checkMask(where: string, mask: Mask, { width, height }: Pixels): void {
  const { opacity = 1 } = mask;
  if (!(opacity >= 0 && opacity <= 1)) {
    throw new PlotError(where, { given: `a mask of opacity ${opacity}`, expected: "a number from 0 to 1" });
  }
  if (mask.width !== width || mask.height !== height || mask.data.length !== width * height) {
    throw new PlotError(where, {
      given: `a mask of ${mask.width}x${mask.height} (${mask.data.length} values) on an image of ${width}x${height}`,
      expected: `a mask of ${width}x${height}`,
      fix: "resize the mask with its image, by nearest neighbor",
    });
  }
}

/**
 * Lays the mask's colors over RGBA pixels, in place. The picture below becomes gray and soft, so that the colors stay those
 * of the legend, and apart for color-blind readers.
 */
export function blendMask(rgba: Pixels, { data, opacity = 0.6 }: Mask): void {
  const colors = new Map<number, Rgb>();
  const pixels = rgba.data;
  for (let i = 0, at = 0; i < data.length; i++, at += 4) {
    const code = Math.max(0, Math.trunc(data[i]!)) || 0;
    let color = colors.get(code);
    if (color === undefined) {
      color = categoryRgb(code);
      colors.set(code, color);
    }
    const gray = 0.299 * pixels[at]! + 0.587 * pixels[at + 1]! + 0.114 * pixels[at + 2]!;
    const below = (128 + (gray - 128) * CONTRAST) * (1 - opacity);
    for (let c = 0; c < 3; c++) pixels[at + c] = Math.round(below + color[c]! * opacity);
    pixels[at + 3] = 255;
  }
}

/** The class indices that occur, in order. */
export function codesInMask({ data }: Mask): number[] {
  return [...new Set(Array.from(data))].filter((code) => Number.isInteger(code) && code >= 0).sort((a, b) => a - b);
}
