import { describe, expect, test } from "vitest";
import { lineLearner } from "../test/smallLearners.ts";
import { CollectDataCallback } from "./collectData.ts";
import { type ExperimentRun, WandbCallback } from "./wandb.ts";

describe("WandbCallback", () => {
  test("sends settings, batches and epochs, under fastai's names", async () => {
    const learn = lineLearner({ wd: 0.1 });
    const collected = new CollectDataCallback();
    const sent: Record<string, number>[] = [];
    let config: Record<string, unknown> = {};
    const run: ExperimentRun = {
      log: async (values) => void sent.push({ ...values }),
      config: { update: (settings) => Object.assign(config, settings) },
    };
    await learn.fit(2, { cbs: [new WandbCallback({ run }), collected] });
    expect(config).toMatchObject({ nEpoch: 2, model: "RegModel", wd: 0.1, bs: 8, parameters: 2 });
    expect(JSON.parse(JSON.stringify(config))).toEqual(config);
    const batches = sent.filter((values) => "raw_loss" in values);
    expect(batches).toHaveLength(8);
    expect(Object.keys(batches[0] ?? {})).toEqual(
      expect.arrayContaining(["epoch", "train_loss", "raw_loss", "samples_per_sec", "lr_0", "wd_0"]),
    );
    expect(batches.map(({ epoch }) => epoch)).toEqual([0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]);
    expect(batches.map(({ train_loss }) => train_loss)).toEqual(learn.recorder?.losses);
    const training = collected.data.filter((_, i) => i % 6 < 4);
    const plain = training.map(({ loss }) => loss?.values[0] as number);
    expect(batches.map(({ raw_loss }) => raw_loss)).toBeAllclose(plain, { rtol: 1e-5, atol: 1e-6 });
    expect(batches.every(({ samples_per_sec: rate = 0 }) => rate > 0 && Number.isFinite(rate))).toBe(true);
    const epochs = sent.filter((values) => !("raw_loss" in values));
    expect(epochs).toEqual(learn.recorder?.values.map(([, valid]) => ({ valid_loss: valid })));
    config = {};
    learn.dispose();
  });

  test("needs a run", () => {
    expect(() => new WandbCallback({} as { run: ExperimentRun })).toThrow(/no `run`.*start one/s);
    expect(() => new WandbCallback({ run: { log() {} }, runs: 1 } as { run: ExperimentRun })).toThrow(/option "runs"/);
  });
});
