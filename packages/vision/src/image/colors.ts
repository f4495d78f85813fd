import type { PngImage } from "./png.ts";
import type { Raster } from "./resample.ts";

/** How many channels a picture is read with: 3 as RGB, 1 as gray. */
export type ColorMode = "rgb" | "gray";

/** Luminance of a color, as Pillow rounds it (ITU-R 601). */
function luminance(r: number, g: number, b: number): number {
  return (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;
}

/** RGB or gray of gray, gray and alpha, RGB or RGBA: gray is repeated, alpha dropped. */
export function toColorMode({ width, height, channels, data }: Raster, mode: ColorMode): Raster {
  const wanted = mode === "rgb" ? 3 : 1;
  if (channels === wanted) return { width, height, channels, data };
  const out = new Uint8Array(width * height * wanted);
  const isGray = channels < 3;
  for (let from = 0, to = 0; to < out.length; from += channels, to += wanted) {
    const first = data[from]!;
    if (wanted === 1) out[to] = isGray ? first : luminance(first, data[from + 1]!, data[from + 2]!);
    else {
      out[to] = first;
      out[to + 1] = isGray ? first : data[from + 1]!;
      out[to + 2] = isGray ? first : data[from + 2]!;
    }
  }
  return { width, height, channels: wanted, data: out };
}

/** RGB or gray of a decoded PNG, palette looked up. */
export function pngToColorMode(png: PngImage, mode: ColorMode): Raster {
  const { width, height, data, palette, maxValue } = png;
  if (palette === undefined) {
    const spread = 255 / maxValue;
    return toColorMode(spread === 1 ? png : { ...png, data: data.map((value) => value * spread) }, mode);
  }
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0, to = 0; i < data.length; i++) {
    const color = data[i]! * 3;
    rgb[to++] = palette[color] ?? 0;
    rgb[to++] = palette[color + 1] ?? 0;
    rgb[to++] = palette[color + 2] ?? 0;
  }
  return toColorMode({ width, height, channels: 3, data: rgb }, mode);
}
