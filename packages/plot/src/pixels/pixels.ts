import { PlotError } from "../plotError.ts";

/** A picture's values, row by row, `[height, width, channels]`, 0…255: gray, RGB or RGBA. */
export interface Pixels {
  width: number;
  height: number;
  channels: 1 | 3 | 4;
  data: Uint8Array | Uint8ClampedArray;
}

export type GrayColormap = "gray" | "grays-inverted";

/** @throws {@link PlotError} if the size is not whole and positive, or the data has another length */
export function checkPixels(where: string, { width, height, channels, data }: Pixels): void {
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new PlotError(where, { given: `an image of ${width}x${height}`, expected: "at least 1x1 whole pixels" });
  }
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw new PlotError(where, { given: `${channels} channels`, expected: "1 (gray), 3 (RGB) or 4 (RGBA)" });
  }
  const count = width * height * channels;
  if (data.length !== count) {
    throw new PlotError(where, {
      given: `${data.length} values for ${width}x${height}x${channels}`,
      expected: `${count} values`,
      fix: "pass the pixels row by row, channels last",
    });
  }
}

/** RGBA copy of any pixels. */
export function toRgba({ width, height, channels, data }: Pixels, colormap: GrayColormap = "gray"): Pixels {
  const rgba = new Uint8ClampedArray(width * height * 4);
  const flip = colormap === "grays-inverted" ? 255 : 0;
  for (let from = 0, to = 0; to < rgba.length; from += channels, to += 4) {
    const first = data[from]!;
    rgba[to] = channels === 1 ? first ^ flip : first;
    rgba[to + 1] = channels === 1 ? first ^ flip : data[from + 1]!;
    rgba[to + 2] = channels === 1 ? first ^ flip : data[from + 2]!;
    rgba[to + 3] = channels === 4 ? data[from + 3]! : 255;
  }
  return { width, height, channels: 4, data: rgba };
}
