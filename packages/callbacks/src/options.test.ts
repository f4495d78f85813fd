import { OptionError } from "@layerwise/core";
import { type Callback, callbackRegistry, GatherPredsCallback } from "@layerwise/core/learner";
import { describe, expect, test } from "vitest";
import * as callbacks from "./index.ts";

class Tally extends callbacks.HookCallback<number> {
  protected override hook(): number {
    return 1;
  }
}

type Made = new (options: Record<string, unknown>) => Callback;
const withOptions = Object.entries({
  ActivationStats: callbacks.ActivationStats,
  CSVLogger: callbacks.CSVLogger,
  CutMix: callbacks.CutMix,
  EarlyStoppingCallback: callbacks.EarlyStoppingCallback,
  FetchPredsCallback: callbacks.FetchPredsCallback,
  GatherPredsCallback,
  GradientClip: callbacks.GradientClip,
  JsonlLogger: callbacks.JsonlLogger,
  MixUp: callbacks.MixUp,
  RNNRegularizer: callbacks.RNNRegularizer,
  ReduceLROnPlateau: callbacks.ReduceLROnPlateau,
  SaveModelCallback: callbacks.SaveModelCallback,
  ShortEpochCallback: callbacks.ShortEpochCallback,
  ShowGraphCallback: callbacks.ShowGraphCallback,
  Tally,
  TerminateOnNaNCallback: callbacks.TerminateOnNaNCallback,
  TrackerCallback: callbacks.TrackerCallback,
}) as unknown as [string, Made][];

test.each(withOptions)("%s refuses an option that it does not have, by name", (name, Kind) => {
  expect(() => new Kind({ nothingLikeIt: 1 })).toThrow(new RegExp(`^${name}: got the option "nothingLikeIt"`));
});

test.each<[string, () => unknown, RegExp]>([
  ["patience", () => new callbacks.EarlyStoppingCallback({ patence: 3 } as object), /did you mean "patience"/],
  ["max_norm", () => new callbacks.GradientClip({ max_norm: 3 } as object), /did you mean "maxNorm"/],
  ["comp", () => new callbacks.TrackerCallback({ comp: "bigger" as "less" }), /comp "bigger".*"less" or "greater"/],
  ["alpha", () => new callbacks.MixUp({ alpha: 0 }), /MixUp: got alpha 0/],
  ["beta", () => new callbacks.RNNRegularizer({ beta: -1 }), /beta -1/],
  ["a strength that is no number", () => callbacks.rnnCbs({ alpha: Number.NaN }), /alpha NaN/],
  ["a typo of rnnCbs", () => callbacks.rnnCbs({ alfa: 1 } as object), /rnnCbs: got the option "alfa"/],
  ["a graph that is no picture", () => new callbacks.ShowGraphCallback({ file: "graph.txt" }), /"graph.txt".*\.png/],
])("%s: says what is wrong", (_, make, message) => {
  expect(make).toThrow(OptionError);
  expect(make).toThrow(message);
});

describe("callbacks that exported learners keep", () => {
  test.each<[Callback, Record<string, unknown>]>([
    [new callbacks.MixUp({ alpha: 0.7 }), { alpha: 0.7 }],
    [new callbacks.CutMix({ alpha: 0.6 }), { alpha: 0.6 }],
    [new callbacks.GradientAccumulation(48), { nAcc: 48 }],
    [new callbacks.GradientClip({ maxNorm: 2, normType: 3 }), { maxNorm: 2, normType: 3 }],
    [
      new callbacks.EarlyStoppingCallback({ monitor: "accuracy", minDelta: 0.1, patience: 4, resetOnFit: false }),
      { monitor: "accuracy", comp: "greater", minDelta: 0.1, patience: 4, resetOnFit: false },
    ],
    [
      new callbacks.ReduceLROnPlateau({ comp: "greater", factor: 5, minLr: 1e-6, patience: 2 }),
      { comp: "greater", factor: 5, minLr: 1e-6, patience: 2 },
    ],
    [new callbacks.ShortEpochCallback({ pct: 0.5, shortValid: false }), { pct: 0.5, shortValid: false }],
    [new callbacks.TerminateOnNaNCallback({ every: 3 }), { every: 3 }],
    [new callbacks.RNNRegularizer({ alpha: 2, beta: 1 }), { alpha: 2, beta: 1 }],
    [new callbacks.RNNCallback(), {}],
    [new callbacks.ModelResetter(), {}],
    [new callbacks.BnFreeze(), {}],
    [new callbacks.MCDropoutCallback(), {}],
  ])("%o is made again with its options", (callback, fields) => {
    const row = callbackRegistry.get(callback.name);
    expect(row.type).toBe(callback.constructor);
    const again = row.make(JSON.parse(JSON.stringify(row.toArgs(callback))));
    expect(again.constructor).toBe(callback.constructor);
    expect(again).toMatchObject(fields);
    expect(callback).toMatchObject(fields);
  });

  test("are none that write files", () => {
    const names = callbackRegistry.names();
    for (const name of ["saveModel", "csvLogger", "jsonlLogger", "showGraph", "checkpoint"]) {
      expect(names).not.toContain(name);
    }
  });
});
