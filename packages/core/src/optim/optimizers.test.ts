import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { Parameter } from "../nn/parameter.ts";
import { adam } from "./adam.ts";
import { lamb } from "./lamb.ts";
import { larc } from "./larc.ts";
import { lookahead } from "./lookahead.ts";
import type { Optimizer } from "./optimizer.ts";
import { optFuncFromConfig, optimizers } from "./optimizers.ts";
import { OptimWrapper } from "./optimWrapper.ts";
import { qhAdam } from "./qhAdam.ts";
import { rAdam, rectification } from "./rAdam.ts";
import { ranger } from "./ranger.ts";
import { rmsProp } from "./rmsProp.ts";
import { sgd } from "./sgd.ts";

const GRADS = [
  [0.1, 0.2],
  [-0.3, 0.1],
  [0.05, -0.4],
];

function param(): Parameter {
  return new Parameter(tf.tensor1d([1, 2]));
}

function stepWith(opt: Optimizer, grad: number[]): void {
  opt.accumulate(new Map(opt.allParams().map((p) => [p, tf.tensor1d(grad)])));
  opt.step();
  opt.zeroGrad();
}

/** Values of `[1, 2]` after each of `n` steps, the three gradients taken in turn. */
function walk(make: (p: Parameter) => Optimizer, n = 3, beforeStep: (opt: Optimizer, i: number) => void = () => {}) {
  const p = param();
  const opt = make(p);
  return Array.from({ length: n }, (_, i) => {
    beforeStep(opt, i);
    stepWith(opt, GRADS[i % 3]!);
    return Array.from(p.value.dataSync());
  });
}

type Row = [name: string, make: (p: Parameter) => Optimizer, expected: number[][]];

describe("the first three steps", () => {
  test.each<Row>([
    [
      "sgd",
      (p) => sgd([p], { lr: 0.1 }),
      [
        [0.99, 1.98],
        [1.02, 1.97],
        [1.015, 2.01],
      ],
    ],
    [
      "sgd, momentum",
      (p) => sgd([p], { lr: 0.1, mom: 0.9 }),
      [
        [0.99, 1.98],
        [1.011, 1.952],
        [1.0249, 1.9668],
      ],
    ],
    [
      "sgd, momentum, decay",
      (p) => sgd([p], { lr: 0.1, mom: 0.9, wd: 0.1 }),
      [
        [0.98, 1.96],
        [0.9912, 1.9124],
        [0.995188, 1.908076],
      ],
    ],
    [
      "sgd, momentum, L2",
      (p) => sgd([p], { lr: 0.1, mom: 0.9, wd: 0.1, decoupleWd: false }),
      [
        [0.98, 1.96],
        [0.9822, 1.8944],
        [0.969358, 1.856416],
      ],
    ],
    [
      "rmsProp",
      (p) => rmsProp([p], { lr: 0.01 }),
      [
        [0.9000001, 1.90000005],
        [0.99491587, 1.85509874],
        [0.979214095, 1.94257269],
      ],
    ],
    [
      "rmsProp, momentum",
      (p) => rmsProp([p], { lr: 0.01, mom: 0.9 }),
      [
        [0.9000001, 1.90000005],
        [0.966441139, 1.7742764],
        [1.01009207, 1.80664176],
      ],
    ],
    [
      "adam, no decay",
      (p) => adam([p], { lr: 0.01, wd: 0 }),
      [
        [0.990001, 1.9900005],
        [0.994933761, 1.98066661],
        [0.99770955, 1.98272478],
      ],
    ],
    [
      "adam",
      (p) => adam([p], { lr: 0.01 }),
      [
        [0.989901, 1.9898005],
        [0.994734771, 1.98026763],
        [0.997411087, 1.98212777],
      ],
    ],
    [
      "rAdam",
      (p) => rAdam([p], { lr: 0.01 }),
      [
        [0.999, 1.998],
        [1.00010526, 1.99652632],
        [1.00061818, 1.99707244],
      ],
    ],
    [
      "qhAdam",
      (p) => qhAdam([p], { lr: 0.01 }),
      [
        [0.990000001, 1.99],
        [0.997157118, 1.98146168],
        [0.998239791, 1.98688291],
      ],
    ],
    [
      "larc",
      (p) => larc([p], { lr: 0.1 }),
      [
        [0.998, 1.996],
        [1.00096391, 1.99204812],
        [1.00250137, 1.99368513],
      ],
    ],
    [
      "lamb",
      (p) => lamb([p], { lr: 0.01 }),
      [
        [0.984189007, 1.98418822],
        [0.994537818, 1.96460595],
        [1.01222593, 1.97772117],
      ],
    ],
    [
      "lookahead of sgd, k 2",
      (p) => lookahead(sgd([p], { lr: 0.1 }), { k: 2 }),
      [
        [0.99, 1.98],
        [1.01, 1.985],
        [1.005, 2.025],
      ],
    ],
  ])("%s", (_, make, expected) => {
    expect(walk(make)).toBeAllclose(expected, { rtol: 1e-6, atol: 0 });
  });

  test("adam with a scheduled momentum debiases by today's", () => {
    const moms = [0.95, 0.9, 0.85];
    const seen = walk(
      (p) => adam([p], { lr: 0.01, wd: 0 }),
      3,
      (opt, i) => opt.setHyper("mom", moms[i]!),
    );
    const expected = [
      [0.990001, 1.9900005],
      [0.99599078, 1.98366679],
      [0.99797879, 1.98794942],
    ];
    expect(seen).toBeAllclose(expected, { rtol: 1e-6, atol: 0 });
  });

  test("doWd false takes a parameter out of weight decay", () => {
    const [with0, without] = [
      walk((p) => adam([p], { lr: 0.01, wd: 0 })),
      walk((p) => {
        const opt = adam([p], { lr: 0.01, wd: 0.5 });
        opt.setFlag(p, "doWd", false);
        return opt;
      }),
    ];
    expect(without).toEqual(with0);
  });
});

describe("rAdam", () => {
  test("adapts from step 6 on", () => {
    expect([1, 2, 3, 4, 5].map((t) => rectification(0.99, t))).toEqual(Array(5).fill(undefined));
    expect(rectification(0.99, 6)).toBeCloseTo(0.0816791958, 9);
    expect(walk((p) => rAdam([p], { lr: 0.01 }), 6)[5]).toBeAllclose([1.00170564, 1.9966553], { rtol: 1e-6, atol: 0 });
  });
});

describe("larc", () => {
  test("keeps its local rates on the device", () => {
    const p = param();
    const opt = larc([p], { lr: 0.1 });
    const rates = GRADS.map((grad) => {
      stepWith(opt, grad);
      return (opt.state.get(p)!.localLr as tf.Tensor).dataSync()[0]!;
    });
    expect(rates).toBeAllclose([0.02, 0.0141138509, 0.0110608768], { rtol: 1e-5 });
  });
});

describe("lamb", () => {
  test("takes the plain step where a parameter is zero", () => {
    const p = new Parameter(tf.tensor1d([0, 0]));
    stepWith(lamb([p], { lr: 0.01 }), [0.1, 0.2]);
    expect(p.value).toBeAllclose([-0.01, -0.01], { rtol: 1e-3 });
  });
});

describe("ranger", () => {
  test("is rAdam that looks back every six steps", () => {
    const seen = walk((p) => ranger([p], { lr: 0.01 }), 6);
    expect(seen[4]).toBeAllclose([1.00090176, 1.99533774], { rtol: 1e-6, atol: 0 });
    expect(seen[5]).toBeAllclose([1.00051299, 1.99763628], { rtol: 1e-6, atol: 0 });
  });
});

describe("Lookahead", () => {
  const make = (p: Parameter) => lookahead(adam([p], { lr: 0.1 }), { k: 3 });

  test("a saved state goes on bit for bit, slow weights and count included", async () => {
    const [p, q] = [param(), param()];
    const a = make(p);
    for (let i = 0; i < 4; i++) stepWith(a, GRADS[i % 3]!);
    const saved = structuredClone(await a.stateDict());
    expect(saved.lookahead?.count).toBe(4);
    q.assign(p.value.clone());
    const b = make(q);
    b.loadStateDict(saved);
    for (let i = 4; i < 10; i++) for (const opt of [a, b]) stepWith(opt, GRADS[i % 3]!);
    expect(Array.from(q.value.dataSync())).toEqual(Array.from(p.value.dataSync()));
  });

  test("clearState starts over, and dispose frees the slow weights", () => {
    const p = param();
    const before = tf.memory().numTensors;
    const opt = make(p);
    for (const grad of GRADS) stepWith(opt, grad);
    opt.clearState();
    expect(opt.count).toBe(0);
    expect(tf.memory().numTensors).toBe(before);
    stepWith(opt, [1, 1]);
    opt.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("does not wrap what has a step of its own", () => {
    expect(() => lookahead(make(param()))).toThrow(/made of steppers/);
  });
});

describe("OptimWrapper", () => {
  test("does what the wrapped optimizer does, with a rate per group", () => {
    const [p, q] = [param(), param()];
    const opt = new OptimWrapper([[p], [q]], () => tf.train.momentum(0.1, 0.9));
    expect(opt.hypers).toEqual([
      { lr: 0.1, mom: 0.9 },
      { lr: 0.1, mom: 0.9 },
    ]);
    opt.setHyper("lr", [0.1, 0]);
    for (const grad of GRADS) stepWith(opt, grad);
    expect(p.value).toBeAllclose([1.0249, 1.9668]);
    expect(q.value).toBeAllclose([1, 2]);
  });

  test("a momentum schedule reaches the wrapped optimizer", () => {
    const p = param();
    const opt = new OptimWrapper([p], () => tf.train.momentum(0.1, 0.9));
    opt.setHyper("mom", 0);
    for (const grad of GRADS) stepWith(opt, grad);
    expect(p.value).toBeAllclose([1.015, 2.01]);
  });

  test("leaves frozen parameters alone, and keeps averages apart", () => {
    const [p, q] = [param(), param()];
    const opt = new OptimWrapper([[p, q]], () => tf.train.adam(0.01));
    p.requiresGrad = false;
    stepWith(opt, [1, 1]);
    p.requiresGrad = true;
    stepWith(opt, [1, 1]);
    expect(q.value).toBeAllclose([0.98, 1.98], { rtol: 1e-4 });
    expect(p.value).not.toBeAllclose([1, 2]);
  });

  test("saves, loads and frees", async () => {
    const [p, q] = [param(), param()];
    const before = tf.memory().numTensors;
    const a = new OptimWrapper([p], () => tf.train.adam(0.01));
    for (const grad of GRADS) stepWith(a, grad);
    const b = new OptimWrapper([q], () => tf.train.adam(0.5));
    q.assign(p.value.clone());
    await b.loadStateDict(structuredClone(await a.stateDict()));
    for (const grad of GRADS) for (const opt of [a, b]) stepWith(opt, grad);
    expect(q.value).toBeAllclose(p.value, { rtol: 1e-6 });
    a.dispose();
    b.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("says which hyper-parameters it has", () => {
    const opt = new OptimWrapper([param()], () => tf.train.sgd(0.1));
    expect(() => opt.setHyper("wd", 0.1)).toThrow(/lr/);
    expect(() => opt.setHyper("mom", 0.9)).not.toThrow();
  });
});

describe("optimizers", () => {
  test.each(optimizers.names())("%s can be made again from its config", (name) => {
    const first = optimizers.get(name)([[param()]], { lr: 0.1 });
    const again = optFuncFromConfig(first.config!)([[param()]], { lr: 0.1 });
    expect(again.config).toEqual(first.config);
    expect(again.hypers).toEqual(first.hypers);
    expect(again.steppers.map((s) => s.name)).toEqual(first.steppers.map((s) => s.name));
  });

  test.each(optimizers.names())("%s keeps as many tensors as after its first step", (name) => {
    const p = param();
    const before = tf.memory().numTensors;
    const opt = optimizers.get(name)([[p]], { lr: 0.1 });
    stepWith(opt, [1, 1]);
    const after = tf.memory().numTensors;
    for (let i = 0; i < 7; i++) stepWith(opt, GRADS[i % 3]!);
    expect(tf.memory().numTensors).toBe(after);
    opt.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
