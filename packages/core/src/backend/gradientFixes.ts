import * as tf from "@tensorflow/tfjs-core";
import { registerReluGradients } from "../fused/relu.ts";

/** Replaces or adds the gradients of tfjs that are wrong, missing or slow; the engine is shared, so once is enough. */
export function registerGradientFixes(): void {
  registerReluGradients();
  for (const kernelName of withoutSlope) {
    if (tf.getGradient(kernelName) !== undefined) continue;
    tf.registerGradient({
      kernelName,
      inputsToSave: ["a", "b"],
      gradFunc: (_dy, [a, b]) => ({ a: flat(a), b: flat(b) }),
    });
  }
  replace({ kernelName: tf.SquaredDifference, inputsToSave: ["a", "b"], gradFunc: squaredDifferenceGrad });
  replace({ kernelName: tf.ResizeBilinear, inputsToSave: ["images"], gradFunc: resizeGrad(bilinearWeights) });
  replace({ kernelName: tf.ResizeNearestNeighbor, inputsToSave: ["images"], gradFunc: resizeGrad(nearestWeights) });
  const avgPool = tf.getGradient(tf.AvgPool);
  if (avgPool !== undefined && !fixed.has(avgPool)) {
    const config: tf.GradConfig = {
      ...avgPool,
      gradFunc: (dy, saved, attrs) => avgPool.gradFunc(byPixelsSeen(dy as tf.Tensor, saved[0]!, attrs), saved, attrs),
    };
    fixed.add(config);
    replace(config);
  }
  for (const kernelName of [tf.Unpack, tf.SplitV]) {
    const pieces = tf.getGradient(kernelName);
    if (pieces === undefined || fixed.has(pieces)) continue;
    // tfjs' take a list of gradients, but get a single one where there is a single piece.
    const config: tf.GradConfig = {
      ...pieces,
      gradFunc: (dy, saved, attrs) => pieces.gradFunc(Array.isArray(dy) ? dy : [dy], saved, attrs),
    };
    fixed.add(config);
    replace(config);
  }
  const conv = tf.getGradient(tf.Conv2D);
  if (conv !== undefined && !fixed.has(conv)) {
    const config: tf.GradConfig = {
      ...conv,
      gradFunc: (dy, saved, attrs) => {
        const { dilations } = attrs as unknown as ConvAttrs;
        const [y, x] = Array.isArray(dilations) ? dilations : [dilations, dilations];
        return y === 1 && x === 1
          ? conv.gradFunc(dy, saved, attrs)
          : dilatedConvGrad(dy as tf.Tensor, saved, attrs, y, x);
      },
    };
    fixed.add(config);
    replace(config);
  }
}

const fixed = new WeakSet<tf.GradConfig>();

/** Comparisons change in steps; without a gradient of zero, `tf.where(tf.greater(x, 0), …)` cannot be differentiated. */
const withoutSlope = [
  tf.Equal,
  tf.NotEqual,
  tf.Greater,
  tf.GreaterEqual,
  tf.Less,
  tf.LessEqual,
  tf.LogicalAnd,
  tf.LogicalOr,
];

function flat(t: tf.Tensor | undefined): () => tf.Tensor {
  return () => tf.zeros(t!.shape);
}

function replace(config: tf.GradConfig): void {
  if (tf.getGradient(config.kernelName) !== undefined) tf.unregisterGradient(config.kernelName);
  tf.registerGradient(config);
}

/** tfjs' own does not sum over broadcast axes. */
function squaredDifferenceGrad(dy: tf.Tensor | tf.Tensor[], [a, b]: tf.Tensor[]): Record<string, () => tf.Tensor> {
  const slope = () => tf.mul(dy as tf.Tensor, tf.mul(2, tf.sub(a!, b!)));
  return { a: () => sumTo(slope(), a!.shape), b: () => sumTo(tf.neg(slope()), b!.shape) };
}

/** Sums over the axes that broadcasting from `shape` added or stretched. */
function sumTo(t: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, t.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(t, axes) : t, shape);
}

/** tfjs averages over the pixels that a window sees, but divides the gradient by the window's whole area. */
function byPixelsSeen(dy: tf.Tensor, x: tf.Tensor, attrs: tf.NamedAttrMap): tf.Tensor {
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as PoolAttrs;
  const shape = x.shape as [number, number, number, number];
  const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const { inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, padInfo } = info;
  if (padInfo.top + padInfo.bottom + padInfo.left + padInfo.right === 0) return dy;
  const seen = (out: number, size: number, filter: number, step: number, before: number) =>
    Array.from({ length: out }, (_, i) => Math.min(i * step - before + filter, size) - Math.max(i * step - before, 0));
  const rows = seen(outHeight, inHeight, filterHeight, info.strideHeight, padInfo.top);
  const columns = seen(outWidth, inWidth, filterWidth, info.strideWidth, padInfo.left);
  const factors = rows.flatMap((h) => columns.map((w) => (filterHeight * filterWidth) / (h * w)));
  return tf.mul(dy, tf.tensor3d(factors, [outHeight, outWidth, 1]));
}

interface PoolAttrs {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: "valid" | "same" | number;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

interface ResizeAttrs {
  alignCorners: boolean;
  halfPixelCenters: boolean;
  size: [height: number, width: number];
}

/** Share of every input pixel in every output pixel of one axis, `[to, from]`. */
type Weights = (from: number, to: number, attrs: ResizeAttrs) => tf.Tensor2D;

/**
 * A resize is a product with a matrix along each axis, so its gradient is the products with their transposes.
 * tfjs' own forgets half pixel centers, and on plain JS fails for pictures that are not square.
 */
function resizeGrad(weights: Weights): tf.GradFunc {
  return (dy, [images], namedAttrs) => {
    const attrs = namedAttrs as unknown as ResizeAttrs;
    const [n, height, width, c] = images!.shape as [number, number, number, number];
    const [toHeight, toWidth] = attrs.size;
    const back = () => {
      const columns = tf.reshape(tf.transpose(dy as tf.Tensor, [2, 0, 1, 3]), [toWidth, n * toHeight * c]);
      const narrow = tf.matMul(weights(width, toWidth, attrs), columns as tf.Tensor2D, true); // [W, N·toH·C]
      const turned = tf.transpose(tf.reshape(narrow, [width, n, toHeight, c]), [2, 1, 0, 3]); // [toH, N, W, C]
      const flatRows = tf.reshape(turned, [toHeight, n * width * c]);
      const low = tf.matMul(weights(height, toHeight, attrs), flatRows as tf.Tensor2D, true); // [H, N·W·C]
      return tf.transpose(tf.reshape(low, [height, n, width, c]), [1, 0, 2, 3]);
    };
    return { images: back };
  };
}

function ratio(from: number, to: number, { alignCorners }: ResizeAttrs): number {
  return alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
}

const bilinearWeights: Weights = (from, to, attrs) => {
  const step = ratio(from, to, attrs);
  const table = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const place = attrs.halfPixelCenters ? step * (i + 0.5) - 0.5 : step * i;
    const low = Math.max(0, Math.floor(place));
    const high = Math.min(from - 1, Math.ceil(place));
    table[i * from + low]! += 1 - (place - low);
    table[i * from + high]! += place - low;
  }
  return tf.tensor2d(table, [to, from]);
};

const nearestWeights: Weights = (from, to, attrs) => {
  const step = ratio(from, to, attrs);
  const table = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const place = attrs.halfPixelCenters ? step * (i + 0.5) : step * i;
    const nearest = attrs.alignCorners ? Math.round(place) : Math.floor(place);
    table[i * from + Math.max(0, Math.min(from - 1, nearest))] = 1;
  }
  return tf.tensor2d(table, [to, from]);
};

interface ConvAttrs {
  strides: number | [number, number];
  pad: tf.NamedAttrMap[string];
  dataFormat: string;
  dimRoundingMode: string;
  dilations: number | [number, number];
}

/** A dilated convolution is one with zeros between the filter's numbers; tfjs refuses its gradient otherwise. */
function dilatedConvGrad(
  dy: tf.Tensor,
  [x, filter]: tf.Tensor[],
  attrs: tf.NamedAttrMap,
  dilationY: number,
  dilationX: number,
): Record<string, () => tf.Tensor> {
  const { strides, pad, dataFormat, dimRoundingMode } = attrs as unknown as ConvAttrs;
  const shared = { strides, pad, dataFormat, dimRoundingMode } as tf.NamedAttrMap;
  const [h, w, i, o] = filter!.shape as [number, number, number, number];
  const wide = [(h - 1) * dilationY + 1, (w - 1) * dilationX + 1, i, o];
  const run = (name: string, inputs: tf.NamedTensorMap, more: object): tf.Tensor =>
    tf.engine().runKernel(name, inputs, { ...shared, ...more } as tf.NamedAttrMap) as tf.Tensor;
  return {
    x: () => {
      const cells = tf.pad(tf.reshape(filter!, [h, 1, w, 1, i * o]), [
        [0, 0],
        [0, dilationY - 1],
        [0, 0],
        [0, dilationX - 1],
        [0, 0],
      ]);
      const stuffed = tf.slice(tf.reshape(cells, [h * dilationY, w * dilationX, i, o]), [0, 0, 0, 0], wide);
      return run(tf.Conv2DBackpropInput, { dy, filter: stuffed }, { inputShape: x!.shape });
    },
    filter: () => {
      const all = run(tf.Conv2DBackpropFilter, { x: x!, dy }, { filterShape: wide });
      return tf.stridedSlice(all, [0, 0, 0, 0], wide, [dilationY, dilationX, 1, 1]);
    },
  };
}
