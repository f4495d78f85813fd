/** Values of a picture, row by row, channels last. */
export type PixelValues = Uint8Array | Uint16Array | Int32Array;

/** A picture's values and size. */
export interface Raster<V extends PixelValues = Uint8Array> {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: V;
}

/** Fixed-point digits of a weight; the product with 255 just fits into 32 bits. */
const BITS = 22;
const HALF = 1 << (BITS - 1);

interface Weights {
  /** Inputs per output at most; the length of one output's run in `values`. */
  readonly size: number;
  /** First input of each output. */
  readonly starts: Int32Array;
  /** Inputs of each output. */
  readonly counts: Int32Array;
  readonly values: Int32Array;
}

/**
 * Resizes with a triangle filter that widens when it shrinks, so that nothing aliases: what photo libraries call
 * "bilinear" (PIL, Pillow-SIMD, torchvision with `antialias`), to the last bit. Columns first, rounded to 8 bits, then rows.
 */
export function resizeBilinear(raster: Raster, width: number, height: number): Raster {
  const { channels } = raster;
  let { data } = raster;
  if (width !== raster.width) {
    const weights = weightsOf(raster.width, width);
    data =
      channels === 3
        ? resizeColumns3(data, raster.width, raster.height, width, weights)
        : resizeColumns(data, raster.width, raster.height, width, channels, weights);
  }
  if (height !== raster.height) data = resizeRows(data, width * channels, height, weightsOf(raster.height, height));
  return { width, height, channels, data: data === raster.data ? data.slice() : data };
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

const cache = new Map<number, Weights>();

/** Weights of a change of size; those of recent sizes are kept, since data sets repeat a few sizes. */
function weightsOf(from: number, to: number): Weights {
  const key = from * 1_048_576 + to;
  let weights = cache.get(key);
  if (weights === undefined) {
    weights = makeWeights(from, to);
    if (cache.size >= 256) cache.clear();
    cache.set(key, weights);
  }
  return weights;
}

function makeWeights(from: number, to: number): Weights {
  const scale = from / to;
  const support = Math.max(scale, 1);
  const size = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(to);
  const counts = new Int32Array(to);
  const values = new Int32Array(to * size);
  const taps = new Float64Array(size);
  for (let i = 0; i < to; i++) {
    const center = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const count = Math.min(from, Math.trunc(center + support + 0.5)) - start;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const distance = Math.abs((k + start - center + 0.5) / support);
      taps[k] = distance < 1 ? 1 - distance : 0;
      sum += taps[k]!;
    }
    starts[i] = start;
    counts[i] = count;
    for (let k = 0; k < count; k++) values[i * size + k] = Math.trunc(0.5 + (taps[k]! / sum) * (1 << BITS));
  }
  return { size, starts, counts, values };
}

function resizeColumns3(data: Uint8Array, from: number, height: number, to: number, weights: Weights): Uint8Array {
  const { size, starts, counts, values } = weights;
  const out = new Uint8Array(to * height * 3);
  for (let y = 0; y < height; y++) {
    const row = y * from;
    let at = y * to * 3;
    for (let x = 0; x < to; x++) {
      let i = (row + starts[x]!) * 3;
      let w = x * size;
      const end = w + counts[x]!;
      let r = HALF;
      let g = HALF;
      let b = HALF;
      for (; w < end; w++, i += 3) {
        const weight = values[w]!;
        r = (r + Math.imul(data[i]!, weight)) | 0;
        g = (g + Math.imul(data[i + 1]!, weight)) | 0;
        b = (b + Math.imul(data[i + 2]!, weight)) | 0;
      }
      out[at++] = r >>> BITS;
      out[at++] = g >>> BITS;
      out[at++] = b >>> BITS;
    }
  }
  return out;
}

function resizeColumns(
  data: Uint8Array,
  from: number,
  height: number,
  to: number,
  channels: number,
  { size, starts, counts, values }: Weights,
): Uint8Array {
  const out = new Uint8Array(to * height * channels);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < to; x++) {
      const first = (y * from + starts[x]!) * channels;
      const end = x * size + counts[x]!;
      for (let c = 0; c < channels; c++) {
        let sum = HALF;
        for (let w = x * size, i = first + c; w < end; w++, i += channels) {
          sum = (sum + Math.imul(data[i]!, values[w]!)) | 0;
        }
        out[at++] = sum >>> BITS;
      }
    }
  }
  return out;
}

/** @param stride - values in a row */
function resizeRows(data: Uint8Array, stride: number, to: number, weights: Weights): Uint8Array {
  const { size, starts, counts, values } = weights;
  const out = new Uint8Array(stride * to);
  const sums = new Int32Array(stride);
  for (let y = 0; y < to; y++) {
    const count = counts[y]!;
    const first = starts[y]! * stride;
    const row = y * stride;
    const weight = values[y * size]!;
    if (count === 2) {
      const next = values[y * size + 1]!;
      for (let i = 0, a = first, b = first + stride, o = row; i < stride; i++, a++, b++, o++) {
        out[o] = (HALF + Math.imul(data[a]!, weight) + Math.imul(data[b]!, next)) >>> BITS;
      }
      continue;
    }
    for (let i = 0; i < stride; i++) sums[i] = HALF + Math.imul(data[first + i]!, weight);
    for (let k = 1; k < count; k++) {
      const tap = values[y * size + k]!;
      const from = first + k * stride;
      for (let i = 0; i < stride; i++) sums[i] = sums[i]! + Math.imul(data[from + i]!, tap);
    }
    for (let i = 0; i < stride; i++) out[row + i] = sums[i]! >>> BITS;
  }
  return out;
}
