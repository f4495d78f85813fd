import { expect, test } from "vitest";
import { OptionError } from "../errors.ts";
import { loadLearner } from "../learner/index.ts";
import * as nn from "./index.ts";

test.each<[string, () => unknown]>([
  ["BatchNorm2d: got numFeatures = 0", () => new nn.BatchNorm2d(0)],
  ["LayerNorm: got normalizedShape = 1.5", () => new nn.LayerNorm([3, 1.5])],
  ["GroupNorm: got numGroups = 0", () => new nn.GroupNorm(0, 4)],
  ["InstanceNorm2d: got numFeatures = -1", () => new nn.InstanceNorm2d(-1)],
  ["LSTM: got hiddenSize = 0", () => new nn.LSTM(3, 0)],
  ["GRU: got numLayers = 0", () => new nn.GRU(3, 4, { numLayers: 0 })],
  ["MultiHeadAttention: got numHeads = 0", () => new nn.MultiHeadAttention(4, 0)],
  ["Linear: got outFeatures = 0", () => new nn.Linear(3, 0)],
])("%s, expected a whole number", (message, make) => {
  expect(make).toThrow(OptionError);
  expect(make).toThrow(message);
});

test("loadLearner without a path says what it wants", async () => {
  await expect(loadLearner(undefined as never)).rejects.toThrow("the path of a file that `learn.export` wrote");
});
