/** A tensor of more than 2 GiB, if memory allows, and one of a size that no machine has. */
import { freemem } from "node:os";
import { useBackend } from "@layerwise/core";
import * as tf from "@tensorflow/tfjs-core";

await useBackend("native");
const length = 2 ** 29 + 3; // floats: just over 2 GiB
try {
  if (freemem() < 6 * 2 ** 30) throw new Error("out of memory: not tried");
  const x = tf.fill([length], 2);
  const last = tf.slice(x, [length - 3], [3]);
  console.log(JSON.stringify(Array.from(last.dataSync())));
  tf.dispose([x, last]);
} catch (error) {
  console.log(JSON.stringify((error as Error).message));
}
try {
  tf.fill([2 ** 20, 2 ** 30], 0);
} catch (error) {
  console.log(JSON.stringify((error as Error).message));
}
console.log(tf.add(1, 2).dataSync()[0]);
