import "@layerwise/core";
import { gru, lstm } from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, test } from "vitest";
import { expectSame, expectSameBits, numbers } from "./backends.ts";

interface Sizes {
  batch: number;
  steps: number;
  inputs: number;
  width: number;
  hasBias: boolean;
}

const sizes: fc.Arbitrary<Sizes> = fc.record({
  batch: fc.integer({ min: 1, max: 9 }),
  steps: fc.integer({ min: 1, max: 6 }),
  inputs: fc.integer({ min: 1, max: 20 }),
  width: fc.constantFrom(1, 3, 8, 16, 17, 33),
  hasBias: fc.boolean(),
});

/** All results, then the gradients of their weighted sum by all inputs. */
function run(gateCount: 3 | 4, { batch, steps, inputs, width, hasBias }: Sizes): tf.Tensor[] {
  const wide = gateCount * width;
  const shapes = [
    [batch, steps, inputs],
    [batch, width],
    [inputs, wide],
    [width, wide],
  ];
  if (gateCount === 4) shapes.push([batch, width]);
  if (hasBias) shapes.push([wide], [wide]);
  const f = (...given: tf.Tensor[]): tf.Tensor[] => {
    const [x, h0, wIh, wHh, ...rest] = given as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, ...tf.Tensor[]];
    const c0 = gateCount === 4 ? rest.shift() : undefined;
    const [bIh = null, bHh = null] = rest;
    const made = c0 ? lstm(x, h0, c0, wIh, wHh, bIh, bHh) : gru(x, h0, wIh, wHh, bIh, bHh);
    return Object.values(made);
  };
  const given = shapes.map((shape, i) => numbers(shape, i + 1));
  const weighted = (...xs: tf.Tensor[]) => tf.addN(f(...xs).map((y, i) => tf.sum(tf.mul(y, numbers(y.shape, i + 50)))));
  return [...f(...given), ...tf.grads(weighted)(given)];
}

describe.each([
  ["lstm", 4],
  ["gru", 3],
] as const)("%s", (_, gateCount) => {
  test("does what its definition does, backward too", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, (given) => expectSame(() => run(gateCount, given), { rtol: 1e-3, atol: 2e-5 })),
      { numRuns: 25 },
    );
  });

  test("has the same bits on any number of threads", () =>
    expectSameBits(() => run(gateCount, { batch: 33, steps: 5, inputs: 40, width: 300, hasBias: true })));
});
