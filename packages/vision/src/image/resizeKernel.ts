import { resizeBinary } from "./resizeBinary.ts";
import type { ResizeWeights } from "./resizeWeights.ts";

/** Bytes that the kernel may read and write past the end of a picture. */
const SLACK = 64;
const PAGE = 65_536;
/** Bytes of a picture that are worked on at once: they stay in the processor's cache. */
const STRIP = 1 << 18;

interface Kernel {
  columns3(source: number, height: number, from: number, to: number, ...rest: number[]): void;
  columns(source: number, height: number, from: number, to: number, ...rest: number[]): void;
  rows(source: number, stride: number, to: number, ...rest: number[]): void;
}

let memory: WebAssembly.Memory | undefined;
let kernel: Kernel | undefined;

/** Size of what is resized, and the weights of each direction; undefined leaves that direction as it is. */
export interface ResizeJob {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly columns: ResizeWeights | undefined;
  readonly rows: ResizeWeights | undefined;
}

/**
 * Runs the compiled kernel: columns first, rounded to 8 bits, then rows.
 * @param fill - writes `count` rows of the picture, from row `first` on, to where it is asked to
 */
export function runResize(
  { width, height, channels, columns, rows }: ResizeJob,
  fill: (target: Uint8Array, first: number, count: number) => void,
): Uint8Array {
  const toWidth = columns?.length ?? width;
  const toHeight = rows?.length ?? height;
  const stride = width * channels;
  const toStride = toWidth * channels;
  const strip = Math.max(1, Math.min(height, Math.floor(STRIP / stride)));
  const places = layout([
    columns === undefined ? 0 : strip * stride,
    height * toStride,
    toHeight * toStride,
    columns?.byteLength ?? 0,
    rows?.byteLength ?? 0,
  ]);
  const run = start(places.at(-1)!);
  const bytes = new Uint8Array(memory!.buffer);
  const [source, middle, out] = places as [number, number, number];
  if (columns === undefined) fill(bytes.subarray(middle, middle + height * stride), 0, height);
  else {
    const tables = upload(columns, places[3]!);
    for (let first = 0; first < height; first += strip) {
      const count = Math.min(strip, height - first);
      fill(bytes.subarray(source, source + count * stride), first, count);
      const to = middle + first * toStride;
      if (channels === 3) run.columns3(source, count, width, toWidth, ...tables, to);
      else run.columns(source, count, width, toWidth, ...tables, to, channels);
    }
  }
  if (rows === undefined) return bytes.slice(middle, middle + height * toStride);
  run.rows(middle, toStride, toHeight, ...upload(rows, places[4]!), out);
  return bytes.slice(out, out + toHeight * toStride);
}

/** Starts of parts of these sizes, and the end of the last. */
function layout(sizes: readonly number[]): number[] {
  const places = [0];
  for (const size of sizes) places.push((places.at(-1)! + size + SLACK + 15) & ~15);
  return places;
}

function upload({ starts, counts, values, size }: ResizeWeights, place: number): [number, number, number, number] {
  const words = new Int32Array(memory!.buffer, place);
  words.set(starts, 0);
  words.set(counts, starts.length);
  words.set(values, 2 * starts.length);
  return [place, place + 4 * starts.length, place + 8 * starts.length, size];
}

/** The kernel, with at least `size` bytes of memory. */
function start(size: number): Kernel {
  memory ??= new WebAssembly.Memory({ initial: 1 });
  const missing = Math.ceil((size - memory.buffer.byteLength) / PAGE);
  if (missing > 0) memory.grow(missing);
  if (kernel === undefined) {
    const module = new WebAssembly.Module(Uint8Array.from(atob(resizeBinary), (char) => char.charCodeAt(0)));
    kernel = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernel;
  }
  return kernel;
}
