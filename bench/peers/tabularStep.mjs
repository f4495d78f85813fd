// The same model in tfjs' own layers, trained by `model.fit`. tfjs' WebAssembly backend has no gradient of an
// embedding, so the one in plain JavaScript is what a user of tfjs alone can train it on without native packages.
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { job, registerGradients, report } from "./peer.mjs";

const { bs, sizes, widths, conts, hidden, steps, passes } = job.params;
await registerGradients();
await tf.setBackend("cpu");

function tableModel() {
  const cats = sizes.map(() => layers.input({ shape: [1], dtype: "int32" }));
  const numbers = layers.input({ shape: [conts] });
  const vectors = cats.map((ids, i) => {
    const embed = layers.layers.embedding({ inputDim: sizes[i], outputDim: widths[i] });
    return layers.layers.flatten().apply(embed.apply(ids));
  });
  let x = layers.layers.concatenate().apply([...vectors, layers.layers.batchNormalization().apply(numbers)]);
  for (const units of hidden) {
    x = layers.layers.dense({ units, useBias: false, activation: "relu" }).apply(x);
    x = layers.layers.batchNormalization().apply(x);
  }
  const outputs = layers.layers.dense({ units: 2, activation: "softmax" }).apply(x);
  return layers.model({ inputs: [...cats, numbers], outputs });
}

const model = tableModel();
model.compile({ optimizer: tf.train.adam(1e-3, 0.9, 0.99, 1e-5), loss: "sparseCategoricalCrossentropy" });
const rows = bs * steps;
const xs = [
  ...sizes.map((size) => tf.cast(tf.randomUniformInt([rows, 1], 0, size), "int32")),
  tf.randomNormal([rows, conts]),
];
const ys = tf.cast(tf.randomUniformInt([rows, 1], 0, 2), "float32");

const samples = [];
for (let pass = 0; pass <= passes; pass++) {
  const start = performance.now();
  await model.fit(xs, ys, { batchSize: bs, epochs: 1, shuffle: false, verbose: 0 });
  samples.push((performance.now() - start) / steps);
}
report({ tabularStep: samples.slice(1) }, { backend: tf.getBackend() });
