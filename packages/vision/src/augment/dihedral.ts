import { type Rng, ShapeError } from "@layerwise/core";
import { TensorImageBase } from "@layerwise/core/tensor";
import { transformRegistry } from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";
import { symmetries } from "./dihedralItem.ts";
import { choose, type PerPictureOptions, PerPictureTransform } from "./perPicture.ts";

/** Turns and mirrors square pictures in one of eight ways, each with probability `p`. Draws numbers of `symmetries`. */
export class Dihedral extends PerPictureTransform<number> {
  protected override readonly neutral = 0;

  protected override drawOne(rng: Rng): number {
    return rng.integer(0, symmetries.length);
  }
}

Dihedral.on(TensorImageBase, (x, _tfm, { draw }) => {
  const [, height, width] = x.shape;
  if (height !== width) {
    throw new ShapeError("Dihedral", {
      given: `pictures of ${width}x${height}`,
      expected: "square pictures",
      fix: "add `new Resize(size)` to `itemTfms`, or use `Flip`",
    });
  }
  const chosen = (key: "flipX" | "flipY" | "transpose") => draw.map((k) => symmetries[k]![key]);
  const swapped = x.shape.map((_, axis) => (axis === 1 ? 2 : axis === 2 ? 1 : axis));
  const mirrored = choose(chosen("flipX"), x.data, (data) => tf.reverse(data, 2));
  const upended = choose(chosen("flipY"), mirrored, (data) => tf.reverse(data, 1));
  return x.with(choose(chosen("transpose"), upended, (data) => tf.transpose(data, swapped)));
});

transformRegistry.add("Dihedral", (args: PerPictureOptions) => new Dihedral(args));
