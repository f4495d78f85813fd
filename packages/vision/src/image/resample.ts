import { runResize } from "./resizeKernel.ts";
import { resizeWeights } from "./resizeWeights.ts";

/** Values of a picture, row by row, channels last. */
export type PixelValues = Uint8Array | Uint16Array | Int32Array;

/** A box in pixels; it may lie partly or wholly outside of the picture. */
export interface CropBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A picture's values and size. */
export interface Raster<V extends PixelValues = Uint8Array> {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: V;
}

/**
 * Resizes with a triangle filter that widens when it shrinks, so that nothing aliases: what photo libraries call
 * "bilinear" (PIL, Pillow-SIMD, torchvision with `antialias`), to the last bit. Columns first, rounded to 8 bits, then rows.
 */
export function resizeBilinear(raster: Raster, width: number, height: number): Raster {
  return resizeBox(raster, { left: 0, top: 0, width: raster.width, height: raster.height }, width, height);
}

/** A box within a picture, resized like {@link resizeBilinear}: crops and resizes in one go. */
export function resizeBox(raster: Raster, box: CropBox, width: number, height: number): Raster {
  const { channels, data } = raster;
  const { left, top } = box;
  const columns = width === box.width ? undefined : resizeWeights(box.width, width);
  const rows = height === box.height ? undefined : resizeWeights(box.height, height);
  const stride = box.width * channels;
  const resized = runResize(
    { width: box.width, height: box.height, channels, columns, rows },
    (target, first, count) => {
      for (let y = 0; y < count; y++) {
        const from = ((top + first + y) * raster.width + left) * channels;
        target.set(data.subarray(from, from + stride), y * stride);
      }
    },
  );
  return { width, height, channels, data: resized };
}

/** Resizes by picking the value under the middle of each new pixel, for class numbers, which must not be mixed. */
export function resizeNearest<V extends PixelValues>(raster: Raster<V>, width: number, height: number): Raster<V> {
  const { channels, data } = raster;
  const out = new (data.constructor as new (length: number) => V)(width * height * channels);
  const columns = nearestOf(raster.width, width);
  const rows = nearestOf(raster.height, height);
  let to = 0;
  for (let y = 0; y < height; y++) {
    const row = rows[y]! * raster.width;
    for (let x = 0; x < width; x++) {
      const from = (row + columns[x]!) * channels;
      for (let c = 0; c < channels; c++) out[to++] = data[from + c]!;
    }
  }
  return { width, height, channels, data: out };
}

/** Steps are added up, not multiplied, so that ties fall as they do in PIL. */
function nearestOf(from: number, to: number): Int32Array {
  const scale = from / to;
  const picked = new Int32Array(to);
  let at = scale * 0.5;
  for (let i = 0; i < to; i++) {
    picked[i] = Math.min(from - 1, Math.floor(at));
    at += scale;
  }
  return picked;
}
