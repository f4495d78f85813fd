import * as tf from "@tensorflow/tfjs-core";
import { StateError } from "../errors.ts";
import { rng } from "../random.ts";
import type { WeightLayout } from "./parameter.ts";
import { checkRoom } from "./room.ts";
import { fromTorchOrder, torchShape } from "./state.ts";

/** Fills the numbers of one tensor, in PyTorch's order of axes. */
export type Draw = (values: Float32Array) => void;

let skipping = false;

/** Builds a model without drawing its weights: for weights that a file brings. They are all zero until then. */
export function skipInit<T>(build: () => T): T {
  const before = skipping;
  skipping = true;
  try {
    return build();
  } finally {
    skipping = before;
  }
}

/** True within `skipInit`. */
export function skipsInit(): boolean {
  return skipping;
}

/** A tensor of `shape`, its numbers drawn by `draw` as PyTorch draws a weight of that layout. */
export function drawn(shape: readonly number[], draw: Draw, layout: WeightLayout = "same"): tf.Tensor {
  if (tf.engine().backendNames().length === 0) {
    throw new StateError("core/nn", {
      given: "a layer with weights before any backend runs",
      expected: "a backend to put them on",
      fix: "`await useBackend()` first; loaders and `loadLearner` do so by themselves",
    });
  }
  checkRoom(shape);
  const values = new Float32Array(shape.reduce((product, n) => product * n, 1));
  if (skipping) return tf.tensor(values, [...shape]);
  draw(values);
  const ours = fromTorchOrder({ shape: torchShape(shape, layout), dtype: "float32", values }, layout);
  return tf.tensor(ours.values, [...shape]);
}

/** A tensor of `shape`, all its numbers the same. */
export function filled(shape: readonly number[], value: number): tf.Tensor {
  checkRoom(shape);
  return tf.fill([...shape], value);
}

/** The numbers of `torch.Tensor.uniform_`: 24 random bits each. */
export function uniformDraw(low = 0, high = 1): Draw {
  const from = Math.fround(low);
  const span = Math.fround(Math.fround(high) - from);
  return (values) => {
    const generator = rng();
    for (let i = 0; i < values.length; i++) values[i] = Math.fround(uniform24(generator.uint32()) * span) + from;
  };
}

/** Numbers that `normal_` turns into normal ones at a time. */
const block = 16;

/** The numbers of `torch.Tensor.normal_`: in blocks, the last one drawn again if it overlaps; few ones one by one. */
export function normalDraw(mean = 0, std = 1): Draw {
  return (values) => {
    const generator = rng();
    if (values.length < block) {
      for (let i = 0; i < values.length; i++) values[i] = generator.normal(mean, std);
      return;
    }
    const uniform = uniformDraw();
    uniform(values);
    const whole = values.length - (values.length % block);
    for (let start = 0; start < whole; start += block) boxMuller(values, start, mean, std);
    if (whole === values.length) return;
    uniform(values.subarray(-block));
    boxMuller(values, values.length - block, mean, std);
  };
}

/** Turns a block of uniform numbers into normal ones: radii from its first half, angles from its second. */
function boxMuller(values: Float32Array, start: number, mean: number, std: number): void {
  const half = block / 2;
  const turn = Math.fround(2 * Math.PI);
  for (let i = start; i < start + half; i++) {
    const radius = Math.fround(Math.sqrt(-2 * Math.log(1 - values[i]!)));
    const angle = Math.fround(turn * values[i + half]!);
    values[i] = radius * Math.cos(angle) * std + mean;
    values[i + half] = radius * Math.sin(angle) * std + mean;
  }
}

function uniform24(bits: number): number {
  return (bits & 0xffffff) / 2 ** 24;
}
