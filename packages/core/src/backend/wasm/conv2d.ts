import * as tf from "@tensorflow/tfjs-core";
import { output, pointer, scratch, type WasmContext, zeros } from "./wasmModule.ts";

type ConvInfo = tf.backend_util.Conv2DInfo;
type Tap = readonly [y: number, x: number];

/** Up to this many numbers per place are copied side by side first: runs of so few channels are too short. */
const unfoldLimit = 8;
/** Places unfolded at a time. */
const unfoldPlaces = 960;

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
  const work = Math.max(kernels.gatherScratch(taps.length, inChannels), kernels.gatherScratch(1, depth));
  const sizes = [8 * taps.length, Math.ceil(outChannels / 8) * panelBytes, small ? unfoldPlaces * depth * 4 : 0, work];
  const [tapList, panels, unfolded, rest] = divide(context, sizes) as [number, number, number, number];
  writeTaps(context, tapList, taps);
  kernels.pack!(pointer(context, filter), depth, outChannels, outChannels, 1, panels, panelBytes);
  const grid = [pointer(context, x), inHeight, inWidth, inChannels, outHeight, outWidth, ...steps(info), tapList];
  const target = pointer(context, out);
  if (!small) {
    const result = [target, outHeight, outWidth, 0, 0, 1, 1];
    kernels.gatherRows!(...grid, taps.length, panels, outChannels, ...result, 0, places, rest);
    return out;
  }
  writeTaps(context, tapList, taps);
  for (let begin = 0; begin < places; begin += unfoldPlaces) {
    const end = Math.min(begin + unfoldPlaces, places);
    kernels.unfold!(...grid, taps.length, unfolded, begin, end);
    const rows = [unfolded, 1, 1, depth, 1, 1, 1, 1, 0, 0, zeroTap(context, rest), 1, panels, outChannels];
    const result = [target + 4 * begin * outChannels, 1, 1, 0, 0, 1, 1];
    kernels.gatherRows!(...rows, ...result, 0, end - begin, rest + 16);
  }
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
  const work = kernels.samplesScratch(small ? 1 : taps.length, small ? depth : inChannels, outChannels);
  const sizes = [8 * taps.length, small ? unfoldPlaces * depth * 4 : 0, work];
  const [tapList, unfolded, rest] = divide(context, sizes) as [number, number, number];
  writeTaps(context, tapList, taps);
  const grid = [pointer(context, x), inHeight, inWidth, inChannels, outHeight, outWidth, ...steps(info), tapList];
  const [gradient, target] = [pointer(context, dy), pointer(context, out)];
  if (!small) {
    kernels.sumSamples!(...grid, taps.length, gradient, outChannels, 1, outChannels, target, 0, places, rest);
    return out;
  }
  for (let begin = 0; begin < places; begin += unfoldPlaces) {
    const end = Math.min(begin + unfoldPlaces, places);
    kernels.unfold!(...grid, taps.length, unfolded, begin, end);
    const rows = [unfolded, 1, 1, depth, 1, 1, 1, 1, 0, 0, zeroTap(context, rest), 1];
    const right = [gradient + 4 * begin * outChannels, outChannels, 1, outChannels];
    kernels.sumSamples!(...rows, ...right, target, 0, end - begin, rest + 16);
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
  const work = kernels.gatherScratch(used.length, outChannels);
  const sizes = [8 * used.length, Math.ceil(inChannels / 8) * panelBytes, work];
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
  kernels.gatherRows!(...grid, used.length, panels, inChannels, ...result, 0, places, rest);
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

function zeroTap(context: WasmContext, offset: number): number {
  writeTaps(context, offset, [[0, 0]]);
  return offset;
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
