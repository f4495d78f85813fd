import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { setThreads, threads } from "../addon.ts";
import "../index.ts";

async function on(backend: string, run: () => tf.Tensor): Promise<number[]> {
  const outer = tf.getBackend();
  await tf.setBackend(backend);
  try {
    return Array.from(tf.tidy(run).dataSync());
  } finally {
    await tf.setBackend(outer);
  }
}

describe("bincount", () => {
  test("counts and sums as plain JS does", async () => {
    const law = fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 50 }),
      fc.integer({ min: 0, max: 10 }),
      fc.constantFrom("float32" as const, "int32" as const),
      fc.boolean(),
      async (values, size, dtype, hasWeights) => {
        const run = () => {
          const weights = hasWeights
            ? tf.tensor1d(
                values.map((_, i) => i % 7),
                dtype,
              )
            : tf.tensor1d([], dtype);
          return tf.bincount(tf.tensor1d(values, "int32"), weights, size);
        };
        expect(await on("native", run)).toEqual(await on("cpu", run));
      },
    );
    await fc.assert(law, { numRuns: 60 });
  });

  test("many numbers give the same on any number of threads", async () => {
    const values = Int32Array.from({ length: 300_001 }, (_, i) => (i * 7919) % 41);
    const run = () => tf.bincount(tf.tensor1d(values, "int32"), tf.tensor1d([], "float32"), 40);
    const before = threads();
    const expected = Array.from({ length: 40 }, (_, k) => values.filter((v) => v === k).length);
    for (const count of [1, 3]) {
      setThreads(count);
      expect(await on("native", run)).toEqual(expected);
    }
    setThreads(before);
  });

  test("refuses negative numbers, and leaves nothing behind", async () => {
    const before = tf.memory().numTensors;
    const run = () => tf.bincount(tf.tensor1d([1, -1], "int32"), tf.tensor1d([], "float32"), 3);
    await expect(on("native", run)).rejects.toThrow("non-negative");
    expect(tf.memory().numTensors).toBe(before);
  });
});
