import { Callback } from "@layerwise/core/learner";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { lineLearner } from "../test/smallLearners.ts";
import { GradientClip } from "./gradientClip.ts";

test.each([
  { maxNorm: 1, normType: 2, expected: [0.59999988, 0.79999984] },
  { maxNorm: 10, normType: 2, expected: [3, 4] },
  { maxNorm: 2, normType: Number.POSITIVE_INFINITY, expected: [1.5, 2] },
])("gradients [3, 4] with at most $maxNorm (norm $normType) become $expected", async ({ expected, ...options }) => {
  const learn = lineLearner({ nTrain: 1 });
  const seen: number[] = [];
  const before = new Callback({
    afterBackward: ({ learn: { opt } }) => {
      opt?.zeroGrad();
      const params = opt?.allParams() ?? [];
      opt?.accumulate(new Map(params.map((p, i) => [p, tf.scalar(3 + i)])));
    },
    beforeStep: () => {},
  });
  const after = Object.assign(
    new Callback({
      beforeStep: ({ learn }) => void seen.push(...[...(learn.opt?.grads.values() ?? [])].map((g) => g.dataSync()[0]!)),
    }),
    { order: 12 },
  );
  await learn.fit(1, { cbs: [before, new GradientClip(options), after] });
  expect(seen).toBeAllclose(expected, { rtol: 1e-6 });
  learn.dispose();
});
