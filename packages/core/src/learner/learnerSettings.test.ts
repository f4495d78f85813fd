import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mae } from "../metrics/index.ts";
import { buildModel, models } from "../nn/index.ts";
import { lrSlice, ranger } from "../optim/index.ts";
import { ArrayDataSource, ArrayDataSources, RegModel, synthDls } from "../testing/index.ts";
import { dataSourcesRegistry } from "./export.ts";
import { Learner } from "./learner.ts";
import { settingsFromConfig } from "./learnerSettings.ts";
import { loadLearner } from "./loadLearner.ts";

const path = mkdtempSync(join(tmpdir(), "layerwise-"));

beforeAll(() => {
  if (!models.has("settingsLine")) models.add("settingsLine", () => new RegModel());
  if (dataSourcesRegistry.has("array")) return;
  dataSourcesRegistry.add("array", () => {
    const empty = new ArrayDataSource({ x: [], y: [] });
    return new ArrayDataSources(empty, empty);
  });
});

let learn: Learner<number[], number[]>;
afterAll(() => learn?.dispose());

test("an exported learner goes on training with the same settings", async () => {
  const options = { lr: lrSlice(1e-4, 1e-2), wd: 0.3, moms: [0.9, 0.8, 0.9] as const, trainBn: false, optFunc: ranger };
  learn = new Learner(synthDls({ nTrain: 2, path }), buildModel("settingsLine", {}), options);
  await learn.withNoLogging(() => learn.fit(1));
  const loaded = await loadLearner<number[], number[]>(await learn.export());
  expect(loaded).toMatchObject({ lr: options.lr, wd: 0.3, moms: [0.9, 0.8, 0.9], trainBn: false, wdBnBias: false });
  expect(loaded.createOpt().config).toEqual(learn.opt?.config);
  expect(loaded.createOpt().hypers[0]?.lr).toBe(1e-2);
  const [pred] = (await loaded.getPreds({ dl: learn.dls.valid })).preds.values;
  expect(pred).toBe((await learn.getPreds()).preds.values[0]);
  loaded.dispose();
});

test("`gatherArgs` says what a learner is made of, as plain data", () => {
  const made = new Learner(synthDls({ nTrain: 2, path }), buildModel("settingsLine", {}), { wd: 0.3, metrics: mae });
  const args = made.gatherArgs();
  expect(JSON.parse(JSON.stringify(args))).toEqual(args);
  expect(args).toMatchObject({
    model: { name: "settingsLine", args: {} },
    loss: { name: "MSELossFlat" },
    lr: 1e-3,
    wd: 0.3,
    optimizer: { name: "adam" },
    bs: 16,
    metrics: ["mae"],
  });
  expect(args.callbacks).toContainEqual({ name: "recorder", args: expect.objectContaining({ beta: 0.98 }) });
  expect(made.opt).toBeNull();
  made.dispose();
});

test.each([null, "lr", { lr: "fast", wd: [], moms: [1], optimizer: { name: 3 } }, { lr: { stop: null } }])(
  "%j leaves the defaults",
  (config) => {
    expect(settingsFromConfig(config)).toEqual({});
  },
);
