import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { OptionError, ShapeError } from "../errors.ts";
import { einsum } from "./einsum.ts";

const ramp = (...shape: number[]): tf.Tensor =>
  tf.tidy(() => tf.reshape(tf.sin(tf.range(1, 1 + shape.reduce((a, b) => a * b, 1))), shape));

describe("einsum", () => {
  test.each<[string, number[][]]>([
    [
      "bij,bjk->bik",
      [
        [2, 3, 4],
        [2, 4, 5],
      ],
    ],
    [
      "ij,kj->ik",
      [
        [3, 4],
        [2, 4],
      ],
    ],
    [
      "bhqd,bhkd->bhqk",
      [
        [2, 2, 3, 4],
        [2, 2, 5, 4],
      ],
    ],
    [
      "ij,ij->i",
      [
        [3, 4],
        [3, 4],
      ],
    ],
    ["i,j->ij", [[3], [4]]],
    ["ij->ji", [[3, 4]]],
    ["ij->", [[3, 4]]],
    [
      "ij,jk",
      [
        [3, 4],
        [4, 2],
      ],
    ],
    ["ij,k->i", [[3, 4], [2]]],
  ])("%s is what tfjs computes", (equation, shapes) => {
    const inputs = shapes.map((shape) => ramp(...shape));
    const before = tf.memory().numTensors;
    const found = einsum(equation, ...inputs);
    expect(tf.memory().numTensors).toBe(before + 1);
    const full = equation === "ij,jk" ? "ij,jk->ik" : equation;
    const [a, b] = inputs as [tf.Tensor, tf.Tensor | undefined];
    const expected = naive(full, a, b);
    expect(found.shape).toEqual(expected.shape);
    expect(found).toBeAllclose(expected, { rtol: 1e-5, atol: 1e-6 });
    tf.dispose([inputs, found, expected]);
  });

  test("three tensors", () => {
    const [a, b, c] = [ramp(2, 3), ramp(3, 4), ramp(4, 5)];
    const expected = tf.matMul(tf.matMul(a, b), c);
    expect(einsum("ij,jk,kl->il", a, b, c)).toBeAllclose(expected, { rtol: 1e-5, atol: 1e-6 });
  });

  test("has the gradients of a matrix product", () => {
    const [a, b] = [ramp(3, 4), ramp(4, 2)];
    const [da, db] = tf.grads((x: tf.Tensor, y: tf.Tensor) => tf.sum(tf.square(einsum("ij,jk->ik", x, y))))([a, b]);
    const [ea, eb] = tf.grads((x: tf.Tensor, y: tf.Tensor) => tf.sum(tf.square(tf.matMul(x, y))))([a, b]);
    expect(da).toBeAllclose(ea as tf.Tensor, { rtol: 1e-5, atol: 1e-6 });
    expect(db).toBeAllclose(eb as tf.Tensor, { rtol: 1e-5, atol: 1e-6 });
  });

  test("equations that do not fit are refused", () => {
    expect(() => einsum("ii->i", ramp(2, 2))).toThrow(OptionError);
    expect(() => einsum("ij->k", ramp(2, 2))).toThrow(OptionError);
    expect(() => einsum("...i->i", ramp(2, 2))).toThrow(OptionError);
    expect(() => einsum("ij,jk->ik", ramp(2, 3), ramp(2, 3))).toThrow(ShapeError);
  });
});

/** Every letter an axis of its own, then one big sum. */
function naive(equation: string, a: tf.Tensor, b?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const [left = "", output = ""] = equation.split("->");
    const labels = left.split(",");
    const letters = [...new Set(labels.join(""))];
    const order = [...output, ...letters.filter((l) => !output.includes(l))];
    const spread = (x: tf.Tensor, label: string): tf.Tensor => {
      const wanted = order.filter((l) => label.includes(l));
      const moved = tf.transpose(
        x,
        wanted.map((l) => label.indexOf(l)),
      );
      return tf.reshape(
        moved,
        order.map((l) => (label.includes(l) ? x.shape[label.indexOf(l)]! : 1)),
      );
    };
    const product = b ? tf.mul(spread(a, labels[0]!), spread(b, labels[1]!)) : spread(a, labels[0]!);
    return tf.sum(
      product,
      order.slice(output.length).map((_, i) => output.length + i),
    );
  });
}
