import * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { setThreads, threads } from "../src/index.ts";

/** Values of what `make` returns, computed on one backend. */
export async function on(backend: "cpu" | "native", make: () => tf.Tensor[]): Promise<Float32Array[]> {
  const outer = tf.getBackend();
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  let values: Float32Array[] = [];
  tf.tidy(() => {
    values = make().map((t) => t.dataSync() as Float32Array); // returned from here, tidy would look at every number
  });
  expect(tf.memory().numTensors).toBe(before);
  await tf.setBackend(outer);
  return values;
}

/** Holds the native kernels to what plain JS computes, from tensors that `make` creates itself. */
export async function expectSame(make: () => tf.Tensor[], tolerance: { rtol: number; atol: number }): Promise<void> {
  const [want, got] = [await on("cpu", make), await on("native", make)];
  for (const [i, values] of got.entries()) expect(values).toBeAllclose(want[i]!, tolerance);
}

/** Holds any number of threads to the bits of one. */
export async function expectSameBits(make: () => tf.Tensor[]): Promise<void> {
  const before = threads();
  setThreads(1);
  const want = await on("native", make);
  setThreads(3);
  for (const [i, values] of (await on("native", make)).entries()) {
    expect(Buffer.from(values.buffer).equals(Buffer.from(want[i]!.buffer)), `output ${i}`).toBe(true);
  }
  setThreads(before);
}

/** Numbers between -1 and 1 that look random and are the same every time. */
export function numbers(shape: number[], seed = 1): tf.Tensor {
  const values = new Float32Array(tf.util.sizeFromShape(shape));
  let state = (seed * 2654435761) | 0;
  for (let i = 0; i < values.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    values[i] = state / 2 ** 31;
  }
  return tf.tensor(values, shape);
}

/** The same as whole numbers from 0 to `below` - 1. */
export function wholeNumbers(shape: number[], below: number, seed = 1): tf.Tensor {
  return tf.tidy(() => tf.cast(tf.floor(tf.mul(tf.add(numbers(shape, seed), 1), below / 2)), "int32"));
}
