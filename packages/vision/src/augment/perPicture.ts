import { checkOptions, OptionError, type Rng } from "@layerwise/core";
import { TypedTensor } from "@layerwise/core/tensor";
import { asTuple, type JsonObject, RandTransform, type TransformContext } from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";

export interface PerPictureOptions {
  /** Probability for each picture, 0…1. @defaultValue 0.5 */
  p?: number;
  /** One draw for the whole batch. @defaultValue false */
  batch?: boolean;
}

/** Base of random transforms of a batch that draw for each picture by itself; rows find the list in `ctx.draw`. */
export abstract class PerPictureTransform<Draw> extends RandTransform<readonly Draw[]> {
  override order = 30;
  readonly options: Required<PerPictureOptions>;
  /** What leaves a picture as it is. */
  protected abstract readonly neutral: Draw;

  constructor(options: PerPictureOptions = {}) {
    super();
    checkOptions(new.target.name, options, ["p", "batch"]);
    const { p = 0.5, batch = false } = options;
    if (!(p >= 0 && p <= 1)) {
      throw new OptionError(new.target.name, { given: `p = ${p}`, expected: "a probability from 0 to 1" });
    }
    this.options = { p, batch };
  }

  /** What happens to a picture that is changed. */
  protected abstract drawOne(rng: Rng): Draw;

  override beforeCall(x: unknown, { rng }: TransformContext): readonly Draw[] {
    const { p, batch } = this.options;
    const draw = () => (rng.uniform() < p ? this.drawOne(rng) : this.neutral);
    const n = asTuple(x).find(TypedTensor)?.shape[0] ?? 1;
    return batch ? new Array<Draw>(n).fill(draw()) : Array.from({ length: n }, draw);
  }

  override toArgs(): JsonObject {
    return { ...this.options };
  }
}

/** Rows of `data` where `flags` is false, rows of `change(data)` where it is true; untouched if none is. */
export function choose(flags: readonly boolean[], data: tf.Tensor, change: (data: tf.Tensor) => tf.Tensor): tf.Tensor {
  if (!flags.includes(true)) return tf.clone(data);
  if (!flags.includes(false)) return change(data);
  const shape = [flags.length, ...data.shape.slice(1).map(() => 1)];
  return tf.where(tf.tensor(flags.map(Number), shape, "bool"), change(data), data);
}
