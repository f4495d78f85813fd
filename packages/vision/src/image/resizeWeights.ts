/** Fixed-point digits of a weight; the product with 255 just fits into 32 bits. */
const BITS = 22;

/** How each value of a resized row is mixed from values of the row before. */
export interface ResizeWeights {
  /** Number of outputs. */
  readonly length: number;
  /** Room for weights per output. */
  readonly size: number;
  /** First input of each output. */
  readonly starts: Int32Array;
  /** Inputs of each output. */
  readonly counts: Int32Array;
  /** `[length, size]`, as fixed-point numbers that add up to 1. */
  readonly values: Int32Array;
  readonly byteLength: number;
}

const known = new Map<number, ResizeWeights>();

/**
 * Weights of a triangle filter from `from` values to `to`, widened when it shrinks. Those of recent sizes are kept, since
 * the pictures of a data set have few sizes.
 */
export function resizeWeights(from: number, to: number): ResizeWeights {
  const key = from * 1_048_576 + to;
  let weights = known.get(key);
  if (weights === undefined) {
    weights = makeWeights(from, to);
    if (known.size >= 512) known.clear();
    known.set(key, weights);
  }
  return weights;
}

function makeWeights(from: number, to: number): ResizeWeights {
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
      taps[k] = Math.max(0, 1 - Math.abs((k + start - center + 0.5) / support));
      sum += taps[k]!;
    }
    starts[i] = start;
    counts[i] = count;
    for (let k = 0; k < count; k++) values[i * size + k] = Math.trunc(0.5 + (taps[k]! / sum) * (1 << BITS));
  }
  return { length: to, size, starts, counts, values, byteLength: 4 * (2 * to + to * size) };
}
