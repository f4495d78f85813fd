import "@layerwise/core";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectSame, expectSameBits, numbers, on } from "./backends.ts";

type Pad = "same" | "valid" | [[0, 0], [number, number], [number, number], [0, 0]];

interface Case {
  batch?: number;
  size: [number, number];
  channels: [number, number];
  filter: [number, number];
  strides: [number, number];
  pad: Pad;
}

const tolerance = { rtol: 1e-4, atol: 1e-4 };
const some = (min: number, max: number) => fc.integer({ min, max });
const pad: fc.Arbitrary<Pad> = fc.oneof(
  fc.constantFrom("same" as const, "valid" as const),
  fc.tuple(some(0, 2), some(0, 2), some(0, 2), some(0, 2)).map(
    ([a, b, c, d]): Pad => [
      [0, 0],
      [a, b],
      [c, d],
      [0, 0],
    ],
  ),
);
const channels = fc.constantFrom(1, 3, 7, 15, 16, 17, 33);
const cases: fc.Arbitrary<Case> = fc.record({
  batch: some(0, 3),
  size: fc.tuple(some(4, 10), some(4, 10)),
  channels: fc.tuple(channels, channels),
  filter: fc.tuple(some(1, 4), some(1, 4)),
  strides: fc.tuple(some(1, 3), some(1, 3)),
  pad,
});

function explicit(pad: Pad): "floor" | undefined {
  return typeof pad === "string" ? undefined : "floor";
}

/** The result and both gradients. */
function convolved({ batch = 2, size, channels: [i, o], filter, strides, pad }: Case, depthwise = false): tf.Tensor[] {
  const [x, w] = [numbers([batch, ...size, i]), numbers([...filter, i, o], 2)];
  const f = (x: tf.Tensor, w: tf.Tensor): tf.Tensor => {
    const run = depthwise ? tf.depthwiseConv2d : tf.conv2d;
    return run(x as tf.Tensor4D, w as tf.Tensor4D, strides, pad, "NHWC", 1 as never, explicit(pad));
  };
  const y = f(x, w);
  return [y, ...tf.grads(f)([x, w], numbers(y.shape, 3))];
}

/** Many channels and tiles, whose sizes 4 does not divide. */
const large: Case = {
  batch: 2,
  size: [13, 14],
  channels: [33, 35],
  filter: [3, 3],
  strides: [1, 1],
  pad: "same",
};

describe("conv2d and its gradients", () => {
  test("do what plain JS does, whatever the sizes, strides and padding", async () => {
    await fc.assert(
      fc.asyncProperty(cases, (c) => expectSame(() => convolved(c), tolerance)),
      { numRuns: 80 },
    );
  });

  test.each([
    ["same", large],
    ["valid", { ...large, pad: "valid" }],
    [
      "uneven padding",
      {
        ...large,
        pad: [
          [0, 0],
          [2, 0],
          [0, 1],
          [0, 0],
        ],
      },
    ],
    [
      "more padding than the filter reaches",
      {
        ...large,
        pad: [
          [0, 0],
          [3, 4],
          [4, 3],
          [0, 0],
        ],
      },
    ],
    ["two vectors of channels", { ...large, channels: [32, 48] }],
    ["a batch of 40 small pictures", { ...large, batch: 32, size: [4, 3] }],
  ] as [string, Case][])("use fewer multiplications for 3x3 filters: %s", async (_, c) => {
    await expectSame(() => convolved(c), tolerance);
  });

  test("with fewer multiplications are as precise as stated", async () => {
    const c: Case = { ...large, channels: [48, 32] };
    const [want, got] = [await on("cpu", () => convolved(c)), await on("native", () => convolved(c))];
    for (const [i, values] of want.entries()) {
      const rms = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
      const largest = values.reduce((max, v, j) => Math.max(max, Math.abs(v - got[i]![j]!)), 0);
      expect(largest / rms).toBeLessThan(2e-5);
    }
  });

  test.each([
    ["a stride beyond the filter", { ...large, filter: [1, 1], strides: [2, 3] }],
    ["a plain product", { ...large, filter: [1, 1] }],
    ["few channels", { ...large, channels: [3, 64], filter: [7, 7], strides: [2, 2] }],
  ] as [string, Case][])("handle %s", async (_, c) => {
    await expectSame(() => convolved(c), tolerance);
  });

  test("give the same bits on any number of threads", async () => {
    await expectSameBits(() => convolved({ ...large, batch: 8 }));
    await expectSameBits(() => convolved({ ...large, batch: 8, strides: [2, 2] }));
    await expectSameBits(() => convolved({ ...large, batch: 8, channels: [3, 40], filter: [5, 5] }));
    await expectSameBits(() => convolved({ ...large, batch: 8, channels: [40, 1] }, true));
  });

  test("take a batch whose places are many", async () => {
    const tall: Case = { ...large, batch: 900, size: [9, 9], channels: [2, 3], strides: [1, 1] };
    await expectSame(() => convolved(tall), { rtol: 1e-4, atol: 1e-3 });
  });

  test("see dilated filters", async () => {
    const dilated = (c: number) =>
      tf.conv2d(
        numbers([2, 12, 11, c]) as tf.Tensor4D,
        numbers([3, 3, c, 9], 2) as tf.Tensor4D,
        1,
        "same",
        "NHWC",
        [2, 3],
      );
    await expectSame(() => [dilated(3), dilated(20)], tolerance);
  });

  test("leave channels-first pictures to plain JS", async () => {
    const x = () => numbers([2, 3, 8, 9]) as tf.Tensor4D;
    const w = () => numbers([3, 3, 3, 5], 2) as tf.Tensor4D;
    await expectSame(() => [tf.conv2d(x(), w(), 1, "valid", "NCHW")], tolerance);
  });
});

describe("fused conv2d", () => {
  test.each(["relu", "relu6", "elu", "leakyrelu", "sigmoid", "prelu", "linear"])(
    "applies bias and %s",
    async (name) => {
      const run = (inputs: number, outputs: number) => ({
        x: numbers([2, 13, 14, inputs]) as tf.Tensor4D,
        filter: numbers([3, 3, inputs, outputs], 2) as tf.Tensor4D,
        bias: numbers([35], 3),
        strides: 1 as const,
        pad: "same" as const,
        activation: name as "relu",
        leakyreluAlpha: 0.2,
        ...(name === "prelu" ? { preluActivationWeights: numbers([35], 4) } : {}),
      });
      const convolutions = () => [tf.fused.conv2d(run(33, 35)), tf.fused.conv2d(run(5, 35))];
      await expectSame(() => [...convolutions(), tf.fused.depthwiseConv2d(run(35, 1))], tolerance);
    },
  );
});

describe("depthwiseConv2d and its gradients", () => {
  test("do what plain JS does, with one filter per channel or more", async () => {
    const depthwise = fc.record({
      batch: some(1, 3),
      size: fc.tuple(some(4, 9), some(4, 9)),
      channels: fc.tuple(channels, some(1, 3)),
      filter: fc.tuple(some(1, 3), some(1, 3)),
      strides: some(1, 2).map((s): [number, number] => [s, s]),
      pad,
    });
    await fc.assert(
      fc.asyncProperty(depthwise, (c) => expectSame(() => convolved(c, true), tolerance)),
      { numRuns: 60 },
    );
  });
});
