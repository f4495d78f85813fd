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

/** Forward, and the gradients of input and filter. */
async function convolve(x: tf.Tensor4D, filter: tf.Tensor4D, dy: tf.Tensor4D): Promise<void> {
  const conv = tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, "same"));
  const [dx, dFilter] = conv([x, filter], dy) as [tf.Tensor, tf.Tensor];
  await finish(dFilter);
  tf.dispose([dx, dFilter]);
}

export default defineBenchmark({
  name: "kernels",
  about: "Matrix product, and 3x3 convolutions forward and backward",
  unit: "GFLOP/s",
  better: "more",
  peers: { pytorch: "kernels.py" },
  params: (scale) => ({
    n: scale === "quick" ? 128 : 1024,
    bs: scale === "quick" ? 1 : 32,
    channels: [64, 128, 256],
    sides: [56, 28, 14],
    seconds: scale === "quick" ? 0.1 : scale === "full" ? 10 : 2,
  }),
  async ours({ params: { n, bs, channels, sides, seconds } }) {
    await useBackend();
    const bench = new Bench({ time: seconds * 1000, iterations: 3, warmupTime: 0, warmupIterations: 1 });
    const flops: number[] = [2 * n ** 3];
    const [a, b] = [tf.randomNormal([n, n]) as tf.Tensor2D, tf.randomNormal([n, n]) as tf.Tensor2D];
    bench.add(`matMul ${n}`, () => multiply(a, b));
    channels.forEach((c, i) => {
      const side = sides[i] ?? 1;
      const x: tf.Tensor4D = tf.randomNormal([bs, side, side, c]);
      const filter: tf.Tensor4D = tf.randomNormal([3, 3, c, c]);
      const dy: tf.Tensor4D = tf.randomNormal([bs, side, side, c]);
      flops.push(3 * 2 * bs * side * side * 9 * c * c);
      bench.add(`conv ${c}ch ${side}px`, () => convolve(x, filter, dy));
    });
    await bench.run();
    const samples = bench.tasks.map(({ name, result }, i) => {
      if (!("latency" in result)) throw new Error(`${name}: ${"error" in result ? result.error : result.state}`);
      return [name, [(flops[i] ?? 0) / result.latency.p50 / 1e6]] as const; // per ms to per ns
    });
    return { samples: Object.fromEntries(samples), versions: await ourVersions() };
  },
});
