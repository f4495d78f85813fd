import { readFileSync } from "node:fs";
import { batchNormTrain, embedding, gru, layerNorm, lstm, softmaxCrossEntropy } from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import "../src/index.ts";

interface Numbers {
  shape: number[];
  values: number[];
}
type Tensors = Record<string, tf.Tensor>;
type Case = Record<"inputs" | "outputs" | "grads", Record<string, Numbers>>;

const file = new URL("../../core/test/golden/fused.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: Record<string, Case> };

beforeAll(async () => {
  await tf.setBackend("native");
});
afterAll(async () => {
  await tf.setBackend("cpu");
});

/** PyTorch keeps weights `[out, in]`, ours are `[in, out]`; its states have a layer axis. */
function ours(name: string, { shape, values }: Numbers): tf.Tensor {
  if (name === "target" || name === "ids") return tf.tensor(values, shape, "int32");
  const t = tf.tensor(values, shape);
  if (name === "wIh" || name === "wHh") return tf.transpose(t);
  return ["h0", "c0", "h", "c", "wh", "wc"].includes(name) ? tf.squeeze(t, [0]) : t;
}

function allOurs(record: Record<string, Numbers>): Tensors {
  return Object.fromEntries(Object.entries(record).map(([name, given]) => [name, ours(name, given)]));
}

const ops: Record<string, (i: Tensors) => Tensors> = {
  batchNormTrain: (i) => ({ ...batchNormTrain(i.x!, i.scale!, i.offset!, 1e-5) }),
  layerNorm2: (i) => ({ y: layerNorm(i.x!, i.weight!, i.bias!, 1e-5, 2) }),
  softmaxCrossEntropy: (i) => ({ y: softmaxCrossEntropy(i.logits!, i.target!) }),
  embedding: (i) => ({ y: embedding(i.weight!, i.ids!) }),
  lstm: (i) => ({ ...lstm(i.x!, i.h0!, i.c0!, i.wIh!, i.wHh!, i.bIh!, i.bHh!) }),
  gru: (i) => ({ ...gru(i.x!, i.h0!, i.wIh!, i.wHh!, i.bIh!, i.bHh!) }),
};

test.each(Object.keys(ops))("%s gives PyTorch's values and gradients", (name) => {
  const { inputs, outputs, grads } = cases[name]!;
  tf.tidy(() => {
    const given = allOurs(inputs);
    const got = ops[name]!(given);
    for (const [key, want] of Object.entries(allOurs(outputs))) {
      expect(got[key]!, key).toBeAllclose(want, { rtol: 1e-5, atol: 2e-6 });
    }
    const names = Object.keys(grads);
    const loss = (...xs: tf.Tensor[]) => {
      const all = { ...given, ...Object.fromEntries(names.map((key, i) => [key, xs[i]!])) };
      const out = ops[name]!(all);
      const parts = [tf.sum(tf.mul(out.y ?? out.output!, all.w!))];
      if (all.wh) parts.push(tf.sum(tf.mul(out.h!, all.wh)));
      if (all.wc) parts.push(tf.sum(tf.mul(out.c!, all.wc)));
      return tf.addN(parts);
    };
    const made = tf.grads(loss)(names.map((key) => given[key]!));
    for (const [i, key] of names.entries()) {
      expect(made[i]!, key).toBeAllclose(ours(key, grads[key]!), { rtol: 1e-4, atol: 1e-5 });
    }
  });
});
