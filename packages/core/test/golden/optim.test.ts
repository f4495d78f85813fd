import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { Parameter } from "../../src/nn/parameter.ts";
import { Lookahead, Optimizer, optFuncFromConfig } from "../../src/optim/index.ts";
import golden from "./optim.json" with { type: "json" };

const { shapes, steps, cases } = golden;

function start(): Parameter[] {
  const values = [
    [-1, -0.5, 0, 0.5, 1, 1.5],
    [0.5, -0.25, 0.1],
    [2, 0, -1, 0.3],
  ];
  return values.map((v, i) => new Parameter(tf.tensor(v, shapes[i])));
}

function gradient(step: number, which: number): tf.Tensor {
  const n = tf.util.sizeFromShape(shapes[which]!);
  const values = Array.from({ length: n }, (_, i) => Math.sin(1.7 * i + 0.9 * step + which) * (0.1 + 0.05 * which));
  return tf.tensor(values, shapes[which]);
}

/** The same optimizer, by its steppers alone. */
function plain(opt: Optimizer): Optimizer {
  const copy = new Optimizer(opt.paramLists, opt.steppers);
  for (const [i, hypers] of opt.hypers.entries()) copy.hypers[i] = { ...hypers };
  return opt instanceof Lookahead ? new Lookahead(copy, { k: opt.k, alpha: opt.alpha }) : copy;
}

describe.each(["steppers", "fused"])("fastai's numbers, by %s", (way) => {
  test.each(cases)("$name", ({ optimizer, options: { lookahead, ...args }, rows }) => {
    const params = start();
    const config = { name: optimizer, args, ...(lookahead === undefined ? {} : { lookahead }) };
    const made = optFuncFromConfig(config)([params.slice(0, 2), params.slice(2)], { lr: 0.01 });
    const opt = way === "fused" ? made : plain(made);
    opt.setFlag(params[1]!, "doWd", false);
    const expected = new Map(rows.map((row) => [row.step, row.params]));
    for (let step = 0; step < steps; step++) {
      const wave = Math.sin((Math.PI * step) / steps);
      const lr = 0.01 + 0.02 * wave;
      opt.setHyper("lr", [lr / 2, lr]);
      if (opt.hypers[0]!.mom !== 0) opt.setHyper("mom", 0.95 - 0.1 * wave);
      opt.accumulate(new Map(params.map((p, i) => [p, gradient(step, i)])));
      opt.step();
      opt.zeroGrad();
      const row = expected.get(step + 1);
      if (row === undefined) continue;
      for (const [i, p] of params.entries()) expect(p.value).toBeAllclose(row[i]!, { rtol: 2e-5, atol: 2e-6 });
    }
  });
});
