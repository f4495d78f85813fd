import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { Parameter } from "../nn/parameter.ts";
import { adam } from "./adam.ts";
import { lrSlice } from "./hypers.ts";
import { type OptFunc, Optimizer } from "./optimizer.ts";
import { sgd } from "./sgd.ts";
import { averageGrad, type Stepper, sgdStep, weightDecay } from "./steppers.ts";

const GRADS = [
  [0.1, 0.2],
  [-0.3, 0.1],
  [0.05, -0.4],
];

function param(values: number[] = [1, 2]): Parameter {
  return new Parameter(tf.tensor1d(values));
}

function stepWith(opt: Optimizer, grad: number[]): void {
  opt.accumulate(new Map(opt.allParams().map((p) => [p, tf.tensor1d(grad)])));
  opt.step();
  opt.zeroGrad();
}

function values(p: Parameter): number[] {
  return Array.from(p.value.dataSync());
}

describe("Optimizer", () => {
  test("merges what steppers declare with what it is given", () => {
    const opt = new Optimizer([param()], [weightDecay, averageGrad(), sgdStep], { lr: 0.1, mom: 0.5 });
    expect(opt.hypers).toEqual([{ wd: 0, mom: 0.5, lr: 0.1 }]);
  });

  test("passes a stepper's changes on to the next one", () => {
    const seen: number[] = [];
    const count: Stepper = { name: "count", step: (_p, _g, { n }) => ({ n: ((n as number) ?? 0) + 1 }) };
    const look: Stepper = {
      name: "look",
      step: (_p, _g, { n }) => {
        seen.push(n as number);
        return {};
      },
    };
    const opt = new Optimizer([param()], [count, look], { lr: 1 });
    for (const grad of GRADS) stepWith(opt, grad);
    expect(seen).toEqual([1, 2, 3]);
  });

  test("leaves parameters without gradient, and frozen ones, alone", () => {
    const [a, b, c] = [param(), param(), param()];
    const opt = sgd([[a, b], [c]], { lr: 1, wd: 0.1 });
    a.requiresGrad = false;
    opt.accumulate(new Map([a, c].map((p) => [p, tf.tensor1d([1, 1])])));
    opt.step();
    expect(values(a)).toEqual([1, 2]);
    expect(values(b)).toEqual([1, 2]);
    expect(values(c)).toBeAllclose([-0.1, 0.8]);
  });

  test("adds gradients up until zeroGrad", () => {
    const p = param();
    const opt = sgd([p], { lr: 1 });
    opt.accumulate(new Map([[p, tf.tensor1d([1, 1])]]));
    opt.accumulate(new Map([[p, tf.tensor1d([2, 0])]]));
    expect(opt.grads.get(p)!).toBeAllclose([3, 1]);
    opt.scaleGrads(0.5);
    expect(opt.grads.get(p)!).toBeAllclose([1.5, 0.5]);
    opt.zeroGrad();
    expect(opt.grads.size).toBe(0);
  });

  test("clips gradients to a length, and leaves short ones alone", () => {
    const p = param();
    const opt = sgd([p], { lr: 1 });
    opt.accumulate(new Map([[p, tf.tensor1d([3, 4])]]));
    opt.clipGradNorm(10);
    expect(opt.grads.get(p)!).toBeAllclose([3, 4]);
    expect(opt.gradNorm()).toBeAllclose(5);
    expect(opt.gradNorm(Number.POSITIVE_INFINITY)).toBeAllclose(4);
    expect(opt.gradNorm(1)).toBeAllclose(7);
    opt.clipGradNorm(1);
    expect(opt.grads.get(p)!).toBeAllclose([0.59999988, 0.79999984], { rtol: 1e-7 });
  });

  test("refuses no parameters, and one listed twice", () => {
    const p = param();
    expect(() => sgd([], { lr: 1 })).toThrow(/no parameters/);
    expect(() => sgd([[p], [p]], { lr: 1 })).toThrow(/listed twice/);
  });

  test("fits the type of an optFunc", () => {
    const optFuncs: OptFunc[] = [sgd, adam];
    expect(optFuncs).toHaveLength(2);
  });
});

describe("Optimizer.setHyper", () => {
  test.each([
    [1e-3, [1e-3, 1e-3, 1e-3]],
    [[5e-3], [5e-3, 5e-3, 5e-3]],
    [
      [1, 2, 3],
      [1, 2, 3],
    ],
    [lrSlice(1e-3), [1e-4, 1e-4, 1e-3]],
    [lrSlice(0, 1e-3), [1e-4, 1e-4, 1e-3]],
    [lrSlice(1e-5, 1e-3), [1e-5, 1e-4, 1e-3]],
  ])("resolves %o for three groups", (value, expected) => {
    const opt = sgd([[param()], [param()], [param()]], { lr: value });
    expect(opt.hypers.map((h) => h.lr)).toBeAllclose(expected);
  });

  test("one group takes the stop of a slice", () => {
    expect(sgd([param()], { lr: lrSlice(1e-5, 1e-3) }).hypers[0]!.lr).toBe(1e-3);
    expect(sgd([param()], { lr: lrSlice(1e-3) }).hypers[0]!.lr).toBe(1e-3);
  });

  test("refuses a list of another length", () => {
    const opt = sgd([[param()], [param()], [param()]], { lr: 1 });
    expect(() => opt.setHyper("lr", [1, 2])).toThrow(/3 of them/);
  });
});

describe("Optimizer.freezeTo", () => {
  const groups = () => [[param(), param()], [param()], [param()]];

  test.each([
    [0, [true, true, true]],
    [1, [false, true, true]],
    [-1, [false, false, true]],
  ])("%d trains the groups %o", (n, expected) => {
    const lists = groups();
    const opt = sgd(lists, { lr: 1 });
    opt.freezeTo(n);
    expect(lists.map((g) => g[0]!.requiresGrad)).toEqual(expected);
    expect(opt.frozenIdx).toBe(n < 0 ? 3 + n : n);
  });

  test("trains what is forced to, even in frozen groups", () => {
    const lists = groups();
    const opt = sgd(lists, { lr: 1 });
    opt.setFlag(lists[0]![1]!, "forceTrain", true);
    opt.freeze();
    expect(lists[0]!.map((p) => p.requiresGrad)).toEqual([false, true]);
    opt.unfreeze();
    expect(opt.allParams().every((p) => p.requiresGrad)).toBe(true);
  });

  test("freeze needs two groups", () => {
    expect(() => sgd([param()], { lr: 1 }).freeze()).toThrow(/at least two groups/);
  });
});

describe("Optimizer state", () => {
  test("clearState keeps doWd and forceTrain only", () => {
    const p = param();
    const opt = adam([p], { lr: 0.1 });
    opt.setFlag(p, "doWd", false);
    stepWith(opt, [1, 1]);
    expect(opt.state.get(p)!.step).toBe(1);
    opt.clearState();
    expect(opt.state.get(p)).toEqual({ doWd: false });
  });

  test("a saved state goes on bit for bit", async () => {
    const make = (start: number[]) => {
      const p = param(start);
      return { p, opt: adam([[p]], { lr: 0.1 }) };
    };
    const a = make([1, 2]);
    a.opt.setFlag(a.p, "forceTrain", true);
    for (let i = 0; i < 5; i++) stepWith(a.opt, GRADS[i % 3]!);
    a.opt.setHyper("mom", 0.85);
    const saved = await a.opt.stateDict();
    const b = make(values(a.p));
    b.opt.loadStateDict(structuredClone(saved));
    for (let i = 5; i < 12; i++) for (const { opt } of [a, b]) stepWith(opt, GRADS[i % 3]!);
    expect(values(b.p)).toEqual(values(a.p));
    expect(await b.opt.stateDict()).toEqual(await a.opt.stateDict());
    expect(saved.state[0]).toMatchObject({ step: 5, forceTrain: true });
  });

  test("steps do not change a state that was saved before", async () => {
    const opt = adam([param()], { lr: 0.1 });
    stepWith(opt, [1, 1]);
    const saved = await opt.stateDict();
    const before = structuredClone(saved);
    stepWith(opt, [2, 2]);
    expect(saved).toEqual(before);
  });

  test("a state for other parameters is refused, and nothing changes", async () => {
    const opt = adam([[param()], [param()]], { lr: 0.1 });
    stepWith(opt, [1, 1]);
    const saved = await opt.stateDict();
    expect(() => adam([param(), param()], { lr: 0.1 }).loadStateDict(saved)).toThrow(/2 groups/);
    const other = adam([[param()], [param([1, 2, 3])]], { lr: 0.5 });
    expect(() => other.loadStateDict(saved)).toThrow(/parameter 1/);
    expect(other.hypers[0]!.lr).toBe(0.5);
    expect(other.state.get(other.allParams()[0]!)).toEqual({});
  });
});

describe("memory", () => {
  test.each([
    ["adam", adam],
    ["sgd", sgd],
  ] as const)("%s keeps as many tensors as after its first step", (_, make) => {
    const params = [param(), param()];
    const before = tf.memory().numTensors;
    const opt = make(params, { lr: 0.1, mom: 0.9 });
    stepWith(opt, [1, 1]);
    const after = tf.memory().numTensors;
    for (const grad of GRADS) {
      opt.setHyper("lr", Math.abs(grad[1]!));
      stepWith(opt, grad);
    }
    expect(tf.memory().numTensors).toBe(after);
    opt.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
