import { Callback } from "@layerwise/core/learner";
import { type AnyModule, Flatten, Linear, ReLU, Sequential } from "@layerwise/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { pictureLearner } from "../test/smallLearners.ts";
import { HookCallback } from "./hookCallback.ts";

const net = () => new Sequential(new Flatten(), new Linear(36, 5), new ReLU(), new Linear(5, 3));

class Shapes extends HookCallback<string> {
  readonly seen: string[] = [];
  readonly perBatch: number[] = [];

  protected override hook(module: AnyModule, _inputs: readonly unknown[], output: unknown): string {
    const tensors = (Array.isArray(output) ? output : [output]) as tf.Tensor[];
    const text = `${module.constructor.name} ${tensors.map((t) => t.shape.join("x")).join()}`;
    this.seen.push(text);
    return text;
  }

  override afterBatch(): void | Promise<void> {
    this.perBatch.push(this.hooks?.stored.filter((s) => s !== undefined).length ?? 0);
    return super.afterBatch();
  }
}

describe("HookCallback", () => {
  test.each([
    [{}, ["Linear 8x5", "Linear 8x3"]],
    [{ includeParamless: true }, ["Flatten 8x36", "Linear 8x5", "ReLU 8x5", "Linear 8x3"]],
    [{ isForward: false }, ["Linear 8x3", "Linear 8x5"]],
  ])("%o sees %o in each training batch", async (options, expected) => {
    const learn = pictureLearner({ model: net(), nTrain: 1 });
    const hooks = new Shapes(options);
    await learn.fit(1, { cbs: [hooks] });
    expect(hooks.seen.slice(0, expected.length)).toEqual(expected);
    learn.dispose();
  });

  test("every 3 hooks the batches 0, 3, 6 and no validation", async () => {
    const learn = pictureLearner({ model: net(), nTrain: 4 });
    const hooks = new Shapes({ every: 3 });
    await learn.fit(2, { cbs: [hooks] });
    expect(hooks.perBatch).toEqual([2, 0, 0, 2, 0, 0, 0, 2, 0, 0]); // four batches and a validation, twice
    learn.dispose();
  });

  test("removeEnd false leaves the hooks on until removeHooks", async () => {
    const learn = pictureLearner({ model: net(), nTrain: 1 });
    const hooks = new Shapes({ removeEnd: false });
    await learn.fit(1, { cbs: [hooks] });
    expect(hooks.hooks?.stored).toEqual(["Linear 8x5", "Linear 8x3"]);
    await learn.fit(1, { cbs: [hooks] });
    const { length } = hooks.seen;
    hooks.removeHooks();
    await learn.validate();
    expect(hooks.seen).toHaveLength(length);
    learn.dispose();
  });

  test("stored tensors are freed, also when the fit fails", async () => {
    class Outputs extends HookCallback {
      protected override hook(_m: AnyModule, _i: readonly unknown[], output: unknown): unknown {
        return output;
      }
    }
    const learn = pictureLearner({ model: net() });
    await learn.fit(1);
    const before = tf.memory().numTensors;
    await learn.fit(1, { cbs: [new Outputs()] });
    expect(tf.memory().numTensors).toBe(before);
    const fail = new Callback({
      afterStep: () => {
        throw new Error("boom");
      },
    });
    for (const every of [undefined, 1]) {
      const hooks = new Outputs(every === undefined ? {} : { every });
      await expect(learn.fit(1, { cbs: [hooks, fail] })).rejects.toThrow(/boom/);
      expect(tf.memory().numTensors).toBe(before);
    }
    learn.dispose();
  });
});
