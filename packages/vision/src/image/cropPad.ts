import type { CropBox, PixelValues, Raster } from "./resample.ts";

/** What stands outside of a picture: black, its edge again, or its mirror image. */
export type PadMode = "zeros" | "border" | "reflection";

/** The part of a picture within `box`; what lies outside is made up as `padMode` says. */
export function cropPad<V extends PixelValues>(raster: Raster<V>, box: CropBox, padMode: PadMode): Raster<V> {
  const { left, top, width, height } = box;
  const { channels, data } = raster;
  const out = new (data.constructor as new (length: number) => V)(width * height * channels);
  const rows = sources(top, height, raster.height, padMode);
  const columns = sources(left, width, raster.width, padMode);
  const first = Math.min(width, Math.max(0, -left));
  const last = Math.max(first, Math.min(width, raster.width - left));
  for (let y = 0; y < height; y++) {
    const row = rows[y]!;
    if (row < 0) continue;
    const source = row * raster.width;
    const target = y * width;
    if (last > first) {
      const run = data.subarray((source + first + left) * channels, (source + last + left) * channels);
      out.set(run, (target + first) * channels);
    }
    if (padMode === "zeros") continue;
    for (let x = 0; x < width; x++) {
      if (x === first) x = last;
      if (x >= width) break;
      const from = (source + columns[x]!) * channels;
      for (let c = 0; c < channels; c++) out[(target + x) * channels + c] = data[from + c]!;
    }
  }
  return { width, height, channels, data: out };
}

/**
 * For each of `count` places from `start` the one in 0…size-1 whose value stands there; -1 is none.
 * What is cropped away is not mirrored back in.
 */
function sources(start: number, count: number, size: number, padMode: PadMode): Int32Array {
  const out = new Int32Array(count);
  const isOutside = start >= size || start + count <= 0;
  const low = isOutside ? 0 : Math.max(0, start);
  const high = isOutside ? size : Math.min(size, start + count);
  for (let i = 0; i < count; i++) {
    const at = start + i;
    if (at >= low && at < high) out[i] = at;
    else if (padMode === "zeros") out[i] = -1;
    else if (padMode === "border" || high - low === 1) out[i] = Math.min(high - 1, Math.max(low, at));
    else out[i] = low + reflect(at - low, high - low);
  }
  return out;
}

/** Mirrors about the middle of the first and the last pixel, as often as it takes: an edge pixel is not repeated. */
function reflect(at: number, size: number): number {
  const period = 2 * (size - 1);
  const within = ((at % period) + period) % period;
  return within < size ? within : period - within;
}

/** The picture left for right, or upside down. */
export function flip<V extends PixelValues>(raster: Raster<V>, axis: "horizontal" | "vertical"): Raster<V> {
  const { width, height } = raster;
  if (axis === "horizontal") return remap(raster, width, height, (x, y) => y * width + (width - 1 - x));
  return remap(raster, width, height, (x, y) => (height - 1 - y) * width + x);
}

/** Rows become columns. */
export function transpose<V extends PixelValues>(raster: Raster<V>): Raster<V> {
  const { width, height } = raster;
  return remap(raster, height, width, (x, y) => x * width + y);
}

function remap<V extends PixelValues>(
  { data, channels }: Raster<V>,
  width: number,
  height: number,
  source: (x: number, y: number) => number,
): Raster<V> {
  const out = new (data.constructor as new (length: number) => V)(width * height * channels);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = source(x, y) * channels;
      for (let c = 0; c < channels; c++) out[to++] = data[from + c]!;
    }
  }
  return { width, height, channels, data: out };
}
