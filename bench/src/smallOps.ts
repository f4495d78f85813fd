import { useBackend } from "@layerwise/core";
import * as tf from "@tensorflow/tfjs-core";
import { defineBenchmark } from "./harness/benchmark.ts";
import { ourVersions } from "./harness/versions.ts";

/** Microseconds per call of `op`, from batches of calls in one tidy, as a model makes them. */
function sampleOp(op: () => tf.Tensor, calls: number, batches: number): number[] {
  const batch = () =>
    tf.tidy(() => {
      for (let i = 0; i < calls; i++) op();
    });
  batch();
  return Array.from({ length: batches }, () => {
    const start = performance.now();
    batch();
    return ((performance.now() - start) / calls) * 1000;
  });
}

export default defineBenchmark({
  name: "smallOps",
  about: "What an op on a few numbers costs: all of it is bookkeeping",
  unit: "µs",
  better: "less",
  peers: { pytorch: "smallOps.py", tfjsCpu: "smallOps.mjs", tfjsWasm: "smallOps.mjs" },
  params: (scale) => ({ calls: scale === "quick" ? 100 : 1000, batches: scale === "quick" ? 5 : 100 }),
  async ours({ params: { calls, batches } }) {
    await useBackend();
    const [a, b, rows] = [tf.tensor1d([1, 2, 3, 4]), tf.tensor1d([5, 6, 7, 8]), tf.ones([3, 4])];
    const cases: Record<string, () => tf.Tensor> = {
      add: () => tf.add(a, b),
      "add a row": () => tf.add(rows, b),
      exp: () => tf.exp(a),
      "sum of rows": () => tf.sum(rows, 1),
      reshape: () => tf.reshape(rows, [4, 3]),
    };
    const samples = Object.entries(cases).map(([name, op]) => [name, sampleOp(op, calls, batches)]);
    return { samples: Object.fromEntries(samples), versions: await ourVersions() };
  },
});
