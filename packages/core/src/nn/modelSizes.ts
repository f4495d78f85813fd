import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "../errors.ts";
import { Rng } from "../random.ts";
import { Hooks } from "./hooks.ts";
import type { AnyModule } from "./module.ts";
import { inChannels } from "./params.ts";

/** Runs one made-up picture of `size` through the model in eval mode; the caller owns the output. */
export function dummyEval(model: AnyModule, size: readonly [height: number, width: number] = [64, 64]): tf.Tensor {
  const channels = inChannels(model);
  if (channels === null) {
    throw new ShapeError("dummyEval", {
      given: `${model.constructor.name}, which has no convolution`,
      expected: "a model for pictures",
    });
  }
  const random = new Rng(0);
  const shape = [1, ...size, channels];
  const values = Float32Array.from({ length: size[0] * size[1] * channels }, () => random.uniform(-1, 1));
  return model.evaluating(() => tf.tidy(() => model.call(tf.tensor(values, shape)) as tf.Tensor));
}

/** Shape of what each direct child puts out for a picture of `size`. */
export function modelSizes(model: AnyModule, size: readonly [height: number, width: number] = [64, 64]): number[][] {
  const hooks = new Hooks(model.children(), (_, __, output) => (output as tf.Tensor).shape);
  try {
    dummyEval(model, size).dispose();
    return hooks.stored.map((shape) => shape ?? []);
  } finally {
    hooks.remove();
  }
}

/** Channels of what the model's last child puts out; tries larger pictures if small ones vanish on the way. */
export function numFeaturesModel(model: AnyModule): number {
  for (let size = 32; ; size *= 2) {
    try {
      return modelSizes(model, [size, size]).at(-1)!.at(-1)!;
    } catch (error) {
      if (size >= 2048) throw error;
    }
  }
}
