import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dropoutMask } from "./dropout.ts";
import { batchNormTrain, dropout, embedding, gru, layerNorm, lstm, softmaxCrossEntropy } from "./index.ts";

interface Numbers {
  shape: number[];
  values: number[];
}
interface Case {
  inputs: Record<string, Numbers>;
  outputs: Record<string, Numbers>;
  grads: Record<string, Numbers>;
}

const file = new URL("../../test/golden/fused.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: Record<string, Case> };

/** PyTorch keeps weights `[out, in]`, ours are `[in, out]`; its states have a layer axis. */
function ours(name: string, { shape, values }: Numbers): tf.Tensor {
  if (name === "target" || name === "ids") return tf.tensor(values, shape, "int32");
  const t = tf.tensor(values, shape);
  if (name === "wIh" || name === "wHh") return tf.transpose(t);
  return ["h0", "c0", "h", "c", "wh", "wc"].includes(name) ? tf.squeeze(t, [0]) : t;
}

function toOurs(record: Record<string, Numbers>): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(record).map(([name, numbers]) => [name, ours(name, numbers)]));
}

type Outputs = Record<string, tf.Tensor>;
const ops: Record<string, (i: Record<string, tf.Tensor>) => Outputs> = {
  batchNormTrain: ({ x, scale, offset }) => ({ ...batchNormTrain(x!, scale!, offset!, 1e-5) }),
  layerNorm2: ({ x, weight, bias }) => ({ y: layerNorm(x!, weight!, bias!, 1e-5, 2) }),
  softmaxCrossEntropy: ({ logits, target }) => ({ y: softmaxCrossEntropy(logits!, target!) }),
  embedding: ({ weight, ids }) => ({ y: embedding(weight!, ids!) }),
  lstm: (i) => ({ ...lstm(i.x!, i.h0!, i.c0!, i.wIh!, i.wHh!, i.bIh!, i.bHh!) }),
  gru: (i) => ({ ...gru(i.x!, i.h0!, i.wIh!, i.wHh!, i.bIh!, i.bHh!) }),
};

function lossOf(out: Outputs, { w, wh, wc }: Record<string, tf.Tensor>): tf.Scalar {
  const parts = [tf.sum(tf.mul(out.y ?? out.output!, w!))];
  if (wh) parts.push(tf.sum(tf.mul(out.h!, wh)));
  if (wc) parts.push(tf.sum(tf.mul(out.c!, wc)));
  return tf.addN(parts) as tf.Scalar;
}

describe.each(Object.keys(ops))("%s", (name) => {
  const { inputs, outputs, grads } = cases[name]!;

  test("gives PyTorch's values", () => {
    tf.tidy(() => {
      const got = ops[name]!(toOurs(inputs));
      const want = toOurs(outputs);
      for (const key of Object.keys(want)) {
        expect(got[key]!.shape).toEqual(want[key]!.shape);
        expect(got[key]!).toBeAllclose(want[key]!, { rtol: 1e-5, atol: 2e-6 });
      }
    });
  });

  test("gives PyTorch's gradients", () => {
    tf.tidy(() => {
      const given = toOurs(inputs);
      const names = Object.keys(grads);
      const f = (...xs: tf.Tensor[]) => {
        const all = { ...given, ...Object.fromEntries(names.map((key, i) => [key, xs[i]!])) };
        return lossOf(ops[name]!(all), all);
      };
      const got = tf.grads(f)(names.map((key) => given[key]!));
      for (const [i, key] of names.entries()) {
        const want = ours(key, grads[key]!);
        expect(got[i]!.shape).toEqual(want.shape);
        expect(got[i]!, key).toBeAllclose(want, { rtol: 1e-4, atol: 1e-5 });
      }
    });
  });

  test("leaves nothing behind but its outputs", () => {
    const given = toOurs(inputs);
    const before = tf.memory().numTensors;
    const got = ops[name]!(given);
    expect(tf.memory().numTensors).toBe(before + Object.keys(got).length);
    tf.dispose(got);
    const names = Object.keys(grads);
    const { value, grads: made } = tf.valueAndGrads((...xs: tf.Tensor[]) => {
      const all = { ...given, ...Object.fromEntries(names.map((key, i) => [key, xs[i]!])) };
      return lossOf(ops[name]!(all), all);
    })(names.map((key) => given[key]!));
    tf.dispose([value, made]);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(given);
  });
});

describe("without weights", () => {
  test("batchNormTrain and layerNorm normalize", () => {
    tf.tidy(() => {
      const x = tf.tensor2d([1, 10, 3, 30], [2, 2]);
      expect(batchNormTrain(x, null, null, 0).y).toBeAllclose([-1, -1, 1, 1]);
      expect(layerNorm(x, null, null, 0)).toBeAllclose([-1, 1, -1, 1]);
      const dx = tf.grad((t: tf.Tensor) => tf.sum(tf.mul(batchNormTrain(t, null, null, 1e-5).y, t)))(x);
      expect(dx.shape).toEqual([2, 2]);
    });
  });

  test("lstm and gru take null biases as zeros", () => {
    tf.tidy(() => {
      const i = toOurs(cases.lstm!.inputs);
      const zero = tf.zeros([24]);
      const a = lstm(i.x!, i.h0!, i.c0!, i.wIh!, i.wHh!, null, null);
      const b = lstm(i.x!, i.h0!, i.c0!, i.wIh!, i.wHh!, zero, zero);
      expect(a.output).toBeAllclose(b.output);
    });
  });
});

describe("dropout", () => {
  test("keeps a fraction 1 − p, scaled", () => {
    const mask = dropoutMask(100_000, 0.3, 5);
    const kept = mask.filter((m) => m > 0);
    expect(kept.length / mask.length).toBeCloseTo(0.7, 2);
    expect(kept[0]).toBeCloseTo(1 / 0.7, 6);
  });

  test("the mask is the same for the same seed and differs between seeds", () => {
    expect(dropoutMask(1000, 0.5, 9)).toEqual(dropoutMask(1000, 0.5, 9));
    const [a, b] = [dropoutMask(10_000, 0.5, 1), dropoutMask(10_000, 0.5, 2)];
    const same = a.filter((v, i) => v === b[i]).length / a.length;
    expect(same).toBeCloseTo(0.5, 1);
  });

  test("the first draws of seed 42 stay what they were", () => {
    expect(Array.from(dropoutMask(16, 0.5, 42), Math.sign).join("")).toBe("0000010001010010");
  });

  test("the gradient uses the same mask", () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, p) => {
        tf.tidy(() => {
          const x = tf.ones([37]);
          const dx = tf.grad((t: tf.Tensor) => tf.sum(dropout(t, p, seed)))(x);
          expect(dx).toBeAllclose(dropout(x, p, seed), { rtol: 0, atol: 0 });
        });
      }),
      { numRuns: 25 },
    );
  });
});
