import * as tf from "@tensorflow/tfjs-core";
import { fmtShape, OptionError, ShapeError } from "../errors.ts";

/** A tensor and a letter for each of its axes. */
interface Labelled {
  x: tf.Tensor;
  axes: string;
}

/**
 * Sums of products by letters: `"bij,bjk->bik"` multiplies matrices, `"ij->j"` sums rows. Unlike tfjs' own it has
 * gradients. Every letter may stand once per tensor; without an arrow, letters that occur once stay, in the order of the
 * alphabet.
 * @throws {@link OptionError} for an equation that does not fit the tensors, {@link ShapeError} for axes that differ
 */
export function einsum(equation: string, ...tensors: tf.Tensor[]): tf.Tensor {
  const { inputs, output } = parse(equation, tensors);
  return tf.tidy(() => {
    let result = inputs[0]!;
    for (const [i, next] of inputs.slice(1).entries()) {
      const later =
        output +
        inputs
          .slice(i + 2)
          .map(({ axes }) => axes)
          .join("");
      result = multiply(result, next, later);
    }
    const { x, axes } = sumOut(result, output);
    return tf.transpose(
      x,
      [...output].map((letter) => axes.indexOf(letter)),
    );
  });
}

function parse(equation: string, tensors: readonly tf.Tensor[]): { inputs: Labelled[]; output: string } {
  const [left = "", right] = equation.replaceAll(" ", "").split("->");
  const labels = left.split(",");
  const letters = [...labels.join("")];
  const once = letters.filter((a) => letters.indexOf(a) === letters.lastIndexOf(a));
  const output = right ?? once.sort().join("");
  const isPlain = /^[a-zA-Z,]*(->[a-zA-Z]*)?$/.test(equation.replaceAll(" ", ""));
  const isOnce = [...labels, output].every((label) => new Set(label).size === label.length);
  const fits = labels.length === tensors.length && tensors.every(({ rank }, i) => rank === labels[i]?.length);
  if (!isPlain || !isOnce || !fits || ![...output].every((letter) => letters.includes(letter))) {
    throw new OptionError("einsum", {
      given: `"${equation}" for ${tensors.map(({ shape }) => fmtShape(shape)).join(", ")}`,
      expected: 'a letter per axis, none twice in one tensor, such as "bij,bjk->bik"',
    });
  }
  const sizes = new Map<string, number>();
  const inputs = tensors.map((x, i): Labelled => ({ x, axes: labels[i]! }));
  for (const { x, axes } of inputs) {
    for (const [i, letter] of [...axes].entries()) {
      const size = sizes.get(letter) ?? x.shape[i]!;
      if (size !== x.shape[i]) {
        throw new ShapeError("einsum", {
          given: `axes "${letter}" of ${size} and ${x.shape[i]} in "${equation}"`,
          expected: "the same size wherever a letter stands",
        });
      }
      sizes.set(letter, size);
    }
  }
  return { inputs, output };
}

/** One matrix product, `[both, left, summed]` by `[both, summed, right]`. */
function multiply(a: Labelled, b: Labelled, later: string): Labelled {
  const left = sumOut(a, later + b.axes);
  const right = sumOut(b, later + a.axes);
  const shared = [...left.axes].filter((letter) => right.axes.includes(letter));
  const batch = shared.filter((letter) => later.includes(letter)).join("");
  const summed = shared.filter((letter) => !later.includes(letter)).join("");
  const leftOnly = without(left.axes, batch + summed);
  const rightOnly = without(right.axes, batch + summed);
  const sizeOf = (letter: string): number =>
    left.axes.includes(letter) ? left.x.shape[left.axes.indexOf(letter)]! : right.x.shape[right.axes.indexOf(letter)]!;
  const product = tf.matMul(grouped(left, [batch, leftOnly, summed]), grouped(right, [batch, summed, rightOnly]));
  const axes = batch + leftOnly + rightOnly;
  return { x: tf.reshape(product, [...axes].map(sizeOf)), axes };
}

/** Rank 3: one axis for each group of letters. */
function grouped({ x, axes }: Labelled, groups: readonly [string, string, string]): tf.Tensor3D {
  const order = [...groups.join("")].map((letter) => axes.indexOf(letter));
  const size = (group: string): number =>
    [...group].reduce((product, letter) => product * x.shape[axes.indexOf(letter)]!, 1);
  return tf.reshape(tf.transpose(x, order), [size(groups[0]), size(groups[1]), size(groups[2])]);
}

/** Without the axes that nobody needs any more. */
function sumOut({ x, axes }: Labelled, needed: string): Labelled {
  const gone = [...axes].flatMap((letter, i) => (needed.includes(letter) ? [] : [i]));
  if (gone.length === 0) return { x, axes };
  return { x: tf.sum(x, gone), axes: [...axes].filter((letter) => needed.includes(letter)).join("") };
}

function without(axes: string, gone: string): string {
  return [...axes].filter((letter) => !gone.includes(letter)).join("");
}
