import "@layerwise/core";
import { batchNormTrain, dropout, embedding, layerNorm, softmaxCrossEntropy } from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectSame, expectSameBits, numbers, on, wholeNumbers } from "./backends.ts";

/** Outputs of `f`, then the gradients of their weighted sum. */
function withGradients(f: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): tf.Tensor[] {
  const y = f(...inputs);
  const weights = numbers(y.shape, 77);
  return [y, ...tf.grads((...xs: tf.Tensor[]) => tf.sum(tf.mul(f(...xs), weights)))(inputs)];
}

const small = { rtol: 1e-4, atol: 1e-5 };
const size = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(63, 64, 65, 130));

describe("batch normalization", () => {
  const op = (rows: number, columns: number, hasLines: boolean) => () => {
    const x = tf.add(tf.mul(numbers([rows, columns]), 3), 5);
    const f = (x: tf.Tensor, scale?: tf.Tensor, offset?: tf.Tensor) =>
      batchNormTrain(x, scale ?? null, offset ?? null, 1e-3).y;
    return withGradients(f, hasLines ? [x, numbers([columns], 2), numbers([columns], 3)] : [x]);
  };

  test("does what its definition does", async () => {
    await fc.assert(
      fc.asyncProperty(size, size, fc.boolean(), (rows, columns, lines) =>
        expectSame(op(rows + 1, columns, lines), { rtol: 1e-3, atol: 1e-4 }),
      ),
      { numRuns: 30 },
    );
    await expectSame(op(5000, 3, true), { rtol: 1e-3, atol: 1e-4 });
  });

  test("gives the statistics, even of numbers far from zero", async () => {
    const statistics = () => {
      const { mean, variance } = batchNormTrain(tf.add(numbers([20_000, 5]), 1000), null, null, 1e-5);
      return [mean, variance];
    };
    const [mean, variance] = await on("native", statistics);
    expect(mean!).toBeAllclose(new Array(5).fill(1000), { rtol: 1e-5 });
    expect(variance!).toBeAllclose(new Array(5).fill(1 / 3), { rtol: 0.02 });
  });

  test("has the same bits on any number of threads", async () => {
    await expectSameBits(op(3001, 70, true));
    await expectSameBits(op(50_000, 3, true));
  });

  test("in inference does what plain JS does", async () => {
    await fc.assert(
      fc.asyncProperty(size, size, (rows, columns) =>
        expectSame(() => {
          const lines = [1, 2, 3].map((seed) => numbers([columns], seed) as tf.Tensor1D);
          const x = numbers([1, rows, 1, columns]) as tf.Tensor4D;
          const variance = tf.abs(lines[1]!);
          const [mean, , offset] = lines as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
          return [tf.batchNorm(x, mean, variance, offset, mean, 1e-3), tf.batchNorm(x, mean, variance)];
        }, small),
      ),
      { numRuns: 20 },
    );
  });
});

describe("layer normalization", () => {
  const op = (rows: number, columns: number, hasLines: boolean) => () => {
    const x = tf.add(numbers([rows, columns]), 2);
    const f = (x: tf.Tensor, weight?: tf.Tensor, bias?: tf.Tensor) => layerNorm(x, weight ?? null, bias ?? null, 1e-3);
    return withGradients(f, hasLines ? [x, numbers([columns], 2), numbers([columns], 3)] : [x]);
  };

  test("does what its definition does", async () => {
    await fc.assert(
      fc.asyncProperty(size, size, fc.boolean(), (rows, columns, lines) =>
        expectSame(op(rows, columns, lines), { rtol: 1e-3, atol: 1e-4 }),
      ),
      { numRuns: 30 },
    );
  });

  test("has the same bits on any number of threads", () => expectSameBits(op(2000, 67, true)));
});

describe("softmax cross-entropy", () => {
  const op =
    (rows: number, columns: number, spread = 10) =>
    () => {
      const target = wholeNumbers([rows], columns, 9);
      return withGradients((logits) => softmaxCrossEntropy(logits, target), [tf.mul(numbers([rows, columns]), spread)]);
    };

  test("does what its definition does", async () => {
    await fc.assert(
      fc.asyncProperty(size, size, fc.constantFrom(1, 10, 300), (rows, columns, spread) =>
        expectSame(op(rows, columns, spread), small),
      ),
      { numRuns: 30 },
    );
  });

  test("takes a class that there is not for none, as its definition does", () =>
    expectSame(() => {
      const target = tf.tensor1d([-1, 3, 100], "int32");
      return withGradients((logits) => softmaxCrossEntropy(logits, target), [numbers([3, 3])]);
    }, small));

  test("shows NaN and infinity, and takes -Infinity for a class that is ruled out, as PyTorch does", async () => {
    const rows = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].flatMap((odd) => [odd, 1, 2]);
    const target = () => tf.tensor1d([1, 1, 1], "int32");
    const [loss] = await on("native", () => [softmaxCrossEntropy(tf.tensor2d(rows, [3, 3]), target())]);
    expect(loss!).toBeAllclose([Number.NaN, Number.NaN, Math.log(Math.exp(1) + Math.exp(2)) - 1]);
  });

  test("has the same bits on any number of threads", () => expectSameBits(op(700, 101)));
});

describe("dropout", () => {
  test("has the bits of its definition, for every seed and probability", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
        fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(1, 0.5, 1 - 2 ** -53)),
        async (seed, p) => {
          const make = () => withGradients((x) => dropout(x, p, seed), [numbers([67])]);
          expect(await on("native", make)).toEqual(await on("cpu", make));
        },
      ),
      { numRuns: 50 },
    );
  });

  test("has the same bits on any number of threads", () =>
    expectSameBits(() => [dropout(numbers([100_000]), 0.3, 123)]));
});

describe("embedding", () => {
  const op = (n: number, vocab: number, width: number) => () => {
    const ids = wholeNumbers([n], vocab);
    return withGradients((weight) => embedding(weight, ids), [numbers([vocab, width])]);
  };

  test("does what its definition does", async () => {
    await fc.assert(
      fc.asyncProperty(size, size, size, (n, vocab, width) => expectSame(op(n, vocab, width), small)),
      { numRuns: 30 },
    );
  });

  test("has the same bits on any number of threads", () => expectSameBits(op(3000, 11, 200)));

  test.each([-1, 5])("an id of %i in a table of 5 rows is an error", async (id) => {
    await tf.setBackend("native");
    const [weight, ids, dy] = [numbers([5, 3]), tf.tensor1d([id], "int32"), numbers([1, 3])];
    expect(() => embedding(weight, ids)).toThrow(/an id is negative, or not below/);
    const back = () => tf.engine().runKernel("LayerwiseEmbeddingGrad", { ids, dy }, { vocabSize: 5 });
    expect(back).toThrow(/an id is negative, or not below/);
    tf.dispose([weight, ids, dy]);
    await tf.setBackend("cpu");
  });
});

describe("the gradient of relu", () => {
  test("does what its definition does", async () => {
    await fc.assert(
      fc.asyncProperty(size, (n) =>
        expectSame(
          () => [tf.relu, tf.relu6].flatMap((f) => withGradients((x) => f(x), [tf.mul(numbers([n]), 9)])),
          small,
        ),
      ),
      { numRuns: 20 },
    );
  });
});
