import { useBackend } from "@layerwise/core";
import * as tf from "@tensorflow/tfjs-core";
import { Bench } from "tinybench";
import { defineBenchmark } from "./harness/benchmark.ts";
import { ourVersions } from "./harness/versions.ts";

/** Reads one number, so that the device has to be done. */
async function finish(tensor: tf.Tensor): Promise<void> {
  const one = tf.tidy(() => tf.slice(tf.reshape(tensor, [-1]), 0, 1));
  await one.data();
  one.dispose();
}

async function multiply(a: tf.Tensor2D, b: tf.Tensor2D): Promise<void> {
  const product = tf.matMul(a, b);
  await finish(product);
  product.dispose();
}

/** One convolution of a residual network. */
interface Conv {
  name: string;
  shapes: { x: tf.ShapeMap["R4"]; filter: tf.ShapeMap["R4"]; dy: tf.ShapeMap["R4"] };
  stride: number;
  padding: number;
  /** Of the result, and of each gradient. */
  flops: number;
  /** A network's first convolution needs no gradient by its input. */
  isFirst: boolean;
}

function convs({ bs, inputs, outputs, sides, filters, strides }: Sizes): Conv[] {
  return inputs.map((input, i) => {
    const [output, side, filter, stride] = [outputs[i]!, sides[i]!, filters[i]!, strides[i]!];
    const padding = (filter - 1) / 2;
    const out = Math.floor((side - 1) / stride) + 1;
    return {
      name: `conv ${filter}x${filter} ${input}-${output} ${side}px${stride > 1 ? ` /${stride}` : ""}`,
      shapes: { x: [bs, side, side, input], filter: [filter, filter, input, output], dy: [bs, out, out, output] },
      stride,
      padding,
      flops: 2 * bs * out ** 2 * filter ** 2 * input * output,
      isFirst: input === 3,
    };
  });
}

interface Sizes {
  bs: number;
  inputs: readonly number[];
  outputs: readonly number[];
  sides: readonly number[];
  filters: readonly number[];
  strides: readonly number[];
}

/** Forward, and the gradients of input and filter. */
async function convolve(
  { stride, padding: p, isFirst }: Conv,
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  dy: tf.Tensor4D,
): Promise<void> {
  const edges = [p, p] as [number, number];
  const pad: tf.backend_util.ExplicitPadding = [[0, 0], edges, edges, [0, 0]];
  const run = (a: tf.Tensor, b: tf.Tensor) =>
    tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, pad, "NHWC", 1, "floor");
  const gradients = isFirst ? [tf.grad((b: tf.Tensor) => run(x, b))(filter, dy)] : tf.grads(run)([x, filter], dy);
  await finish(gradients.at(-1)!);
  tf.dispose(gradients);
}

export default defineBenchmark({
  name: "kernels",
  about: "Matrix product, and the convolutions of residual networks forward and backward",
  unit: "GFLOP/s",
  better: "more",
  peers: { pytorch: "kernels.py" },
  params: (scale) => ({
    n: scale === "quick" ? 128 : 1024,
    bs: scale === "quick" ? 1 : 32,
    inputs: [64, 128, 256, 512, 3, 64, 128, 256, 64, 256],
    outputs: [64, 128, 256, 512, 64, 128, 256, 512, 128, 64],
    sides: [56, 28, 14, 7, 128, 56, 28, 14, 56, 56],
    filters: [3, 3, 3, 3, 7, 3, 3, 3, 1, 1],
    strides: [1, 1, 1, 1, 2, 2, 2, 2, 2, 1],
    seconds: scale === "quick" ? 0.1 : scale === "full" ? 10 : 2,
  }),
  async ours({ params }) {
    const { n, seconds } = params;
    await useBackend();
    const bench = new Bench({ time: seconds * 1000, iterations: 3, warmupTime: 0, warmupIterations: 1 });
    const flops: number[] = [2 * n ** 3];
    const [a, b] = [tf.randomNormal([n, n]) as tf.Tensor2D, tf.randomNormal([n, n]) as tf.Tensor2D];
    bench.add(`matMul ${n}`, () => multiply(a, b));
    for (const conv of convs(params)) {
      const { x, filter, dy } = conv.shapes;
      const [input, weight, gradient] = [
        tf.randomNormal<tf.Rank.R4>(x),
        tf.randomNormal<tf.Rank.R4>(filter),
        tf.randomNormal<tf.Rank.R4>(dy),
      ];
      flops.push((conv.isFirst ? 2 : 3) * conv.flops);
      bench.add(conv.name, () => convolve(conv, input, weight, gradient));
    }
    await bench.run();
    const samples = bench.tasks.map(({ name, result }, i) => {
      if (!("latency" in result)) throw new Error(`${name}: ${"error" in result ? result.error : result.state}`);
      return [name, [(flops[i] ?? 0) / result.latency.p50 / 1e6]] as const; // per ms to per ns
    });
    return { samples: Object.fromEntries(samples), versions: await ourVersions() };
  },
});
