import { type AnyModule, BatchNorm1d, Flatten, Linear, Sequential } from "@layerwise/core/nn";
import { expect, test } from "vitest";
import { pictureLearner } from "../test/smallLearners.ts";
import { BnFreeze, setBnEval } from "./bnFreeze.ts";

const net = () => new Sequential(new Flatten(), new Linear(36, 4), new BatchNorm1d(4), new Linear(4, 3));
const splitter = (model: AnyModule) => {
  const parameters = model.parameters();
  return [parameters.slice(0, 4), parameters.slice(4)];
};
const runningMean = (model: AnyModule): number[] => Array.from(model.namedBuffers()[0]?.[1].value.dataSync() ?? []);

test.each([
  { trainBn: false, cbs: [BnFreeze], moves: false },
  { trainBn: false, cbs: [], moves: true },
  { trainBn: true, cbs: [BnFreeze], moves: true },
])("frozen, trainBn $trainBn, $cbs: the running statistics move: $moves", async ({ trainBn, cbs, moves }) => {
  const learn = pictureLearner({ model: net(), splitter, trainBn });
  learn.freeze();
  const before = runningMean(learn.model);
  await learn.fit(1, { cbs });
  expect(runningMean(learn.model).some((v, i) => v !== before[i])).toBe(moves);
  learn.dispose();
});

test("setBnEval leaves layers alone that train", () => {
  const model = net();
  model.train();
  setBnEval(model);
  expect(model.modules().every((m) => m.training)).toBe(true);
  model.requiresGrad(false);
  setBnEval(model);
  expect(model.modules().filter((m) => !m.training)).toEqual([model.children()[2]]);
  setBnEval(model, false);
  expect(model.modules().every((m) => m.training)).toBe(true);
  model.dispose();
});
