import { Callback } from "@layerwise/core/learner";
import { expect, test } from "vitest";
import { lineLearner } from "../test/smallLearners.ts";
import { ShortEpochCallback } from "./shortEpoch.ts";

test.each([
  [{ pct: 0.25 }, 3, 3],
  [{ pct: 0.25, shortValid: false }, 3, 8],
  [{}, 2, 2],
])("%o goes through %d training and %d validation batches of 8", async (options, train, valid) => {
  const learn = lineLearner({ nTrain: 8, nValid: 8 });
  const seen = { train: 0, valid: 0 };
  const count = new Callback({
    afterPred: ({ learn }) => {
      seen[learn.training ? "train" : "valid"] += 1;
    },
  });
  await learn.fit(1, { cbs: [count, new ShortEpochCallback(options)] });
  expect(seen).toEqual({ train, valid });
  learn.dispose();
});

test("a share above 1 is refused", () => {
  expect(() => new ShortEpochCallback({ pct: 2 })).toThrow(/pct 2/);
});
