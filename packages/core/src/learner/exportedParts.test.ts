import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, beforeEach, describe, expect, type MockInstance, test, vi } from "vitest";
import { readSafetensors, writeSafetensors } from "../files/index.ts";
import { mae, rmse } from "../metrics/index.ts";
import { BatchNorm1d, buildModel, Linear, models, Sequential } from "../nn/index.ts";
import { ranger } from "../optim/index.ts";
import { ArrayDataSource, ArrayDataSources, synthDls } from "../testing/index.ts";
import { Callback } from "./callback.ts";
import { addCallback } from "./callbackRegistry.ts";
import { dataSourcesRegistry } from "./export.ts";
import { Learner } from "./learner.ts";
import type { LearnerOptions, ParamSplitter } from "./learnerOptions.ts";
import { loadLearner } from "./loadLearner.ts";
import { paramSplitters } from "./paramSplitters.ts";
import { Recorder } from "./recorder.ts";

const path = mkdtempSync(join(tmpdir(), "layerwise-parts-"));
afterAll(() => rmSync(path, { recursive: true, force: true }));

const twoGroups: ParamSplitter = (m) => {
  const [first, ...rest] = m.children();
  return [first?.parameters() ?? [], rest.flatMap((child) => child.parameters())];
};

/** A callback with options, as anybody might write it. */
class Louder extends Callback {
  static override readonly cbName: string = "louder";
  override readonly order = 3;
  readonly by: number;
  readonly limit: number;

  constructor({ by = 2, limit = Number.POSITIVE_INFINITY }: { by?: number; limit?: number } = {}) {
    super();
    this.by = by;
    this.limit = limit;
  }

  override afterPred(): void {
    const { pred } = this.learn;
    this.learn.pred = tf.keep(tf.mul(pred as tf.Tensor, this.by));
    pred?.dispose();
  }
}

let warn: MockInstance;
beforeAll(() => {
  models.add(
    "parts/net",
    ({ width = 2 }) =>
      new Sequential(new Linear(1, width as number), new BatchNorm1d(width as number), new Linear(width as number, 1)),
  );
  dataSourcesRegistry.add("array", () => {
    const empty = new ArrayDataSource({ x: [], y: [] });
    return new ArrayDataSources(empty, empty, path);
  });
  paramSplitters.add("parts/twoGroups", twoGroups);
  addCallback(Louder, ["by", "limit"]);
  warn = vi.spyOn(console, "warn").mockImplementation(() => {});
});
beforeEach(() => void warn.mockClear());

const make = (options: LearnerOptions = {}) => {
  const learn = new Learner(synthDls({ nTrain: 2, nValid: 1, path }), buildModel("parts/net", {}), options);
  return learn;
};
const names = (learn: { cbs: readonly Callback[] }) => learn.cbs.map(({ name }) => name);

/** A copy of an exported file whose description was changed. */
// biome-ignore lint/suspicious/noExplicitAny: a test takes files apart that users never see
async function forged(file: string, change: (header: any) => unknown): Promise<string> {
  const { tensors, metadata } = await readSafetensors(file);
  const header = JSON.parse(metadata.layerwise as string);
  change(header);
  const to = join(path, `forged-${Math.random()}.safetensors`);
  await writeSafetensors(to, tensors, { layerwise: JSON.stringify(header) });
  return to;
}

describe("an exported learner", () => {
  test("keeps metrics, splitter, freeze and callbacks, and trains on as the first one would", async () => {
    const options: LearnerOptions = {
      metrics: [mae, rmse({ name: "root" })],
      splitter: twoGroups,
      cbs: [new Louder({ by: 3 })],
      optFunc: ranger,
    };
    const learn = make(options);
    learn.freeze();
    const file = await learn.export("whole.safetensors");
    expect(warn).not.toHaveBeenCalled();
    const before = tf.memory().numTensors;
    const loaded = await loadLearner<number[], number[]>(file);
    expect(loaded.metrics.map(({ name }) => name)).toEqual(["mae", "root"]);
    expect(loaded.splitter).toBe(twoGroups);
    expect(names(loaded)).toEqual(names(learn));
    expect(loaded.findCb(Louder)).toMatchObject({ by: 3, limit: Number.POSITIVE_INFINITY });
    expect(loaded.opt).toMatchObject({ frozenIdx: 1, config: learn.opt?.config });
    const trains = (l: Learner<number[], number[]>) => l.model.parameters().map((p) => p.requiresGrad);
    expect(trains(loaded)).toEqual(trains(learn));
    expect(trains(loaded)).toContain(false);
    const dl = learn.dls.valid;
    expect((await loaded.getPreds({ dl })).preds).toEqual((await learn.getPreds()).preds);
    loaded.dls = learn.dls;
    await loaded.withNoLogging(() => loaded.fineTune(1));
    expect(loaded.recorder?.metricNames).toEqual(["epoch", "train_loss", "valid_loss", "mae", "root", "time"]);
    loaded.dispose();
    expect(tf.memory().numTensors).toBe(before);
    learn.dispose();
  });

  test("keeps the options of a recorder of one's own, and the lack of default callbacks", async () => {
    const learn = make({ defaultCbs: false, cbs: [new Recorder({ trainMetrics: true, addTime: false, beta: 0.9 })] });
    const loaded = await loadLearner(await learn.export());
    expect(names(loaded)).toEqual(["recorder"]);
    expect(loaded.recorder).toMatchObject({ trainMetrics: true, addTime: false, validMetrics: true, beta: 0.9 });
    learn.dispose();
    loaded.dispose();
  });

  test("says in one line what it cannot keep", async () => {
    class Sparkle extends Callback {
      override afterEpoch(): void {}
    }
    const myMetric = (pred: tf.Tensor) => tf.mean(pred);
    const learn = make({ metrics: [mae, myMetric], cbs: [Sparkle], splitter: (m) => [m.parameters()] });
    const file = await learn.export();
    expect(warn).toHaveBeenCalledOnce();
    expect(warn.mock.calls[0]?.[0]).toMatch(
      /leaves out the metric "myMetric" \(.*metricRegistry\.add`\), the callback Sparkle, the splitter \(/,
    );
    const loaded = await loadLearner(file);
    expect(loaded.metrics.map(({ name }) => name)).toEqual(["mae"]);
    expect(loaded.createOpt().paramLists).toHaveLength(1);
    learn.dispose();
    loaded.dispose();
  });

  test("is refused with a callback that predictions depend on and nobody registered", async () => {
    const learn = make({ cbs: [new Callback({ afterPred: () => {} })] });
    await expect(learn.export()).rejects.toThrow(
      /Callback, which changes what the model gets or predicts.*addCallback/,
    );
    learn.dispose();
  });

  test("leaves out what is not registered where it is loaded, but for what predictions depend on", async () => {
    const learn = make({ metrics: mae, splitter: twoGroups, cbs: [new Louder()] });
    learn.freeze();
    const file = await learn.export();
    const without = await forged(file, ({ extra: { parts } }) => {
      parts.metrics[0].name = "elsewhere/metric";
      parts.splitter = "elsewhere/splitter";
      parts.callbacks.push({ name: "elsewhere", args: {}, essential: false });
    });
    const loaded = await loadLearner(without);
    expect(warn.mock.calls.map(([text]) => String(text))).toEqual([
      expect.stringMatching(/parameter splitter "elsewhere\/splitter" is not registered here/),
      expect.stringMatching(/metric "elsewhere\/metric"/),
      expect.stringMatching(/callback "elsewhere"/),
    ]);
    expect(loaded.opt).toBeNull();
    loaded.dispose();
    const before = tf.memory().numTensors;
    const essential = await forged(file, ({ extra: { parts } }) => {
      parts.callbacks.find((cb: { name: string }) => cb.name === "louder").name = "elsewhere";
    });
    await expect(loadLearner(essential)).rejects.toThrow(/callback registry: got "elsewhere"/);
    expect(tf.memory().numTensors).toBe(before);
    learn.dispose();
  });
});

describe("a forged file", () => {
  let file: string;
  beforeAll(async () => {
    const learn = make({ metrics: mae });
    file = await learn.export("honest.safetensors");
    learn.dispose();
  });

  test.each<[string, (header: { arch: { args: object } }) => void]>([
    ["one layer too large", (h) => Object.assign(h.arch.args, { width: 1e9 })],
    ["a size beyond all arrays", (h) => Object.assign(h.arch.args, { width: 1e300 })],
  ])("with %s is refused before memory is taken", async (_, change) => {
    const [tensors, rss] = [tf.memory().numTensors, process.memoryUsage().rss];
    await expect(loadLearner(await forged(file, change))).rejects.toThrow(/far larger than the weights in the file/);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(process.memoryUsage().rss - rss).toBeLessThan(100e6);
  });

  test("with too many layers is refused on the way, and frees those it had", async () => {
    models.add(
      "parts/deep",
      ({ n }) => new Sequential(...Array.from({ length: n as number }, () => new Linear(2000, 2000))),
    );
    const change = (h: { arch: object }) => Object.assign(h.arch, { name: "parts/deep", args: { n: 1e6 } });
    const before = tf.memory().numTensors;
    await expect(loadLearner(await forged(file, change))).rejects.toThrow(/far larger than the weights/);
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each<[string, (parts: Record<string, unknown>) => unknown]>([
    ["metrics", (p) => (p.metrics = 3)],
    ["a metric", (p) => (p.metrics = [null])],
    ["options of a metric", (p) => (p.metrics = [{ name: "mae", args: [] }])],
    ["callbacks", (p) => delete p.callbacks],
    ["a callback", (p) => (p.callbacks = ["recorder"])],
    ["options of a callback", (p) => (p.callbacks = [{ name: "recorder", args: { beta: "x" } }])],
    ["a splitter", (p) => (p.splitter = null)],
    ["a freeze", (p) => (p.frozenIdx = -1)],
  ])("without proper %s is refused", async (_, change) => {
    const before = tf.memory().numTensors;
    const bad = await forged(file, ({ extra }) => change(extra.parts));
    await expect(loadLearner(bad)).rejects.toThrow(/honest|forged|metricFromConfig|Recorder/);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("cannot name options that a callback does not offer", async () => {
    const bad = await forged(file, ({ extra }) => {
      extra.parts.callbacks = [{ name: "interrupt", args: { file: "/somewhere/else", learn: 1 }, essential: false }];
    });
    const loaded = await loadLearner(bad);
    expect(loaded.cbs[0]).toMatchObject({ file: "interrupted" });
    loaded.dispose();
  });
});

test("registered splitters take all parameters, or those that train", () => {
  expect(paramSplitters.names()).toEqual(expect.arrayContaining(["oneGroup", "trainableParams"]));
  const model = buildModel("parts/net", {});
  (model.parameters()[0] as { requiresGrad: boolean }).requiresGrad = false;
  expect(paramSplitters.get("trainableParams")(model)[0]).toHaveLength(model.parameters().length - 1);
  expect(paramSplitters.get("oneGroup")(model)[0]).toHaveLength(model.parameters().length);
  model.dispose();
});
