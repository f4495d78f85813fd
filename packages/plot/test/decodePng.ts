import { decode, hasPngSignature } from "fast-png";

export interface DecodedPixels {
  width: number;
  height: number;
  channels: number;
  data: ArrayLike<number>;
}

/** Decodes PNG bytes, after a look at their signature. */
export function decodePng(bytes: Uint8Array): DecodedPixels {
  if (!hasPngSignature(bytes)) throw new Error("these bytes are not a PNG");
  return decode(bytes);
}

/** `[r, g, b]` at a place. */
export function pixelAt({ width, channels, data }: DecodedPixels, x: number, y: number): number[] {
  const at = (y * width + x) * channels;
  return [data[at]!, data[at + 1]!, data[at + 2]!];
}

/** How many pixels are nearly of this color. */
export function countColor(png: DecodedPixels, color: readonly number[], tolerance = 12): number {
  let count = 0;
  for (let at = 0; at < png.data.length; at += png.channels) {
    if (color.every((value, c) => Math.abs(png.data[at + c]! - value) <= tolerance)) count++;
  }
  return count;
}
