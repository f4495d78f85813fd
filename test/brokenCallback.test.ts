import { Callback, CallbackError, EVENTS, type EventName, Learner, SimpleCNN } from "@layerwise/vision/all";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { catsAndDogs, petLoaders } from "./catsAndDogs.ts";

class Faulty extends Callback {
  constructor(event: EventName, fault: () => void | Promise<void>) {
    super({ [event]: fault });
  }
}

const fault = new RangeError("my own mistake");
const atOnce = (): never => {
  throw fault;
};
const later = async (): Promise<never> => {
  await null;
  throw fault;
};
const sync = ["afterCreate", "afterPred", "afterLoss", "beforeBackward"];
const reached = EVENTS.filter((event) => event !== "afterCreate" && !event.startsWith("afterCancel"));

describe("a callback that throws", () => {
  let learn: Learner;
  let weights: tf.Tensor[];
  /** Tensors of a learner between fits: the model, the optimizer. */
  let atRest: number;
  beforeAll(async () => {
    const { folder } = await catsAndDogs();
    learn = new Learner(await petLoaders(folder), new SimpleCNN([3, 4, 2])) as unknown as Learner;
    await learn.withNoLogging(() => learn.fit(1));
    weights = learn.model.parameters().map((p) => p.value);
    atRest = tf.memory().numTensors;
    return () => learn.dispose();
  });

  test.each(
    reached.flatMap((event) =>
      sync.includes(event)
        ? [[event, atOnce]]
        : [
            [event, atOnce],
            [event, later],
          ],
    ),
  )("in %s is named, leaves no tensors, and the next fit works", async (event, thrower) => {
    const faulty = new Faulty(event as EventName, thrower as () => void);
    const failed = learn.withNoLogging(() => learn.fit(1, { cbs: [faulty] }));
    const error = (await failed.catch((e: unknown) => e)) as CallbackError;
    expect(error).toBeInstanceOf(CallbackError);
    expect(error.message).toMatch(`Faulty.${event as string}: got an error: my own mistake`);
    expect(error.cause).toBe(fault);
    expect(tf.memory().numTensors).toBe(atRest);
    expect(learn.cbs).not.toContain(faulty);
    await learn.withNoLogging(() => learn.fit(1));
    expect(learn.recorder?.values).toHaveLength(1);
    expect(tf.memory().numTensors).toBe(atRest);
    expect(weights.every((w) => !w.isDisposed)).toBe(true);
  });

  test.each<[string, () => Promise<unknown>]>([
    ["validate", () => learn.validate()],
    ["getPreds", () => learn.getPreds()],
    ["lrFind", () => learn.lrFind({ numIt: 5 })],
  ])("in %s does as well, and it comes off again", async (_, call) => {
    const faulty = new Faulty("afterPred", atOnce);
    learn.addCb(faulty);
    await expect(call()).rejects.toThrow(/Faulty.afterPred/);
    learn.removeCb(faulty);
    expect(tf.memory().numTensors).toBe(atRest);
    await learn.withNoLogging(() => learn.fit(1));
    expect(learn.recorder?.values).toHaveLength(1);
  });

  test("a model that is stopped in its middle leaves nothing either", async () => {
    let calls = 0;
    const hook = learn.model.registerForwardHook(() => {
      if (++calls === 2) throw fault;
    });
    await expect(learn.withNoLogging(() => learn.fit(1))).rejects.toThrow(/my own mistake/);
    hook.remove();
    expect(tf.memory().numTensors).toBe(atRest);
  });
});
