import * as tf from "@tensorflow/tfjs-core";
import { type FusedOp, runFused } from "../fused/index.ts";

/** Padding of batch, height, width and channels, as TensorFlow.js takes it; "valid" for none. */
export type Padding2d = "valid" | [[number, number], [number, number], [number, number], [number, number]];

interface DilatedAttrs {
  padding: Padding2d;
  dilation: [number, number];
}

const plainConv = { strides: 1, pad: "valid", dataFormat: "NHWC" } as const;

/**
 * Dilated convolution of stride 1. TensorFlow.js has no gradient for it: this one moves pixels that belong together
 * next to each other (space to batch), where an ordinary convolution's gradient works.
 */
const dilatedConv2dOp: FusedOp<DilatedAttrs> = {
  name: "LayerwiseDilatedConv2d",
  outputs: 1,
  composed: ({ x, filter }, { padding, dilation }) => [
    tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, padding, "NHWC", dilation),
  ],
  gradient: ({ dys, inputs, attrs }) => {
    const [dy, x, filter] = [dys[0]!, inputs.x!, inputs.filter!];
    const sides = [0, 1].map((axis) => blockPadding(x, dy, filter, axis, attrs));
    const xPads = sides.map(({ before, after }) => [before, after]);
    const dyPads = sides.map(({ dyAfter }) => [0, dyAfter]);
    const blocks = attrs.dilation;
    const dyBlocks = () => tf.spaceToBatchND(dy, blocks, dyPads);
    const run = (kernel: string, given: tf.NamedTensorMap, shape: Record<string, number[]>) =>
      tf.engine().runKernel(kernel, given, { ...plainConv, ...shape }) as tf.Tensor;
    return {
      x: () => {
        const [n, height, width, channels] = x.shape as [number, number, number, number];
        const padded = [height, width].map((size, i) => (size + sides[i]!.before + sides[i]!.after) / blocks[i]!);
        const inputShape = [n * blocks[0] * blocks[1], ...padded, channels];
        const dx = run(tf.Conv2DBackpropInput, { dy: dyBlocks(), filter }, { inputShape });
        return tf.batchToSpaceND(dx, blocks, xPads);
      },
      filter: () => {
        const xBlocks = tf.spaceToBatchND(x, blocks, xPads);
        return run(tf.Conv2DBackpropFilter, { x: xBlocks, dy: dyBlocks() }, { filterShape: filter.shape });
      },
    };
  },
};

/** Padding of one axis so that both tensors fall into whole blocks, with as many outputs as the convolution has. */
function blockPadding(x: tf.Tensor, dy: tf.Tensor, filter: tf.Tensor, axis: number, attrs: DilatedAttrs) {
  const step = attrs.dilation[axis]!;
  const before = attrs.padding === "valid" ? 0 : attrs.padding[axis + 1]![0];
  const outBlocks = Math.ceil(dy.shape[axis + 1]! / step);
  const inBlocks = outBlocks + filter.shape[axis]! - 1;
  const after = inBlocks * step - x.shape[axis + 1]! - before;
  return { before, after, dyAfter: outBlocks * step - dy.shape[axis + 1]! };
}

/** Convolution of stride 1 whose taps lie `dilation` pixels apart. */
export function dilatedConv2d(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  padding: Padding2d,
  dilation: readonly [number, number],
): tf.Tensor4D {
  const attrs: DilatedAttrs = { padding, dilation: [dilation[0], dilation[1]] };
  return runFused(dilatedConv2dOp, { x, filter }, attrs)[0] as tf.Tensor4D;
}
