import { setSeed } from "@layerwise/core";
import { type AnyModule, Flatten, Linear, LSTM, Module, ReLU, Sequential } from "@layerwise/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { pictureLearner } from "../test/smallLearners.ts";
import { ActivationStats } from "./activationStats.ts";
import { histc, layerStatTensor } from "./layerStat.ts";

const net = () => new Sequential(new Flatten(), new Linear(36, 5), new ReLU(), new Linear(5, 3));

describe("numbers", () => {
  test("histc counts 0…10 in 40 bins, 10 in the last, others nowhere", () => {
    const counts = histc(tf.tensor1d([-1, 0, 0.1, 0.25, 0.3, 9.99, 10, 10.5, 0.6, Number.NaN])).dataSync();
    const expected = new Array(40).fill(0);
    Object.assign(expected, { 0: 2, 1: 2, 2: 1, 39: 2 });
    expect(Array.from(counts)).toEqual(expected);
  });

  test("mean, std and share near zero", () => {
    const x = tf.tensor1d([-1, 0, 0.02, 0.05, 0.06, 2]);
    expect(layerStatTensor(x, false)).toBeAllclose([0.1883333, 0.979151, 0.6666667], { rtol: 1e-6 });
    expect(layerStatTensor(x, true).shape).toEqual([43]);
  });
});

describe("ActivationStats", () => {
  test.each([
    [undefined, 10],
    [1, 10],
    [3, 4],
    [7, 2],
    [100, 1],
  ])("every %s of 10 batches records %d", async (every, records) => {
    const learn = pictureLearner({ model: net(), nTrain: 5 });
    const stats = new ActivationStats(every === undefined ? {} : { every });
    await learn.fit(2, { cbs: [stats] });
    expect(stats.stats).toHaveLength(records);
    expect(stats.stats.every((batch) => batch.length === 2 && batch.every((layer) => layer.length === 1))).toBe(true);
    learn.dispose();
  });

  test("records what the layer put out", async () => {
    const learn = pictureLearner({ model: net(), nTrain: 1, lr: 0 });
    const stats = new ActivationStats({ withHist: true, modules: [learn.model.children()[2] as AnyModule] });
    const outputs: Float32Array[] = [];
    const hook = learn.model.children()[2]?.registerForwardHook((m, _, out) => {
      if (m.training) outputs.push((out as tf.Tensor).dataSync() as Float32Array);
    });
    await learn.fit(1, { cbs: [stats] });
    hook?.remove();
    const values = Array.from(outputs[0] ?? []);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const std = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1));
    const curves = stats.layerStats(-1);
    expect(curves.mean).toBeAllclose([mean]);
    expect(curves.std).toBeAllclose([std]);
    expect(curves.nearZero).toBeAllclose([values.filter((v) => v <= 0.05).length / values.length]);
    const bins = values.reduce((counts, v) => {
      const bin = Math.floor(v * 4);
      counts[bin] = (counts[bin] ?? 0) + 1;
      return counts;
    }, new Array<number>(40).fill(0));
    expect(stats.hist(0).flat()).toBeAllclose(bins.map(Math.log1p));
    learn.dispose();
  });

  test("layers with several outputs get a record for each", async () => {
    class LastStep extends Module {
      lstm: LSTM = new LSTM(6, 4);
      forward(x: tf.Tensor): tf.Tensor {
        const { h } = this.lstm.call(tf.reshape(x, [-1, 6, 6]));
        return tf.reshape(h, [-1, 4]);
      }
    }
    const learn = pictureLearner({ model: new Sequential(new LastStep(), new Linear(4, 3)), nTrain: 2 });
    const stats = new ActivationStats();
    await learn.fit(1, { cbs: [stats] });
    expect(stats.stats[0]?.map((layer) => layer.length)).toEqual([3, 1]); // output, h, c
    expect(stats.layerStats(0).mean).toHaveLength(2);
    learn.dispose();
  });

  test("does not change training, and leaves no tensors behind", async () => {
    const weights = async (cbs: ActivationStats[]) => {
      setSeed(1);
      const learn = pictureLearner({ model: net(), nTrain: 3 });
      await learn.fit(1, { cbs });
      const before = tf.memory().numTensors;
      await learn.fit(1, { cbs });
      expect(tf.memory().numTensors).toBe(before);
      const values = learn.model.parameters().flatMap((p) => Array.from(p.value.dataSync()));
      learn.dispose();
      return values;
    };
    const plain = await weights([]);
    expect(await weights([new ActivationStats({ withHist: true })])).toEqual(plain);
  });

  test("validate keeps the records of the fit", async () => {
    const learn = pictureLearner({ model: net(), nTrain: 2, cbs: [new ActivationStats()] });
    await learn.fit(1);
    await learn.validate();
    await learn.getPreds();
    expect(learn.findCb(ActivationStats)?.stats).toHaveLength(2);
    learn.dispose();
  });

  test("draws the colorful dimension and three curves", async () => {
    const learn = pictureLearner({ model: net(), nTrain: 4 });
    const stats = new ActivationStats({ withHist: true });
    await learn.fit(1, { cbs: [stats] });
    const { values, origin, axes } = stats.colorDim(-2).data as { values: number[][]; origin: string; axes: boolean };
    expect([values.length, values[0]?.length, origin, axes]).toEqual([40, 4, "bottom", false]);
    expect(await stats.colorDim(0).toSvg()).toContain("<svg");
    expect(await stats.plotLayerStats(0).toSvg()).toContain("near zero");
    learn.dispose();
  });

  test("mistakes are explained", async () => {
    const learn = pictureLearner({ model: net(), nTrain: 1 });
    const stats = new ActivationStats();
    expect(() => stats.layerStats(0)).toThrow(/nothing recorded/);
    await learn.fit(1, { cbs: [stats] });
    expect(() => stats.layerStats(2)).toThrow(/layer 2.*-2 to 1/s);
    expect(() => stats.colorDim(0)).toThrow(/withHist: true/);
    learn.dispose();
  });
});
