import { checkOptions } from "@layerwise/core";
import { TensorBBox, TensorImageBase, TensorPoint, type TypedTensor } from "@layerwise/core/tensor";
import { type JsonObject, RandTransform, type TransformContext, transformRegistry } from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";
import { batchSizeOf, checkProbability, choose } from "./perPicture.ts";

/** What `Flip` drew: which pictures of the batch are turned around. */
type Flipped = readonly boolean[];

export interface FlipOptions {
  /** Probability for each picture, 0…1. @defaultValue 0.5 */
  p?: number;
  /** One draw for the whole batch. @defaultValue false */
  batch?: boolean;
}

/** Turns left and right around, each picture of the batch with probability `p`; masks, points and boxes follow. */
export class Flip extends RandTransform<Flipped> {
  override order = 30;
  readonly options: Required<FlipOptions>;

  constructor(options: FlipOptions = {}) {
    super();
    checkOptions("Flip", options, ["p", "batch"]);
    const { p = 0.5, batch = false } = options;
    checkProbability("Flip", p);
    this.options = { p, batch };
  }

  override beforeCall(x: unknown, { rng }: TransformContext): Flipped {
    const { p, batch } = this.options;
    const draw = () => rng.uniform() < p;
    const n = batchSizeOf(x);
    return batch ? new Array<boolean>(n).fill(draw()) : Array.from({ length: n }, draw);
  }

  override toArgs(): JsonObject {
    return { ...this.options };
  }
}

Flip.on(TensorImageBase, (x, _tfm, { draw }) => flipWhere(x, draw, (data) => tf.reverse(data, 2))); // axis 2 is width
Flip.on(TensorPoint, (x, _tfm, { draw }) => flipWhere(x, draw, (data) => tf.mul(data, [-1, 1]))); // [N, P, 2]
Flip.on(TensorBBox, (x, _tfm, { draw }) => flipWhere(x, draw, mirrorBoxes));

/** `[N, B, 4]` as (x1, y1, x2, y2); the left corner stays the first. */
function mirrorBoxes(boxes: tf.Tensor): tf.Tensor {
  return tf.mul(tf.gather(boxes, [2, 1, 0, 3], -1), [-1, 1, -1, 1]);
}

function flipWhere<T extends TypedTensor>(x: T, draw: Flipped, turn: (data: tf.Tensor) => tf.Tensor): T {
  return x.with(choose(draw, x.data, turn));
}

transformRegistry.add("Flip", (args) => new Flip(args as FlipOptions));
