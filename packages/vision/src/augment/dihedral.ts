import { checkOptions, ShapeError } from "@layerwise/core";
import { TensorImageBase } from "@layerwise/core/tensor";
import { type JsonObject, RandTransform, type TransformContext, transformRegistry } from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";
import { symmetries } from "./dihedralItem.ts";
import type { FlipOptions } from "./flip.ts";
import { batchSizeOf, checkProbability, choose } from "./perPicture.ts";

/** What `Dihedral` drew: for each picture of the batch the number of a symmetry. */
type Drawn = readonly number[];

/** Turns and mirrors square pictures in one of eight ways, each with probability `p`. */
export class Dihedral extends RandTransform<Drawn> {
  override order = 30;
  readonly options: Required<FlipOptions>;

  constructor(options: FlipOptions = {}) {
    super();
    checkOptions("Dihedral", options, ["p", "batch"]);
    const { p = 0.5, batch = false } = options;
    checkProbability("Dihedral", p);
    this.options = { p, batch };
  }

  override beforeCall(x: unknown, { rng }: TransformContext): Drawn {
    const { p, batch } = this.options;
    const draw = () => (rng.uniform() < p ? rng.integer(0, symmetries.length) : 0);
    const n = batchSizeOf(x);
    return batch ? new Array<number>(n).fill(draw()) : Array.from({ length: n }, draw);
  }

  override toArgs(): JsonObject {
    return { ...this.options };
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

transformRegistry.add("Dihedral", (args) => new Dihedral(args as FlipOptions));
