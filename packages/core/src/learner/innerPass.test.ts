import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { mae } from "../metrics/index.ts";
import { batchNorm } from "../nn/index.ts";
import { setSeed } from "../random.ts";
import { synthLearner } from "../testing/index.ts";
import { Callback } from "./callback.ts";

const small = { nTrain: 2, nValid: 2, bs: 4 };

/** Looks at predictions in mid-batch, and stays out of the pass that it starts. */
class Looker extends Callback {
  override readonly removeOnFetch = true;
}

async function fitted(cbs: Callback[]): Promise<{ values: (number | null)[][]; left: number }> {
  setSeed(5);
  const learn = synthLearner({ ...small, metrics: mae });
  await learn.withNoLogging(() => learn.fit(1));
  const before = tf.memory().numTensors;
  await learn.withNoLogging(() => learn.fit(2, { cbs }));
  const left = tf.memory().numTensors - before;
  const values = learn.recorder?.values ?? [];
  learn.dispose();
  return { values, left };
}

describe("predictions within a running batch", () => {
  test.each(["beforeBatch", "afterBackward", "beforeStep", "afterBatch"] as const)(
    "in %s leave the batch as it is, in training and validation",
    async (event) => {
      let passes = 0;
      const looker = new Looker({
        [event]: async ({ learn }: Callback) => {
          const { pred, loss, xb, iter, training } = learn;
          const { preds, losses } = await learn.getPreds({ inner: true, withLoss: true });
          expect([preds.length, losses?.length]).toEqual([8, 8]);
          expect([learn.iter, learn.training]).toEqual([iter, training]);
          expect([learn.pred === pred, learn.loss === loss, learn.xb === xb]).toEqual([true, true, true]);
          for (const tensor of [pred, loss, ...xb]) expect(tensor?.isDisposed ?? false).toBe(false);
          passes += 1;
        },
      });
      const { values, left } = await fitted([looker]);
      expect(passes).toBe(event.endsWith("Batch") ? 8 : 4);
      expect(values).toHaveLength(2);
      expect(left).toBe((await fitted([])).left);
    },
  );

  test("leave the running metrics of validation alone", async () => {
    const inValidation = new Looker({
      afterBatch: async ({ learn }: Callback) => {
        if (!learn.training && learn.epoch === 1) await learn.getPreds({ inner: true });
      },
    });
    expect((await fitted([inValidation])).values).toEqual((await fitted([])).values);
  });

  test("give each layer its own mode back", async () => {
    const learn = synthLearner(small);
    const frozen = batchNorm(1, { ndim: 1 });
    Object.assign(learn.model, { frozen });
    const modes: boolean[] = [];
    const freeze = new Callback({
      beforeTrain: () => void frozen.eval(),
      beforeStep: async () => {
        await learn.getPreds({ inner: true });
        modes.push(learn.model.training, frozen.training);
      },
    });
    await learn.withNoLogging(() => learn.fit(1, { cbs: [freeze] }));
    expect(modes).toEqual([true, false, true, false]);
    learn.dispose();
  });
});

test("tta is one fit to callbacks, which ends without an epoch's end", async () => {
  const seen: string[] = [];
  const names = ["beforeFit", "beforeEpoch", "beforeValidate", "afterEpoch", "afterFit"] as const;
  const noting = new Callback(Object.fromEntries(names.map((name) => [name, () => void seen.push(name)])));
  const learn = synthLearner({ ...small, cbs: [noting] });
  await learn.tta({ n: 2 });
  expect(seen).toEqual(["beforeFit", "beforeEpoch", "beforeValidate", "beforeValidate", "beforeValidate", "afterFit"]);
  learn.dispose();
});
