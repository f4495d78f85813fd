import * as tf from "@tensorflow/tfjs-core";
import { afterAll, describe, expect, test } from "vitest";
import { OptionError, StateError } from "../errors.ts";
import { batchNormTrain, softmaxCrossEntropy } from "../fused/index.ts";
import { backendInfo, useBackend } from "./index.ts";

afterAll(async () => {
  await useBackend("cpu");
});

describe("useBackend", () => {
  test("names what runs, and picks once", async () => {
    const info = await useBackend("cpu");
    expect(info).toMatch(/^cpu \(plain JS\), tfjs 4/);
    expect(backendInfo()).toBe(info);
    expect(await useBackend()).toBe(info);
  });

  test("an unknown name is an error that lists the known ones", async () => {
    const error = await useBackend("cuda" as "cpu").catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OptionError);
    expect((error as OptionError).expected).toContain("tfjs-node-gpu, tfjs-node, native, wasm, cpu, webgpu");
  });

  test("a named backend that is not installed is an error with the install line and the cause", async () => {
    const error = (await useBackend("webgpu").catch((e: unknown) => e)) as StateError;
    expect(error).toBeInstanceOf(StateError);
    expect(error.fix).toContain("npm install @tensorflow/tfjs-backend-webgpu");
    expect(error.cause).toBeInstanceOf(Error);
  });

  test("after an error the backend that ran still runs", async () => {
    await useBackend("cpu");
    await useBackend("cuda" as "cpu").catch(() => undefined);
    expect(tf.getBackend()).toBe("cpu");
    expect(await useBackend()).toBe(backendInfo());
  });
});

describe("changing backends by name", () => {
  test("goes back and forth, tensors included", async () => {
    await useBackend("wasm");
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    await useBackend("cpu");
    await useBackend("wasm");
    tf.tidy(() => {
      expect(tf.sum(x, 1)).toBeAllclose([3, 7]);
      expect(tf.sum(x, 0)).toBeAllclose([4, 6]);
      expect(tf.matMul(x, x)).toBeAllclose([7, 10, 15, 22]);
    });
    x.dispose();
  });
});

describe("training on WebAssembly", () => {
  test("keeps tensors and heap flat over 500 steps", async () => {
    await useBackend("wasm");
    const x = tf.randomNormal([16, 8, 8, 1]) as tf.Tensor4D;
    const y = tf.tensor1d(
      Array.from({ length: 16 }, (_, i) => i % 3),
      "int32",
    );
    const weights = [tf.randomNormal([3, 3, 1, 8]), tf.randomNormal([3, 3, 8, 9]), tf.randomNormal([36, 3])].map((w) =>
      tf.variable(tf.mul(w, 0.2)),
    );
    const [a, b, c] = weights as [tf.Variable, tf.Variable, tf.Variable];
    const loss = () => {
      let h: tf.Tensor = x;
      for (const w of [a, b]) {
        const z = tf.conv2d(h as tf.Tensor4D, w as unknown as tf.Tensor4D, 2, "same");
        h = tf.relu(batchNormTrain(z, null, null, 1e-5).y);
      }
      const logits = tf.matMul(tf.reshape(h, [16, 36]), c as unknown as tf.Tensor2D);
      return tf.mean(softmaxCrossEntropy(logits, y)) as tf.Scalar;
    };
    const step = (): tf.Scalar => {
      const { value, grads } = tf.variableGrads(loss, weights);
      for (const w of weights) {
        const next = tf.tidy(() => tf.sub(w, tf.mul(grads[w.name]!, 0.05)));
        w.assign(next);
        next.dispose();
      }
      tf.dispose(grads);
      return value;
    };
    const heap = () => (tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm.HEAPU8.byteLength;
    const first = step().dataSync()[0]!;
    for (let i = 0; i < 20; i++) step().dispose();
    const [tensors, bytes] = [tf.memory().numTensors, heap()];
    for (let i = 0; i < 500; i++) step().dispose();
    expect(tf.memory().numTensors).toBe(tensors);
    expect(heap()).toBe(bytes);
    expect(step().dataSync()[0]!).toBeLessThan(first / 3);
  });
});
