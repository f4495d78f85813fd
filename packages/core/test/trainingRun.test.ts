import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { Callback } from "../src/learner/index.ts";
import { Learner } from "../src/learner/learner.ts";
import { CrossEntropyLossFlat } from "../src/losses/index.ts";
import { accuracy } from "../src/metrics/index.ts";
import { AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Dropout, Flatten, Linear, ReLU, Sequential } from "../src/nn/index.ts";
import { ArrayDataSource, ArrayDataSources } from "../src/testing/index.ts";
import golden from "./golden/trainingRun.json" with { type: "json" };

type Saved = Record<string, { shape: number[]; values: number[] }>;

const rows = (part: { x: number[]; y: number[] }) => ({
  x: part.y.map((_, i) => part.x.slice(i * 64, (i + 1) * 64)),
  y: part.y.map((y) => [y]),
  xShape: [8, 8, 1],
  classes: true,
});

const state = (saved: Saved) =>
  new Map(
    Object.entries(saved).map(([name, { shape, values }]) => [
      name,
      { shape, dtype: "float32" as const, values: Float32Array.from(values) },
    ]),
  );

test("a whole run gives fastai's losses, rates, validation and weights", async () => {
  const model = new Sequential(
    new Conv2d(1, 4, { kernelSize: 3, stride: 2, padding: 1, bias: false }),
    new BatchNorm2d(4),
    new ReLU(),
    new Conv2d(4, 8, { kernelSize: 3, padding: 1 }),
    new BatchNorm2d(8),
    new ReLU(),
    new AdaptiveAvgPool2d(1),
    new Flatten(),
    new Dropout(0),
    new Linear(8, 3),
  );
  model.loadStateDict(state(golden.initial), { layout: "torch" });
  const { bs } = golden;
  const dls = new ArrayDataSources(
    new ArrayDataSource(rows(golden.train), { bs }),
    new ArrayDataSource(rows(golden.valid), { bs }),
  );
  const learn = new Learner(dls, model, { lossFunc: new CrossEntropyLossFlat(), metrics: accuracy });
  const raw: tf.Tensor[] = [];
  const watch = new Callback({
    afterLoss: (cb) => void (cb.learn.training && raw.push(tf.keep(tf.clone(cb.learn.loss as tf.Tensor)))),
  });
  await learn.withNoLogging(() => learn.fitOneCycle(1, 1e-2, { cbs: [watch] }));

  expect(raw.map((t) => t.dataSync()[0] as number)).toBeAllclose(golden.rawLosses, { rtol: 1e-3, atol: 1e-4 });
  expect(learn.recorder?.losses).toBeAllclose(golden.smoothLosses, { rtol: 1e-3, atol: 1e-4 });
  expect(learn.recorder?.lrs).toBeAllclose(golden.lrs, { rtol: 1e-6, atol: 0 });
  expect(learn.recorder?.hps.mom).toBeAllclose(golden.moms, { rtol: 1e-6, atol: 0 });
  expect(learn.recorder?.last("valid_loss")).toBeCloseTo(golden.validLoss, 3);
  expect(learn.recorder?.last("accuracy")).toBeCloseTo(golden.accuracy, 6);
  const final = await model.stateDict({ layout: "torch" });
  for (const [name, { values }] of Object.entries(golden.final as Saved)) {
    expect(final.get(name)?.values, name).toBeAllclose(values, { rtol: 1e-3, atol: 1e-3 });
  }
  tf.dispose(raw);
  learn.dispose();
});
