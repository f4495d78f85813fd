import * as tf from "@tensorflow/tfjs-core";
import { dropoutKeys, dropoutLimit } from "../../fused/dropout.ts";
import { stackRowsKernel } from "../../tensor/stackRows.ts";
import { cpuFallback } from "../cpuFallback.ts";
import { conv2d, conv2dFilterGrad, conv2dInputGrad } from "./conv2d.ts";
import { batchMatMul } from "./matMul.ts";
import { batchNormTrain, batchNormTrainGrad, columnSums } from "./norm.ts";
import { output, pointer, startWasm, type WasmContext, zeros } from "./wasmModule.ts";

type Infos = Record<string, tf.TensorInfo>;
// biome-ignore lint/suspicious/noExplicitAny: each tfjs kernel has attributes of its own
type Kernel = (context: WasmContext, inputs: Infos, attrs: any, replaced: tf.KernelFunc | undefined) => KernelOutput;
type KernelOutput = tf.TensorInfo | tf.TensorInfo[];

/** Kernels by name, in place of tfjs' or beside them. */
const kernels: Record<string, Kernel> = {
  [tf.BatchMatMul]: (context, { a, b }, { transposeA, transposeB }) => {
    if (a!.dtype !== "float32" || b!.dtype !== "float32") throw new Error("BatchMatMul: only float32 is supported.");
    return batchMatMul(context, a!, b!, transposeA, transposeB);
  },
  [tf.Conv2D]: (context, { x, filter }, attrs) =>
    conv2d(context, x!, filter!, convInfo(x!.shape, filter!.shape, attrs, attrs.dilations)),
  [tf.Conv2DBackpropFilter]: (context, { x, dy }, attrs) =>
    conv2dFilterGrad(context, x!, dy!, convInfo(x!.shape, attrs.filterShape, attrs, 1)),
  [tf.Conv2DBackpropInput]: (context, { dy, filter }, attrs) =>
    conv2dInputGrad(context, dy!, filter!, convInfo(attrs.inputShape, filter!.shape, attrs, 1)),
  // tfjs' gives no gradient where the largest number of a window is negative
  [tf.MaxPoolGrad]: (context, { dy, input }, attrs) => {
    const info = poolInfo(input!.shape, attrs);
    const dx = zeros(context, input!.shape);
    context.kernels.maxPoolGrad!(
      pointer(context, input!),
      pointer(context, dy!),
      ...windows(info),
      pointer(context, dx),
    );
    return dx;
  },
  [tf.AvgPoolGrad]: (context, { dy, input }, attrs) => {
    const info = poolInfo(input!.shape, attrs);
    const dx = zeros(context, input!.shape);
    const factor = 1 / (info.filterHeight * info.filterWidth);
    context.kernels.avgPoolGrad!(pointer(context, dy!), factor, ...windows(info), pointer(context, dx));
    return dx;
  },
  [tf.UnsortedSegmentSum]: (context, { x, segmentIds }, { numSegments }) =>
    x!.dtype === "float32"
      ? sumRows(context, x!, segmentIds!, numSegments)
      : run(
          cpuFallback(tf.UnsortedSegmentSum, context.backend),
          context,
          { x: x!, segmentIds: segmentIds! },
          { numSegments },
        ),
  // tfjs' copies the numbers; a shared buffer does, as on its other backends
  [tf.Identity]: ({ backend }, { x }) => {
    backend.incRef(x!.dataId);
    return { dataId: x!.dataId, shape: x!.shape, dtype: x!.dtype };
  },
  [tf.Sum]: (context, inputs, attrs, replaced) =>
    sum(context, inputs.x!, attrs) ?? run(replaced!, context, inputs, attrs),
  [tf.Cast]: (context, inputs, attrs, replaced) => {
    const x = inputs.x!;
    if (x.dtype !== "int32" || attrs.dtype !== "float32") return run(replaced!, context, inputs, attrs);
    const out = output(context, x.shape);
    context.kernels.toFloat!(pointer(context, x), sizeOf(x), pointer(context, out));
    return out;
  },
  [stackRowsKernel]: (context, _inputs, { rows, shape, dtype }) => {
    const out = output(context, shape, dtype);
    const heap = context.backend.typedArrayFromHeap(out);
    for (const [i, row] of rows.entries()) heap.set(row, i * row.length);
    return out;
  },
  LayerwiseEmbeddingGrad: (context, { dy, ids }, { vocabSize }) => sumRows(context, dy!, ids!, vocabSize),
  LayerwiseBatchNormTrain: (context, inputs, { eps }) => batchNormTrain(context, inputs as never, eps),
  LayerwiseBatchNormTrainGrad: (context, inputs, { eps }) => batchNormTrainGrad(context, inputs as never, eps),
  LayerwiseReluGrad: (context, { dy, y }, { limit }) => {
    const out = output(context, dy!.shape);
    context.kernels.reluGrad!(pointer(context, dy!), pointer(context, y!), limit, sizeOf(dy!), pointer(context, out));
    return out;
  },
  LayerwiseDropout: (context, { x }, { p, seed }) => {
    const out = output(context, x!.shape);
    const { keyA, keyB } = dropoutKeys(seed);
    const { limit, scale } = dropoutLimit(p);
    const floor = Math.min(Math.ceil(limit), 2 ** 32 - 1);
    context.kernels.dropout!(pointer(context, x!), sizeOf(x!), keyA, keyB, floor, scale, pointer(context, out));
    return out;
  },
};

/** What training needs, tfjs' WebAssembly backend lacks or gets wrong (conv3d), and plain JS may compute. */
const fallbacks = [
  tf.Conv3DBackpropInputV2,
  tf.DepthwiseConv2dNativeBackpropFilter,
  tf.DepthwiseConv2dNativeBackpropInput,
  tf.Einsum,
];

/** Registers the WebAssembly backend of tfjs, once, with kernels of our own for training. */
export async function registerWasm(): Promise<WasmContext> {
  const running = tf.engine().registry.wasm as { layerwise?: WasmContext } | undefined;
  if (running?.layerwise !== undefined) return running.layerwise;
  const context = await startWasm();
  Object.assign(context.backend, { layerwise: context });
  await import("@tensorflow/tfjs-backend-cpu");
  tf.removeBackend("wasm");
  tf.registerBackend("wasm", () => context.backend, 2);
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    const replaced = tf.getKernel(kernelName, "wasm");
    if (replaced !== undefined) tf.unregisterKernel(kernelName, "wasm");
    tf.registerKernel({
      ...replaced,
      kernelName,
      backendName: "wasm",
      kernelFunc: ({ inputs, attrs }) => kernel(context, inputs as Infos, attrs, replaced?.kernelFunc),
    });
  }
  for (const kernelName of fallbacks) {
    if (tf.getKernel(kernelName, "wasm") !== undefined) tf.unregisterKernel(kernelName, "wasm");
    tf.registerKernel({ kernelName, backendName: "wasm", kernelFunc: cpuFallback(kernelName, context.backend) });
  }
  return context;
}

interface ConvAttrs {
  strides: number | [number, number];
  pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  dataFormat: "NHWC" | "NCHW";
  dimRoundingMode?: "floor" | "round" | "ceil";
}

function convInfo(
  inShape: number[],
  filterShape: number[],
  { strides, pad, dataFormat, dimRoundingMode }: ConvAttrs,
  dilations: number | [number, number],
): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computeConv2DInfo(
    inShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    dilations,
    pad,
    dimRoundingMode,
    false,
    tf.backend_util.convertConv2DDataFormat(dataFormat),
  );
}

interface PoolAttrs {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: ConvAttrs["pad"];
  dimRoundingMode?: "floor" | "round" | "ceil";
}

function poolInfo(
  shape: number[],
  { filterSize, strides, pad, dimRoundingMode }: PoolAttrs,
): tf.backend_util.Conv2DInfo {
  const inShape = shape as [number, number, number, number];
  return tf.backend_util.computePool2DInfo(inShape, filterSize, strides, 1, pad, dimRoundingMode);
}

function windows(info: tf.backend_util.Conv2DInfo): number[] {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  const steps = [info.strideHeight, info.strideWidth, info.dilationHeight, info.dilationWidth];
  const places = [batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth];
  return [...places, ...steps, info.padInfo.top, info.padInfo.left];
}

/** A sum over leading axes; undefined for any other, which tfjs' kernel does. */
function sum(
  context: WasmContext,
  x: tf.TensorInfo,
  { axis, keepDims }: { axis: number | number[]; keepDims: boolean },
): tf.TensorInfo | undefined {
  const axes = tf.util.parseAxisParam(axis, x.shape);
  if (x.dtype !== "float32" || axes.length === x.shape.length || !axes.every((a, i) => a === i)) return undefined;
  const kept = x.shape.slice(axes.length);
  const shape = keepDims ? [...axes.map(() => 1), ...kept] : kept;
  return columnSums(context, x, tf.util.sizeFromShape(kept), shape);
}

/** `[n, ...]` summed by id into `[count, ...]`. */
function sumRows(context: WasmContext, x: tf.TensorInfo, ids: tf.TensorInfo, count: number): tf.TensorInfo {
  const out = zeros(context, [count, ...x.shape.slice(ids.shape.length)]);
  const rows = sizeOf(ids);
  const width = rows === 0 ? 0 : sizeOf(x) / rows;
  context.kernels.addRows!(pointer(context, x), pointer(context, ids), rows, width, count, pointer(context, out));
  return out;
}

function run(kernel: tf.KernelFunc, { backend }: WasmContext, inputs: Infos, attrs: unknown): KernelOutput {
  return kernel({ inputs, attrs: attrs as tf.NamedAttrMap, backend });
}

function sizeOf({ shape }: tf.TensorInfo): number {
  return tf.util.sizeFromShape(shape);
}
