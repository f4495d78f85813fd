import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { useBackend } from "../index.ts";

beforeAll(async () => {
  await useBackend("cpu");
  await useBackend("wasm");
});
afterAll(async () => {
  await useBackend("cpu");
});

/** What `f` gives on plain JS and on WebAssembly. */
async function both(f: () => tf.Tensor[]): Promise<[number[][], number[][]]> {
  const results: number[][][] = [];
  for (const name of ["cpu", "wasm"]) {
    await tf.setBackend(name);
    results.push(tf.tidy(() => f().map((t) => Array.from(t.dataSync()))));
  }
  return results as [number[][], number[][]];
}

async function expectSame(f: () => tf.Tensor[]): Promise<void> {
  const [cpu, wasm] = await both(f);
  for (const [i, numbers] of wasm.entries()) expect(numbers).toBeAllclose(cpu[i]!, { rtol: 1e-4, atol: 1e-4 });
}

/** Numbers that look random and are the same on both backends. */
function noise(shape: number[], seed = 1): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin((i + 1) * 12.9898 * seed) * 2),
    shape,
  );
}

const size = fc.integer({ min: 1, max: 20 });
const pads = fc.oneof(
  fc.constantFrom<"same" | "valid">("same", "valid"),
  fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
);

test("whole numbers become the nearest floats, however many", () => {
  for (const count of [0, 1, 3, 4, 9]) {
    tf.tidy(() => {
      const values = [0, -1, 255, 2 ** 31 - 1, -(2 ** 31), 16_777_217, 7, -8, 9].slice(0, count);
      const floats = tf.cast(tf.tensor1d(values, "int32"), "float32");
      expect([floats.dtype, Array.from(floats.dataSync())]).toEqual(["float32", values.map(Math.fround)]);
    });
  }
  tf.tidy(() => {
    expect(tf.cast(tf.tensor1d([true, false], "bool"), "float32")).toBeAllclose([1, 0]);
  });
});

describe("matrix products", () => {
  test("agree with plain JS for every transposition and shape", async () => {
    const law = fc.asyncProperty(fc.nat(20), size, fc.nat(20), fc.boolean(), fc.boolean(), async (m, k, n, ta, tb) => {
      await expectSame(() => [tf.matMul(noise(ta ? [k, m] : [m, k]), noise(tb ? [n, k] : [k, n], 2), ta, tb)]);
    });
    await fc.assert(law, { numRuns: 80 });
  });

  test("broadcast batches as copies would", () => {
    tf.tidy(() => {
      const [a, b] = [noise([3, 1, 4, 5]), noise([2, 5, 6], 2)];
      const copies = tf.matMul(tf.tile(a, [1, 2, 1, 1]), tf.tile(tf.expandDims(b, 0), [3, 1, 1, 1]));
      expect(tf.matMul(a, b)).toBeAllclose(copies);
    });
  });

  test("agree with plain JS where samples lie far apart", async () => {
    await expectSame(() => [tf.matMul(noise([70, 523]), noise([70, 9], 2), true)]);
  });
});

describe("convolutions", () => {
  test("and their gradients agree with plain JS for odd shapes", async () => {
    const shapes = fc.record({
      n: fc.integer({ min: 1, max: 3 }),
      h: fc.integer({ min: 1, max: 9 }),
      w: fc.integer({ min: 1, max: 9 }),
      c: fc.integer({ min: 1, max: 13 }),
      o: fc.integer({ min: 1, max: 18 }),
      kh: fc.integer({ min: 1, max: 4 }),
      kw: fc.integer({ min: 1, max: 4 }),
      stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      pad: pads,
    });
    const law = fc.asyncProperty(shapes, async ({ n, h, w, c, o, kh, kw, stride, pad }) => {
      const explicit = typeof pad !== "string";
      const room = explicit ? [h + pad[0] + pad[1], w + pad[2] + pad[3]] : [h, w];
      fc.pre(pad === "same" || (room[0]! >= kh && room[1]! >= kw));
      const padding = explicit
        ? ([
            [0, 0],
            [pad[0], pad[1]],
            [pad[2], pad[3]],
            [0, 0],
          ] as const)
        : pad;
      const f = (x: tf.Tensor, k: tf.Tensor) =>
        tf.conv2d(x as tf.Tensor4D, k as tf.Tensor4D, stride, padding as "same");
      await expectSame(() => {
        const [x, k] = [noise([n, h, w, c]), noise([kh, kw, c, o], 2)];
        const y = f(x, k);
        return [y, ...tf.grads(f)([x, k], noise(y.shape, 3))];
      });
    });
    await fc.assert(law, { numRuns: 60 });
  });

  test("agree with plain JS for dilated filters and enough pixels for several chunks", async () => {
    await expectSame(() => [
      tf.conv2d(noise([2, 9, 8, 9]) as tf.Tensor4D, noise([3, 2, 9, 5], 2) as tf.Tensor4D, 1, "same", "NHWC", [2, 3]),
    ]);
    for (const channels of [1, 8]) {
      const f = (x: tf.Tensor, k: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, k as tf.Tensor4D, 1, "same");
      await expectSame(() => {
        const [x, k] = [noise([2, 25, 25, channels]), noise([3, 3, channels, 9], 2)];
        return [f(x, k), ...tf.grads(f)([x, k], noise([2, 25, 25, 9], 3))];
      });
    }
  });

  test("an empty batch gives an empty result", () => {
    tf.tidy(() => {
      const y = tf.conv2d(tf.zeros([0, 5, 5, 2]) as tf.Tensor4D, tf.ones([3, 3, 2, 4]), 1, "same");
      expect(y.shape).toEqual([0, 5, 5, 4]);
    });
  });
});
