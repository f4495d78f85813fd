import type { Pixels } from "./pixels.ts";

/**
 * RGBA pixels fit for showing at `width` by `height`: small images grow by a whole factor, so that each pixel stays a
 * crisp square in every viewer; large ones shrink by averaging, so that a grid of photos stays a small file.
 */
export function fitForShowing(rgba: Pixels, width: number, height: number): Pixels {
  const room = Math.max(width / rgba.width, height / rgba.height);
  if (room >= 1) return enlarge(rgba, Math.ceil(room));
  const shrink = Math.round(1 / (2 * room)); // keep about two pixels for each one shown: screens and PNGs may double
  return shrink > 1 ? average(rgba, shrink) : rgba;
}

/** Repeats every pixel `factor` times in both directions. */
export function enlarge({ width, height, data }: Pixels, factor: number): Pixels {
  const from = new Uint32Array(data.buffer, data.byteOffset, width * height);
  const out = new Uint32Array(width * height * factor * factor);
  const outWidth = width * factor;
  for (let y = 0; y < height; y++) {
    const start = y * factor * outWidth;
    for (let x = 0; x < width; x++) out.fill(from[y * width + x]!, start + x * factor, start + (x + 1) * factor);
    for (let copy = 1; copy < factor; copy++) out.copyWithin(start + copy * outWidth, start, start + outWidth);
  }
  return { width: outWidth, height: height * factor, channels: 4, data: new Uint8ClampedArray(out.buffer) };
}

/** Averages blocks of `factor` by `factor` pixels; the last row and column take what is left. */
function average({ width, height, data }: Pixels, factor: number): Pixels {
  const [outWidth, outHeight] = [Math.ceil(width / factor), Math.ceil(height / factor)];
  const out = new Uint8ClampedArray(outWidth * outHeight * 4);
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++) {
      const [bottom, right] = [Math.min(height, (y + 1) * factor), Math.min(width, (x + 1) * factor)];
      const sum = [0, 0, 0, 0];
      let count = 0;
      for (let row = y * factor; row < bottom; row++) {
        for (let column = x * factor; column < right; column++, count++) {
          for (let c = 0; c < 4; c++) sum[c]! += data[(row * width + column) * 4 + c]!;
        }
      }
      for (let c = 0; c < 4; c++) out[(y * outWidth + x) * 4 + c] = sum[c]! / count;
    }
  }
  return { width: outWidth, height: outHeight, channels: 4, data: out };
}
