import { describe, expect, test } from "vitest";
import { Recorder } from "./learner/index.ts";
import { synthLearner } from "./testing/index.ts";

const misspelled = (options: object): never => options as never;

describe("an option that nobody reads is refused", () => {
  type Line = ReturnType<typeof synthLearner>;
  test.each<[string, (learn: Line) => Promise<unknown>, RegExp]>([
    ["fit", (learn) => learn.fit(1, misspelled({ lr_max: 1 })), /"lr_max"[\s\S]*did you mean "lr"/],
    ["fitOneCycle", (learn) => learn.fitOneCycle(1, misspelled({ lr: 1 })), /did you mean "lrMax"/],
    ["fitFlatCos", (learn) => learn.fitFlatCos(1, 1e-3, misspelled({ pct_start: 1 })), /did you mean "pctStart"/],
    ["fitSgdr", (learn) => learn.fitSgdr(1, 1, misspelled({ mult: 1 })), /one of .*cycleMult/],
    ["fineTune", (learn) => learn.fineTune(1, misspelled({ lrMax: 1 })), /one of .*baseLr/],
    ["lrFind", (learn) => learn.lrFind(misspelled({ numit: 1 })), /did you mean "numIt"/],
    ["validate", (learn) => learn.validate(misspelled({ ds: 0 })), /did you mean "dsIdx"/],
    ["getPreds", (learn) => learn.getPreds(misspelled({ withLosses: true })), /did you mean "withLoss"/],
    ["tta", (learn) => learn.tta(misspelled({ use_max: true })), /did you mean "useMax"/],
    ["showResults", (learn) => learn.showResults(misspelled({ maxn: 4 })), /did you mean "maxN"/],
    ["save", (learn) => learn.save("model", misspelled({ opt: true })), /one of withOpt/],
    ["load", (learn) => learn.load("model", misspelled({ strictly: true })), /did you mean "strict"/],
  ])("%s", async (_name, call, message) => {
    const learn = synthLearner({ nTrain: 1, nValid: 1 });
    await expect(call(learn)).rejects.toThrow(message);
    learn.dispose();
  });

  test("new Learner, new Recorder", () => {
    expect(() => synthLearner(misspelled({ loss: 1 }))).toThrow(/did you mean "lossFunc"/);
    expect(() => new Recorder(misspelled({ train_metrics: true }))).toThrow(/did you mean "trainMetrics"/);
  });
});
