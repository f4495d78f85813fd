import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as m from "../metrics/index.ts";
import { lossFromConfig, lossRegistry } from "./lossRegistry.ts";

const rows = [
  [1, 2, 3],
  [2, 0, 1],
];
const backends = ["cpu", "wasm"];
let before: string;
beforeEach(() => {
  before = tf.getBackend();
});
afterEach(async () => void (await tf.setBackend(before)));

/** What `run` gives on each backend. */
async function onEach(run: () => Promise<ArrayLike<number>>): Promise<ArrayLike<number>[]> {
  const results: ArrayLike<number>[] = [];
  for (const backend of backends) {
    await tf.setBackend(backend);
    expect(tf.getBackend()).toBe(backend);
    results.push(await run());
  }
  return results;
}

describe("the WASM backend agrees", () => {
  test.each(lossRegistry.names())("%s, value and gradient", async (name) => {
    const [cpu, wasm] = await onEach(async () => {
      const loss = lossFromConfig({ name, args: {} });
      const pred = tf.tensor2d(name === "BCELossFlat" ? rows.map((r) => r.map((v) => (v + 1) / 5)) : rows);
      const target = loss.yInt
        ? tf.tensor1d([2, 1], "int32")
        : tf.tensor2d(
            rows.map((r) => r.map((v) => v % 2)),
            [2, 3],
            "int32",
          );
      const { value, grad } = tf.valueAndGrad((x) => loss.call(x, target) as tf.Scalar)(pred);
      const numbers = [...(await value.data()), ...(await grad.data())];
      loss.dispose();
      tf.dispose([pred, target, value, grad]);
      return numbers;
    });
    expect(wasm!).toBeAllclose(cpu!, { rtol: 1e-5, atol: 1e-6 });
  });

  test.each<[string, m.MetricLike]>([
    ["accuracy", m.accuracy],
    ["topKAccuracy", m.topKAccuracy({ k: 2 })],
    ["foregroundAcc", m.foregroundAcc],
    ["diceMulti", m.DiceMulti],
    ["f1Score", m.f1Score({ average: "macro" })],
    ["cohenKappa", m.cohenKappa],
  ])("%s", async (name, like) => {
    const [cpu, wasm] = await onEach(async () => {
      const metric = m.mkMetric(like);
      const [pred, target] = [tf.tensor2d([...rows, [0, 1, 0.5]]), tf.tensor1d([2, 1, 1], "int32")];
      const loss = tf.scalar(0);
      metric.accumulate({ pred, yb: [target], loss, lossFunc: () => loss, training: false, batchSize: 3 });
      const value = await metric.value();
      metric.dispose();
      tf.dispose([pred, target, loss]);
      expect(metric.name).toBe(name);
      return [value ?? Number.NaN];
    });
    expect(wasm!).toBeAllclose(cpu!);
  });
});
