import { useBackend } from "@layerwise/core";
import * as tf from "@tensorflow/tfjs-core";
import { defineBenchmark } from "./harness/benchmark.ts";
import { ourVersions } from "./harness/versions.ts";

/** How many bytes per nanosecond each run of `work` moves. */
function sampleRate(bytes: number, runs: number, work: () => void): number[] {
  work();
  return Array.from({ length: runs }, () => {
    const start = performance.now();
    work();
    return bytes / (performance.now() - start) / 1e6;
  });
}

export default defineBenchmark({
  name: "elementwise",
  about: "Elementwise work and reductions on many numbers, beside a copy of as many on one thread",
  unit: "GB/s",
  better: "more",
  peers: { pytorch: "elementwise.py" },
  params: (scale) => ({ rows: scale === "quick" ? 256 : 2 ** 18, columns: 64, runs: scale === "quick" ? 3 : 20 }),
  async ours({ params: { rows, columns, runs } }) {
    await useBackend();
    const n = rows * columns;
    const [from, to] = [new Float32Array(n).fill(1), new Float32Array(n).fill(2)];
    const x = tf.tidy(() => tf.sub(tf.randomUniform([rows, columns]), 0.5));
    const [y, row] = [tf.add(x, 1), tf.ones([columns])];
    // bytes read and written per element
    const cases: Record<string, [number, () => tf.Tensor]> = {
      add: [12, () => tf.add(x, y)],
      "add a row": [8, () => tf.add(x, row)],
      relu: [8, () => tf.relu(x)],
      exp: [8, () => tf.exp(x)],
      sigmoid: [8, () => tf.sigmoid(x)],
      tanh: [8, () => tf.tanh(x)],
      "sum of all": [4, () => tf.sum(x)],
      "sum of columns": [4, () => tf.sum(x, 0)],
      softmax: [8, () => tf.softmax(x)],
      transpose: [8, () => tf.transpose(x)],
    };
    const samples: Record<string, number[]> = { copy: sampleRate(8 * n, runs, () => to.set(from)) };
    for (const [name, [bytes, op]] of Object.entries(cases)) {
      samples[name] = sampleRate(bytes * n, runs, () => op().dispose());
    }
    return { samples, versions: await ourVersions() };
  },
});
