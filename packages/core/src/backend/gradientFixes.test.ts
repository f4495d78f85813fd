import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";

type Op = (x: tf.Tensor) => tf.Tensor;

/** Gradient by central differences. Exact for linear and quadratic ops. */
function slopes(op: Op, x: tf.Tensor, dy: tf.Tensor, step = 0.25): number[] {
  return Array.from({ length: x.size }, (_, i) => {
    const moved = (by: number) => {
      const values = x.dataSync().slice();
      values[i]! += by;
      return tf.sum(tf.mul(op(tf.tensor(values, x.shape)), dy)).dataSync()[0]!;
    };
    return (moved(step) - moved(-step)) / (2 * step);
  });
}

const noise = (shape: number[], seed: number) =>
  tf.tensor(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin((i + 1) * seed)),
    shape,
  );
const image = (x: tf.Tensor) => x as tf.Tensor4D;

const rows: [name: string, shape: number[], op: Op][] = [
  ["resizeBilinear up", [2, 3, 4, 2], (x) => tf.image.resizeBilinear(image(x), [5, 7])],
  ["resizeBilinear, half pixels", [2, 3, 4, 2], (x) => tf.image.resizeBilinear(image(x), [7, 6], false, true)],
  ["resizeBilinear, corners", [2, 3, 4, 2], (x) => tf.image.resizeBilinear(image(x), [5, 5], true)],
  ["resizeBilinear down", [1, 6, 7, 1], (x) => tf.image.resizeBilinear(image(x), [3, 2], false, true)],
  ["resizeNearestNeighbor", [2, 3, 4, 2], (x) => tf.image.resizeNearestNeighbor(image(x), [6, 8])],
  [
    "resizeNearestNeighbor, half pixels",
    [1, 3, 4, 2],
    (x) => tf.image.resizeNearestNeighbor(image(x), [5, 7], false, true),
  ],
  [
    "conv2d, dilated, by x",
    [2, 6, 5, 2],
    (x) => tf.conv2d(image(x), image(noise([3, 2, 2, 3], 1.7)), 1, "same", "NHWC", [2, 3]),
  ],
  [
    "conv2d, dilated, by filter",
    [3, 2, 2, 3],
    (w) => tf.conv2d(image(noise([2, 6, 5, 2], 2.3)), image(w), 1, "valid", "NHWC", [2, 1]),
  ],
  ["avgPool, padded", [2, 5, 4, 2], (x) => tf.avgPool(image(x), [3, 2], 2, "same")],
  ["unstack of one", [1, 3], (x) => tf.square(tf.unstack(x)[0]!)],
  ["split into one", [2, 3], (x) => tf.square(tf.split(x, 1, 1)[0]!)],
  ["squaredDifference, broadcast", [3], (x) => tf.squaredDifference(noise([4, 3], 1.3), x)],
];

describe("gradients in place of tfjs'", () => {
  test.each(rows)("%s agrees with finite differences", (_name, shape, op) => {
    tf.tidy(() => {
      const x = noise(shape, 0.9);
      const dy = noise(op(x).shape, 3.1);
      expect(tf.grad(op)(x, dy)).toBeAllclose(slopes(op, x, dy), { rtol: 1e-3, atol: 1e-4 });
    });
  });

  test("a comparison may depend on what the gradient is taken for", () => {
    tf.tidy(() => {
      const leaky: Op = (x) => tf.where(tf.greater(x, 0), x, tf.mul(x, 0.5));
      expect(tf.grad(leaky)(tf.tensor1d([-1, 2]))).toBeAllclose([0.5, 1]);
    });
  });

  test("relu and relu6 stop at their kinks", () => {
    tf.tidy(() => {
      const x = tf.tensor1d([-1, 0, 3, 6, 7]);
      expect(tf.grad((t) => tf.relu(t))(x)).toBeAllclose([0, 0, 1, 1, 1]);
      expect(tf.grad((t) => tf.relu6(t))(x)).toBeAllclose([0, 0, 1, 0, 0]);
    });
  });
});
