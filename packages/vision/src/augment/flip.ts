import { TensorBBox, TensorImageBase, TensorPoint, type TypedTensor } from "@layerwise/core/tensor";
import { transformRegistry } from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";
import { choose, type PerPictureOptions, PerPictureTransform } from "./perPicture.ts";

/** Turns left and right around, each picture of the batch with probability `p`; masks, points and boxes follow. */
export class Flip extends PerPictureTransform<boolean> {
  protected override readonly neutral = false;

  protected override drawOne(): boolean {
    return true;
  }
}

Flip.on(TensorImageBase, (x, _tfm, { draw }) => flipWhere(x, draw, (data) => tf.reverse(data, 2))); // axis 2 is width
Flip.on(TensorPoint, (x, _tfm, { draw }) => flipWhere(x, draw, (data) => tf.mul(data, [-1, 1]))); // [N, P, 2]
Flip.on(TensorBBox, (x, _tfm, { draw }) => flipWhere(x, draw, mirrorBoxes));

/** `[N, B, 4]` as (x1, y1, x2, y2); the left corner stays the first. */
function mirrorBoxes(boxes: tf.Tensor): tf.Tensor {
  return tf.mul(tf.gather(boxes, [2, 1, 0, 3], -1), [-1, 1, -1, 1]);
}

function flipWhere<T extends TypedTensor>(x: T, draw: readonly boolean[], turn: (data: tf.Tensor) => tf.Tensor): T {
  return x.with(choose(draw, x.data, turn));
}

transformRegistry.add("Flip", (args: PerPictureOptions) => new Flip(args));
