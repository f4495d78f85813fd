import * as tf from "@tensorflow/tfjs-core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CrossEntropyLossFlat } from "./crossEntropy.ts";

const pred = () =>
  tf.tensor2d([
    [1, 2, 3],
    [2, 0, 1],
  ]);
const target = () => tf.tensor1d([2, 1], "int32");

describe("CrossEntropyLossFlat", () => {
  test.each([
    ["mean", {}, [1.4076059644]],
    ["sum", { reduction: "sum" }, [2.8152119]],
    ["none", { reduction: "none" }, [0.40760596, 2.40760596]],
    ["class weights", { weight: [1, 2, 3] }, [1.20760596]],
  ] as const)("gives PyTorch's numbers: %s", (_, options, expected) => {
    expect(new CrossEntropyLossFlat(options).call(pred(), target())).toBeAllclose(expected);
  });

  test("frees everything but what it returns", () => {
    const [x, y] = [pred(), target()];
    const loss = new CrossEntropyLossFlat({ weight: [1, 2, 3] });
    const before = tf.memory().numTensors;
    loss.call(x, y).dispose();
    loss.activation(x).dispose();
    loss.decodes(x).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("an ignored target is as good as a row that is not there", () => {
    const row = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 3, maxLength: 3 });
    const rows = fc.array(fc.tuple(row, fc.integer({ min: 0, max: 2 }), fc.boolean()), { minLength: 1, maxLength: 8 });
    const loss = new CrossEntropyLossFlat({ weight: [1, 0.5, 2], ignoreIndex: 255 });
    const run = (x: number[][], y: number[]) =>
      tf.tidy(() =>
        tf.valueAndGrad((p) => loss.call(p, tf.tensor1d(y, "int32")) as tf.Scalar)(tf.tensor2d(x, [x.length, 3])),
      );
    fc.assert(
      fc.property(rows, (items) => {
        const kept = items.filter(([, , ignored]) => !ignored);
        const all = run(
          items.map(([x]) => x),
          items.map(([, y, ignored]) => (ignored ? 255 : y)),
        );
        if (kept.length === 0) {
          expect(all.value).toBeAllclose(0);
          expect(all.grad).toBeAllclose(Array(items.length * 3).fill(0));
          return;
        }
        const removed = run(
          kept.map(([x]) => x),
          kept.map(([, y]) => y),
        );
        expect(all.value).toBeAllclose(removed.value);
        const rowsOfGrad = all.grad.arraySync() as number[][];
        expect(rowsOfGrad.filter((_, i) => !items[i]![2])).toBeAllclose(removed.grad);
        expect(
          rowsOfGrad
            .filter((_, i) => items[i]![2])
            .flat()
            .every((g) => g === 0),
        ).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  test("takes predictions of any rank, and the class axis anywhere", () => {
    const x = tf.randomNormal([2, 4, 5, 3]);
    const y = tf.tensor(
      Array.from({ length: 40 }, (_, i) => i % 3),
      [2, 4, 5],
      "int32",
    );
    const flat = new CrossEntropyLossFlat().call(tf.reshape(x, [-1, 3]), tf.reshape(y, [-1]));
    expect(new CrossEntropyLossFlat().call(x, y)).toBeAllclose(flat);
    const classesFirst = tf.transpose(x, [0, 3, 1, 2]);
    const loss = new CrossEntropyLossFlat({ axis: 1 });
    expect(loss.call(classesFirst, y)).toBeAllclose(flat);
    expect(tf.sum(loss.activation(classesFirst), 1)).toBeAllclose(tf.ones([40]));
    expect(loss.decodes(classesFirst).shape).toEqual([2, 4, 5]);
  });

  test("names both shapes when targets and predictions do not fit", () => {
    expect(() => new CrossEntropyLossFlat().call(tf.zeros([64, 10]), tf.zeros([32]))).toThrow(
      /pred \[64, 10\], target \[32\].*target \[64\].*getY/,
    );
    expect(() => new CrossEntropyLossFlat().call(tf.zeros([64, 10]))).toThrow(/target missing/);
    expect(() => new CrossEntropyLossFlat({ weight: [1, 2] }).call(pred(), target())).toThrow(/2 numbers.*3 classes/);
    expect(() => new CrossEntropyLossFlat({ weight: [1, Number.NaN] })).toThrow(/finite numbers/);
  });
});
