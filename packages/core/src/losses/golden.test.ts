import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { lossFromConfig } from "./lossRegistry.ts";

interface GoldenCase {
  loss: string;
  args: Record<string, unknown>;
  shape: number[];
  pred: number[];
  targetShape: number[];
  target: number[];
  value: number[];
  grad: number[];
  activation?: number[];
  decodes?: number[];
}

const file = new URL("../../test/golden/losses.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: GoldenCase[] };
const table = cases.map((c, i): [string, GoldenCase] => [`${i} ${c.loss} ${JSON.stringify(c.args)}`, c]);

describe("losses give fastai's value, gradient, activation and decodes", () => {
  test.each(table)("%s", (_, golden) => {
    const loss = lossFromConfig({ name: golden.loss, args: golden.args });
    const pred = tf.tensor(golden.pred, golden.shape);
    const dtype = golden.target.every(Number.isInteger) ? "int32" : "float32";
    const target = tf.tensor(golden.target, golden.targetShape, dtype);
    const before = tf.memory().numTensors;
    const { value, grad } = tf.tidy(() => {
      const value = loss.call(pred, target);
      const weighted = (x: tf.Tensor) => {
        const losses = loss.call(x, target);
        const ramp = tf.tensor(
          Array.from({ length: losses.size }, (_, i) => (i + 1) / losses.size),
          losses.shape,
        );
        return tf.sum(tf.mul(losses, ramp)) as tf.Scalar;
      };
      return { value, grad: tf.grad(weighted)(pred) };
    });
    loss.dispose();
    expect(tf.memory().numTensors).toBe(before + 2);
    expect(value).toBeAllclose(golden.value, { rtol: 1e-5, atol: 1e-6 });
    expect(grad).toBeAllclose(golden.grad, { rtol: 1e-5, atol: 1e-6 });
    if (golden.activation === undefined) return;
    const activated = loss.activation(pred);
    expect(activated).toBeAllclose(golden.activation, { rtol: 1e-5, atol: 1e-7 });
    expect(loss.decodes(activated)).toBeAllclose(golden.decodes!);
  });
});
