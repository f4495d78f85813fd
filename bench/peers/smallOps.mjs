// The same ops on tfjs' own backends, plain JavaScript and WebAssembly.
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { job, report } from "./peer.mjs";

const { calls, batches } = job.params;
await tf.setBackend(job.peer === "tfjsWasm" ? "wasm" : "cpu");

function sampleOp(op) {
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

const [a, b, rows] = [tf.tensor1d([1, 2, 3, 4]), tf.tensor1d([5, 6, 7, 8]), tf.ones([3, 4])];
report({
  add: sampleOp(() => tf.add(a, b)),
  "add a row": sampleOp(() => tf.add(rows, b)),
  exp: sampleOp(() => tf.exp(a)),
  "sum of rows": sampleOp(() => tf.sum(rows, 1)),
  reshape: sampleOp(() => tf.reshape(rows, [4, 3])),
});
