import * as tf from "@tensorflow/tfjs-core";
import { rowsGrain, runParts, sumsGrain, threadsOf } from "./parts.ts";
import { output, pointer, scratch, type WasmContext, zeros } from "./wasmModule.ts";

type ConvInfo = tf.backend_util.Conv2DInfo;
type Tap = readonly [y: number, x: number];

/** Up to this many numbers per place are copied side by side first: runs of so few channels are too short. */
const unfoldLimit = 8;
/** Places unfolded at a time; a multiple of the samples that are summed up at a time. */
const unfoldPlaces = 1024;

/** Convolution, NHWC by HWIO. */
export function conv2d(context: WasmContext, x: tf.TensorInfo, filter: tf.TensorInfo, info: ConvInfo): tf.TensorInfo {
  const { kernels } = context;
  if (isEmpty(info)) return zeros(context, info.outShape);
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const out = output(context, info.outShape);
  const taps = forwardTaps(info);
  const depth = taps.length * inChannels;
  const places = info.batchSize * outHeight * outWidth;
  const small = inChannels < unfoldLimit;
  const panelBytes = depth * 32;
  const scratchBytes = kernels[small ? "unfoldScratch" : "gatherScratch"](taps.length, inChannels) + 64;
  const sizes = [8 * taps.length, Math.ceil(outChannels / 8) * panelBytes, threadsOf(context) * scratchBytes];
  const [tapList, panels, rest] = divide(context, sizes) as [number, number, number];
  writeTaps(context, tapList, taps);
  kernels.pack!(pointer(context, filter), depth, outChannels, outChannels, 1, panels, panelBytes);
  const grid = [pointer(context, x), inHeight, inWidth, inChannels, outHeight, outWidth, ...steps(info), tapList];
  const args = [...grid, taps.length, panels, outChannels, pointer(context, out)];
  if (!small) args.push(outHeight, outWidth, 0, 0, 1, 1);
  const range = { begin: 0, end: places, grain: rowsGrain(context, places), scratch: rest, scratchBytes };
  runParts(context, { name: small ? "gatherUnfolded" : "gatherRows", args, ...range }, places * depth * outChannels);
  return out;
}

/** Gradient of {@link conv2d} by its filter: a sum over all places of pixels times gradients. */
export function conv2dFilterGrad(
  context: WasmContext,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  info: ConvInfo,
): tf.TensorInfo {
  const { kernels } = context;
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const out = zeros(context, info.filterShape);
  if (isEmpty(info)) return out;
  const taps = forwardTaps(info);
  const depth = taps.length * inChannels;
  const places = info.batchSize * outHeight * outWidth;
  const small = inChannels < unfoldLimit;
  const threads = threadsOf(context);
  const scratchBytes = kernels.samplesScratch(small ? 1 : taps.length, small ? depth : inChannels, outChannels) + 64;
  const batchPlaces = unfoldPlaces * (threads > 1 ? 8 : 1); // fewer, longer jobs for threads
  const unfoldBytes = small ? Math.min(batchPlaces, places) * depth * 4 : 0;
  const sizes = [8 * taps.length, unfoldBytes, 8, threads * scratchBytes];
  const [tapList, unfolded, zeroTap, rest] = divide(context, sizes) as [number, number, number, number];
  writeTaps(context, tapList, taps);
  writeTaps(context, zeroTap, [[0, 0]]);
  const grid = [pointer(context, x), inHeight, inWidth, inChannels, outHeight, outWidth, ...steps(info), tapList];
  const [gradient, target] = [pointer(context, dy), pointer(context, out)];
  const range = { begin: 0, end: depth, grain: sumsGrain(context, depth), scratch: rest, scratchBytes };
  if (!small) {
    const args = [...grid, taps.length, gradient, outChannels, 1, outChannels, target, 0, places];
    runParts(context, { name: "sumSamples", args, ...range }, places * depth * outChannels);
    return out;
  }
  for (let begin = 0; begin < places; begin += batchPlaces) {
    const end = Math.min(begin + batchPlaces, places);
    const unfolding = { begin, end, grain: unfoldPlaces, scratch: 0, scratchBytes: 0 };
    const work = (end - begin) * depth;
    runParts(context, { name: "unfold", args: [...grid, taps.length, unfolded, begin], ...unfolding }, work);
    const rows = [unfolded, 1, 1, depth, 1, 1, 1, 1, 0, 0, zeroTap, 1];
    const right = [gradient + 4 * begin * outChannels, outChannels, 1, outChannels];
    const args = [...rows, ...right, target, 0, end - begin];
    runParts(context, { name: "sumSamples", args, ...range }, work * outChannels);
  }
  return out;
}

/**
 * Gradient of {@link conv2d} by its input. Pixels that lie alike between the strides see the same taps, so each such
 * class is a dense convolution of `dy` with those taps.
 */
export function conv2dInputGrad(
  context: WasmContext,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  info: ConvInfo,
): tf.TensorInfo {
  const out = output(context, info.inShape);
  for (let y = 0; y < Math.min(info.strideHeight, info.inHeight); y++) {
    for (let x = 0; x < Math.min(info.strideWidth, info.inWidth); x++) {
      inputGradClass(context, dy, filter, info, out, y, x);
    }
  }
  return out;
}

function inputGradClass(
  context: WasmContext,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  info: ConvInfo,
  out: tf.TensorInfo,
  firstY: number,
  firstX: number,
): void {
  const { kernels } = context;
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, strideHeight, strideWidth } = info;
  const rows = Math.ceil((inHeight - firstY) / strideHeight);
  const columns = Math.ceil((inWidth - firstX) / strideWidth);
  const places = info.batchSize * rows * columns;
  if (places === 0 || inChannels === 0) return;
  const used: { tap: Tap; index: number }[] = [];
  for (let ky = 0; ky < info.filterHeight; ky++) {
    for (let kx = 0; kx < info.filterWidth; kx++) {
      const y = (firstY + info.padInfo.top - ky * info.dilationHeight) / strideHeight;
      const x = (firstX + info.padInfo.left - kx * info.dilationWidth) / strideWidth;
      if (Number.isInteger(y) && Number.isInteger(x)) used.push({ tap: [y, x], index: ky * info.filterWidth + kx });
    }
  }
  const panelBytes = used.length * outChannels * 32;
  const scratchBytes = kernels.gatherScratch(used.length, outChannels) + 64;
  const sizes = [8 * used.length, Math.ceil(inChannels / 8) * panelBytes, threadsOf(context) * scratchBytes];
  const [tapList, panels, rest] = divide(context, sizes) as [number, number, number];
  writeTaps(
    context,
    tapList,
    used.map(({ tap }) => tap),
  );
  const weights = pointer(context, filter);
  for (const [i, { index }] of used.entries()) {
    const from = weights + 4 * index * inChannels * outChannels;
    kernels.pack!(from, outChannels, inChannels, 1, outChannels, panels + i * outChannels * 32, panelBytes);
  }
  const grid = [pointer(context, dy), outHeight, outWidth, outChannels, rows, columns, 1, 1, 0, 0, tapList];
  const result = [pointer(context, out), inHeight, inWidth, firstY, firstX, strideHeight, strideWidth];
  const args = [...grid, used.length, panels, inChannels, ...result];
  const range = { begin: 0, end: places, grain: rowsGrain(context, places), scratch: rest, scratchBytes };
  runParts(context, { name: "gatherRows", args, ...range }, places * used.length * outChannels * inChannels);
}

function isEmpty(info: ConvInfo): boolean {
  return tf.util.sizeFromShape(info.outShape) === 0 || tf.util.sizeFromShape(info.filterShape) === 0;
}

function steps({ strideHeight, strideWidth, padInfo }: ConvInfo): number[] {
  return [strideHeight, strideWidth, -padInfo.top, -padInfo.left];
}

function forwardTaps({ filterHeight, filterWidth, dilationHeight, dilationWidth }: ConvInfo): Tap[] {
  const taps: Tap[] = [];
  for (let y = 0; y < filterHeight; y++) {
    for (let x = 0; x < filterWidth; x++) taps.push([y * dilationHeight, x * dilationWidth]);
  }
  return taps;
}

function writeTaps({ memory }: WasmContext, offset: number, taps: readonly Tap[]): void {
  const list = new Int32Array(memory.buffer, offset, 2 * taps.length);
  for (const [i, [y, x]] of taps.entries()) {
    list[2 * i] = y;
    list[2 * i + 1] = x;
  }
}

/** Parts of the scratch memory of the given sizes in bytes, each on a 64-byte boundary. */
function divide(context: WasmContext, sizes: readonly number[]): number[] {
  const rounded = sizes.map((bytes) => (bytes + 127) & ~63);
  let offset =
    (scratch(
      context,
      rounded.reduce((sum, bytes) => sum + bytes, 64),
    ) +
      63) &
    ~63;
  return rounded.map((bytes) => {
    const start = offset;
    offset += bytes;
    return start;
  });
}
