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
}

const ALPHA = 0.5;

/** @throws {@link PlotError} if the mask is not the size of its image */
export function checkMask(where: string, mask: Mask, { width, height }: Pixels): void {
  if (mask.width !== width || mask.height !== height || mask.data.length !== width * height) {
    throw new PlotError(where, {
      given: `a mask of ${mask.width}x${mask.height} (${mask.data.length} values) on an image of ${width}x${height}`,
      expected: `a mask of ${width}x${height}`,
      fix: "resize the mask with its image, by nearest neighbor",
    });
  }
}

/** Lays the mask's colors half-transparent over RGBA pixels, in place. */
export function blendMask(rgba: Pixels, { data }: Mask): void {
  const colors = new Map<number, Rgb>();
  for (let i = 0; i < data.length; i++) {
    const code = Math.max(0, Math.trunc(data[i]!)) || 0;
    let color = colors.get(code);
    if (color === undefined) {
      color = categoryRgb(code);
      colors.set(code, color);
    }
    for (let c = 0; c < 3; c++) {
      rgba.data[i * 4 + c] = Math.round(rgba.data[i * 4 + c]! * (1 - ALPHA) + color[c]! * ALPHA);
    }
    rgba.data[i * 4 + 3] = 255;
  }
}

/** The class indices that occur, in order. */
export function codesInMask({ data }: Mask): number[] {
  return [...new Set(Array.from(data))].filter((code) => Number.isInteger(code) && code >= 0).sort((a, b) => a - b);
}
