import * as tf from "@tensorflow/tfjs-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { registerWasm } from "../backend/wasm/index.ts";
import { Conv2d, Parameter, PReLU } from "../nn/index.ts";
import { adam } from "./adam.ts";
import type { FusedStepAttrs } from "./fused.ts";
import { Optimizer } from "./optimizer.ts";
import { rAdam } from "./rAdam.ts";
import { sgd } from "./sgd.ts";

let outer: string;
beforeAll(async () => {
  outer = tf.getBackend();
  await registerWasm();
});

function stepWith(opt: Optimizer, grad: number[]): void {
  opt.accumulate(new Map(opt.allParams().map((p) => [p, tf.tensor1d(grad)])));
  opt.step();
  opt.zeroGrad();
}

/** The same optimizer over the same parameters, by its steppers alone. */
function plain(opt: Optimizer): Optimizer {
  const copy = new Optimizer(opt.paramLists, opt.steppers);
  for (const [i, hypers] of opt.hypers.entries()) copy.hypers[i] = { ...hypers };
  return copy;
}

describe.each(["cpu", "wasm"])("a fused step on %s", (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });
  afterAll(async () => {
    await tf.setBackend(outer);
  });
  const param = () => new Parameter(tf.tensor1d([1, 2, -3]));

  test.each([
    ["sgd", (p: Parameter) => sgd([p], { lr: 0.1, wd: 0.1 })],
    ["sgd with momentum and L2", (p: Parameter) => sgd([p], { lr: 0.1, mom: 0.9, wd: 0.1, decoupleWd: false })],
    ["adam", (p: Parameter) => adam([p], { lr: 0.1 })],
    ["adam with L2", (p: Parameter) => adam([p], { lr: 0.1, wd: 0.1, decoupleWd: false })],
    ["rAdam", (p: Parameter) => rAdam([p], { lr: 0.1, wd: 0.1 })],
  ])("%s does what the steppers do", (_, make) => {
    const [p, q] = [param(), param()];
    const [fused, steppers] = [make(p), plain(make(q))];
    for (let i = 0; i < 10; i++) for (const opt of [fused, steppers]) stepWith(opt, [Math.sin(i), 0.1 * i, -1]);
    expect(p.value).toBeAllclose(q.value, { rtol: 1e-5, atol: 1e-6 });
    for (const name of fused.fused!.slots) {
      expect(fused.state.get(p)![name] as tf.Tensor).toBeAllclose(steppers.state.get(q)![name] as tf.Tensor);
    }
    expect(fused.state.get(p)!.step).toBe(steppers.state.get(q)!.step);
  });

  test("leaves tensors and arrays that share memory with it alone", async () => {
    const start = new Float32Array([1, 2, -3]);
    const p = new Parameter(tf.tensor1d(start));
    const opt = adam([p], { lr: 0.1 });
    stepWith(opt, [1, 1, 1]);
    const clone = tf.clone(p.value);
    const avgClone = tf.clone(opt.state.get(p)!.gradAvg!);
    const [values, avg] = [await p.value.data(), await avgClone.data()];
    const before = [Array.from(values), Array.from(avg)];
    stepWith(opt, [5, -5, 5]);
    expect(Array.from(start)).toEqual([1, 2, -3]);
    expect([Array.from(values), Array.from(avg)]).toEqual(before);
    expect([Array.from(clone.dataSync()), Array.from(avgClone.dataSync())]).toEqual(before);
    expect(Array.from(p.value.dataSync())).not.toEqual(before[0]);
  });

  // WebAssembly's ops keep packed copies of these weights.
  test.each([
    ["PReLU", () => new PReLU(4), 4],
    ["depthwise Conv2d", () => new Conv2d(4, 4, { kernelSize: 3, groups: 4 }), 4],
    ["Conv2d", () => new Conv2d(4, 2, { kernelSize: 3 }), 2],
  ] as const)("the next pass of %s sees it", (_, make, channels) => {
    const model = make();
    const opt = sgd([model.parameters()], { lr: 0.1 });
    tf.tidy(() => {
      const x = tf.sin(tf.reshape(tf.range(0, 100), [1, 5, 5, 4]));
      for (let i = 0; i < 3; i++) {
        const { grads } = tf.variableGrads(() => tf.sum(model.call(x)) as tf.Scalar);
        opt.accumulate(new Map(model.parameters().map((p) => [p, tf.keep(grads[p.value.name]!)])));
        opt.step();
        opt.zeroGrad();
        const y = model.call(x);
        expect(y.shape.at(-1)).toBe(channels);
        const fresh = make();
        fresh.parameters().forEach((p, k) => {
          p.assign(tf.tensor(model.parameters()[k]!.value.dataSync(), p.shape));
        });
        expect(y).toBeAllclose(fresh.call(x));
        fresh.dispose();
      }
    });
    opt.dispose();
    model.dispose();
  });

  test("mixes with the steppers, whose state it shares", () => {
    const [p, q] = [param(), param()];
    const make = (x: Parameter) => adam([x], { lr: 0.1 });
    const [mixed, steppers] = [make(p), plain(make(q))];
    const half = plain(mixed);
    for (let i = 0; i < 6; i++) {
      half.state.set(p, mixed.state.get(p)!);
      stepWith(i % 2 === 0 ? mixed : half, [Math.sin(i), 0.1 * i, -1]);
      stepWith(steppers, [Math.sin(i), 0.1 * i, -1]);
    }
    expect(p.value).toBeAllclose(q.value);
  });
});

describe("a backend's own kernel", () => {
  let real: tf.KernelConfig | undefined;
  beforeAll(() => {
    real = tf.getKernel("FusedAdamStep", outer);
  });

  afterEach(() => {
    tf.unregisterKernel("FusedAdamStep", outer);
    if (real !== undefined) tf.registerKernel(real);
  });

  test("gets every parameter in one call, and nothing is done twice", () => {
    const params = [0, 1, 2].map((i) => new Parameter(tf.ones([i + 1])));
    params[1]!.requiresGrad = false;
    const calls: FusedStepAttrs[] = [];
    if (real !== undefined) tf.unregisterKernel("FusedAdamStep", outer);
    tf.registerKernel({
      kernelName: "FusedAdamStep",
      backendName: outer,
      kernelFunc: ({ attrs }) => {
        calls.push(attrs as unknown as FusedStepAttrs);
        return [];
      },
    });
    const opt = adam([params.slice(0, 1), params.slice(1)], { lr: [0.1, 0.2], wd: 0 });
    opt.accumulate(new Map(params.map((p) => [p, tf.onesLike(p.value)])));
    opt.step();
    expect(calls).toHaveLength(1);
    const { params: values, grads, slots, scalars } = calls[0]!;
    expect(values.map((v) => v.shape)).toEqual([[1], [3]]);
    expect(grads.map((g) => g.shape)).toEqual([[1], [3]]);
    expect(slots.map((row) => row.map((s) => s.shape))).toEqual([
      [[1], [1]],
      [[3], [3]],
    ]);
    const stepSizes = [0.1, 0.2].map((lr) => (lr / 0.1) * Math.sqrt(0.01));
    expect(scalars.map((row) => row.slice(0, 4))).toEqual([
      [1, 0, 0.9, 0.99],
      [1, 0, 0.9, 0.99],
    ]);
    expect(scalars.map((row) => row[4]!)).toBeAllclose(stepSizes);
    expect(opt.state.get(params[0]!)!.step).toBe(1);
    for (const p of params) expect(p.value).toBeAllclose(tf.ones(p.shape));
  });
});
