import { Parameter } from "@layerwise/core/nn";
import { adam, Optimizer, rAdam, sgd } from "@layerwise/core/optim";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setThreads, threads } from "../src/index.ts";
import { numbers } from "./backends.ts";

const count = threads();
beforeAll(async () => {
  await tf.setBackend("native");
});
afterAll(async () => {
  setThreads(count);
  await tf.setBackend("cpu");
});

/** Parameters of one number up to more than one thread's share. */
const sizes = [1, 40_000, 3, 70_000, 17];

function trained(make: (params: Parameter[]) => Optimizer, withSteppers: boolean): Float32Array[] {
  const params = sizes.map((size, i) => new Parameter(numbers([size], i + 1)));
  let opt = make(params);
  if (withSteppers) {
    const plain = new Optimizer(opt.paramLists, opt.steppers);
    for (const [i, hypers] of opt.hypers.entries()) plain.hypers[i] = { ...hypers };
    opt = plain;
  }
  for (let step = 0; step < 8; step++) {
    opt.accumulate(new Map(params.map((p, i) => [p, numbers(p.shape, 100 * step + i)])));
    opt.step();
    opt.zeroGrad();
  }
  const values = params.map((p) => p.value.dataSync() as Float32Array);
  opt.dispose();
  for (const p of params) p.dispose();
  return values;
}

describe.each<[string, (params: Parameter[]) => Optimizer]>([
  ["sgd", (p) => sgd(p, { lr: 0.1, wd: 0.1 })],
  ["sgd with momentum and L2", (p) => sgd(p, { lr: 0.1, mom: 0.9, wd: 0.1, decoupleWd: false })],
  ["adam", (p) => adam(p, { lr: 0.01 })],
  ["adam with L2", (p) => adam(p, { lr: 0.01, wd: 0.1, decoupleWd: false })],
  ["rAdam", (p) => rAdam(p, { lr: 0.01, wd: 0.1 })],
])("%s", (_, make) => {
  test("does what its steppers do, and leaves nothing behind", () => {
    const before = tf.memory().numTensors;
    const [got, want] = [trained(make, false), trained(make, true)];
    for (const [i, values] of got.entries()) expect(values).toBeAllclose(want[i]!, { rtol: 1e-4, atol: 1e-5 });
    expect(tf.memory().numTensors).toBe(before);
  });

  test("has the same bits on any number of threads", () => {
    setThreads(1);
    const want = trained(make, false);
    setThreads(3);
    const got = trained(make, false);
    for (const [i, values] of got.entries()) expect(values).toEqual(want[i]);
  });
});
