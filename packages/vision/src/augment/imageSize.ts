import { OptionError } from "@layerwise/core";
import { asTuple } from "@layerwise/data";
import { PixelItem } from "../image/pixelItem.ts";

/** One number for a square, or height and width. */
export type ImageSize = number | readonly [height: number, width: number];

/** Width and height, in pixels. */
export type WidthHeight = readonly [width: number, height: number];

/** @throws {@link OptionError} unless it is one or two whole numbers above 0 */
export function parseSize(where: string, size: ImageSize): WidthHeight {
  const [height, width] = typeof size === "number" ? [size, size] : size;
  if ([height, width].every((side) => Number.isInteger(side) && side > 0)) return [width, height];
  throw new OptionError(where, {
    given: `size ${JSON.stringify(size)}`,
    expected: "whole pixels above 0: one number, or [height, width]",
  });
}

/** Width and height of the first picture of a sample; undefined if it has none. */
export function sizeOf(x: unknown): WidthHeight | undefined {
  return asTuple(x).find(PixelItem)?.size;
}
