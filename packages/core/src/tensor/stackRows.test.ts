import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { useBackend } from "../backend/index.ts";
import { stackRows } from "./stackRows.ts";

describe.each(["cpu", "wasm"] as const)("stackRows on %s", (backend) => {
  beforeAll(() => useBackend(backend));
  afterAll(() => useBackend("cpu"));

  test.each(["float32", "int32", "bool"] as const)("keeps the numbers, as %s", (dtype) => {
    const rows = [0, 1, 2].map((k) =>
      Uint8Array.from({ length: 1500 }, (_, i) => (i + k) % (dtype === "bool" ? 2 : 251)),
    );
    const before = tf.memory().numTensors;
    const stacked = stackRows(rows, [30, 50], dtype);
    expect([stacked.shape, stacked.dtype]).toEqual([[3, 30, 50], dtype]);
    expect(Array.from(stacked.dataSync())).toEqual(rows.flatMap((row) => [...row]));
    expect(Array.from(tf.slice(stacked, [1, 0, 0], [1, 1, 3]).dataSync())).toEqual([...rows[1]!.subarray(0, 3)]);
    stacked.dispose();
    expect(tf.memory().numTensors).toBe(before + 1); // the slice above
  });

  test("takes scalars and nothing", () => {
    expect(Array.from(stackRows([Float32Array.of(1.5), Float32Array.of(-2)], [], "float32").dataSync())).toEqual([
      1.5, -2,
    ]);
    expect(stackRows([], [3], "float32").shape).toEqual([0, 3]);
  });
});
