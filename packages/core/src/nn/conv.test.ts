import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ShapeError } from "../errors.ts";
import { Rng } from "../random.ts";
import * as nn from "./index.ts";

const random = new Rng(3);
const values = (shape: number[]) =>
  tf.tensor(
    Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal()),
    shape,
  );

/** Convolution by its definition, for one picture and one group. */
function reference(x: number[][][], w: number[][][][], stride: number, padding: number, dilation: number): number[] {
  const [height, width] = [x.length, x[0]!.length];
  const kernel = w.length;
  const out = (size: number) => Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
  const y: number[] = [];
  for (let row = 0; row < out(height); row++) {
    for (let column = 0; column < out(width); column++) {
      for (let o = 0; o < w[0]![0]![0]!.length; o++) {
        let sum = 0;
        for (let i = 0; i < kernel; i++) {
          for (let j = 0; j < kernel; j++) {
            const pixel = x[row * stride + i * dilation - padding]?.[column * stride + j * dilation - padding];
            pixel?.forEach((v, c) => {
              sum += v * w[i]![j]![c]![o]!;
            });
          }
        }
        y.push(sum);
      }
    }
  }
  return y;
}

const settings = fc.record({
  height: fc.integer({ min: 1, max: 8 }),
  width: fc.integer({ min: 1, max: 8 }),
  kernel: fc.integer({ min: 1, max: 3 }),
  stride: fc.integer({ min: 1, max: 3 }),
  padding: fc.integer({ min: 0, max: 2 }),
  dilation: fc.integer({ min: 1, max: 3 }),
});

describe("Conv2d", () => {
  test("is the definition of a convolution, for odd sizes too", () => {
    const law = fc.property(settings, ({ height, width, kernel, stride, padding, dilation }) => {
      fc.pre(Math.min(height, width) + 2 * padding >= dilation * (kernel - 1) + 1);
      const conv = new nn.Conv2d(2, 3, { kernelSize: kernel, stride, padding, dilation, bias: false });
      const x = values([1, height, width, 2]);
      const y = conv.call(x);
      const picture = (x.arraySync() as number[][][][])[0]!;
      const wanted = reference(picture, conv.weight.value.arraySync() as number[][][][], stride, padding, dilation);
      expect(y).toBeAllclose(wanted, { rtol: 1e-4, atol: 1e-5 });
      tf.dispose([x, y]);
      conv.dispose();
    });
    fc.assert(law, { numRuns: 60 });
  });

  test.each([
    [64, 2],
    [32, 8],
    [96, 12],
  ])("of %d channels in %d groups is a convolution per group", (channels, groups) => {
    const conv = new nn.Conv2d(channels, channels / 2, { kernelSize: 3, padding: 1, groups });
    tf.tidy(() => {
      const x = values([1, 4, 3, channels]);
      const filters = tf.split(conv.weight.value, groups, 3) as tf.Tensor4D[];
      const parts = (tf.split(x, groups, 3) as tf.Tensor4D[]).map((part, i) => tf.conv2d(part, filters[i]!, 1, "same"));
      const wanted = tf.add(tf.concat(parts, 3), conv.bias!.value);
      expect(conv.call(x)).toBeAllclose(wanted, { rtol: 1e-4, atol: 1e-5 });
    });
    conv.dispose();
  });

  test("says which channels it wants", () => {
    const model = new nn.Sequential(new nn.Identity(), new nn.Identity(), new nn.Conv2d(3, 4, { kernelSize: 3 }));
    const x = tf.zeros([32, 28, 28, 1]);
    expect(() => model.call(x)).toThrow(ShapeError);
    expect(() => model.call(x)).toThrow("2 (Conv2d): got input [32, 28, 28, 1]; expected 3 channels.");
    const tiny = tf.zeros([1, 2, 2, 3]);
    expect(() => model.call(tiny)).toThrow(/expected at least 3 pixels of height/);
    tf.dispose([x, tiny]);
    model.dispose();
  });
});

/** Largest difference between the gradient and central differences of `loss` at a few places of `x`. */
function gradientError(loss: (x: tf.Tensor) => tf.Scalar, x: tf.Tensor): number {
  const step = 1e-2;
  const gradient = tf.grad(loss)(x).dataSync();
  const at = Array.from({ length: 6 }, () => random.integer(0, x.size));
  const errors = at.map((i) => {
    const shifted = (by: number) =>
      tf.tidy(() => {
        const moved = Float32Array.from(x.dataSync());
        moved[i]! += by;
        return loss(tf.tensor(moved, x.shape)).dataSync()[0]!;
      });
    const slope = (shifted(step) - shifted(-step)) / (2 * step);
    return Math.abs(slope - gradient[i]!) / Math.max(1, Math.abs(slope));
  });
  return Math.max(...errors);
}

describe("gradients agree with finite differences", () => {
  test.each([
    ["Conv2d", () => new nn.Conv2d(4, 3, { kernelSize: 3, stride: 2, padding: 1 }), [2, 5, 6, 4]],
    ["dilated Conv2d", () => new nn.Conv2d(4, 3, { kernelSize: 2, dilation: 3, padding: 2 }), [2, 5, 6, 4]],
    ["grouped Conv2d", () => new nn.Conv2d(4, 4, { kernelSize: 3, groups: 2, padding: 1 }), [2, 5, 6, 4]],
    ["Conv2d in wide groups", () => new nn.Conv2d(64, 4, { kernelSize: 2, groups: 2 }), [1, 3, 3, 64]],
    ["ConvTranspose2d", () => new nn.ConvTranspose2d(4, 3, { kernelSize: 3, stride: 2 }), [2, 4, 3, 4]],
    ["BatchNorm2d", () => new nn.BatchNorm2d(4), [3, 4, 4, 4]],
    ["BatchNorm2d in eval mode", () => new nn.BatchNorm2d(4).eval(), [3, 4, 4, 4]],
    ["GroupNorm", () => new nn.GroupNorm(2, 4), [3, 4, 4, 4]],
    ["MultiHeadAttention", () => new nn.MultiHeadAttention(4, 2), [2, 5, 4]],
    ["SelfAttention", () => Object.assign(new nn.SelfAttention(8).eval()), [1, 3, 3, 8]],
    ["Mish", () => new nn.Mish(), [3, 5]],
    ["GELU", () => new nn.GELU(), [3, 5]],
  ] as [string, () => nn.AnyModule, number[]][])("%s", (_, make, shape) => {
    const model = make();
    tf.tidy(() => {
      const x = values(shape);
      const weights = values(tf.tidy(() => (model.call(x) as tf.Tensor).shape));
      const loss = (input: tf.Tensor) => tf.sum(tf.mul(model.call(input) as tf.Tensor, weights)) as tf.Scalar;
      expect(gradientError(loss, x)).toBeLessThan(1e-2);
    });
    model.dispose();
  });
});

describe("pooling", () => {
  test("has PyTorch's number of windows, and never lets padding win or a window be empty", () => {
    const law = fc.property(settings, fc.boolean(), ({ height, width, kernel, stride, padding }, ceilMode) => {
      fc.pre(padding * 2 <= kernel && Math.min(height, width) + 2 * padding >= kernel);
      const x = tf.sub(values([1, height, width, 1]), 100);
      const y = new nn.MaxPool2d(kernel, { stride, padding, ceilMode }).call(x);
      const mean = new nn.AvgPool2d(kernel, { stride, padding, ceilMode, countIncludePad: false }).call(x);
      const count = (size: number) => {
        const steps = (size + 2 * padding - kernel) / stride;
        const out = (ceilMode ? Math.ceil(steps) : Math.floor(steps)) + 1;
        return ceilMode && (out - 1) * stride >= size + padding ? out - 1 : out;
      };
      expect(y.shape).toEqual([1, count(height), count(width), 1]);
      for (const v of [...y.dataSync(), ...mean.dataSync()]) expect(v).toBeLessThan(-90);
      tf.dispose([x, y, mean]);
    });
    fc.assert(law, { numRuns: 60 });
  });
});
