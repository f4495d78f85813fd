import { checkOptions, OptionError, ShapeError, StateError } from "@layerwise/core";
import { TensorImage } from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { DisplayedTransform } from "../displayedTransform.ts";
import { type JsonObject, type SetupSource, transformRegistry } from "../transform.ts";

/** Mean and standard deviation of each channel. */
export type Stats = readonly [mean: readonly number[], std: readonly number[]];

/** Of ImageNet, for pixels of 0…1: what pretrained models expect. */
export const imagenetStats: Stats = [
  [0.485, 0.456, 0.406],
  [0.229, 0.224, 0.225],
];
/** Of CIFAR-10, for pixels of 0…1. */
export const cifarStats: Stats = [
  [0.491, 0.482, 0.447],
  [0.247, 0.243, 0.261],
];
/** Of MNIST, for pixels of 0…1. */
export const mnistStats: Stats = [[0.131], [0.308]];

export interface NormalizeOptions {
  /** Mean per channel. @defaultValue that of one training batch */
  mean?: number | readonly number[] | undefined;
  /** Standard deviation per channel. @defaultValue that of one training batch */
  std?: number | readonly number[] | undefined;
  /**
   * Axes that one mean and deviation are for: the batch's, 0, and others. `[0, 1, 2]` keeps one per channel of pictures
   * `[N, H, W, C]`. @defaultValue all but the last
   */
  axes?: readonly number[] | undefined;
}

/**
 * Brings each channel of a picture to mean 0 and standard deviation 1. Learns both from the first input that a row is
 * for. Another kind needs a row, and its own numbers are no work:
 * `Normalize.on(TensorSpectrogram, (x, tfm) => tfm.normalize(x.data), (x, tfm) => tfm.denormalize(x.data))`.
 */
export class Normalize extends DisplayedTransform {
  override order = 99;
  readonly #axes: readonly number[] | undefined;
  #mean: readonly number[] | undefined;
  #std: readonly number[] | undefined;

  constructor(options: NormalizeOptions = {}) {
    super();
    checkOptions("Normalize", options, { mean: true, std: true, axes: true });
    const { mean, std, axes } = options;
    this.#mean = toList(mean);
    this.#std = toList(std);
    this.#axes = axes;
    if (this.#mean && this.#std && this.#mean.length !== this.#std.length) {
      throw new OptionError("Normalize", {
        given: `${this.#mean.length} means and ${this.#std.length} standard deviations`,
        expected: "one of each per channel",
      });
    }
    if (this.#std?.some((value) => !(value > 0))) {
      throw new OptionError("Normalize", { given: `std ${this.#std.join(", ")}`, expected: "numbers above 0" });
    }
    if (axes && !axes.includes(0)) {
      throw new OptionError("Normalize", { given: `axes ${axes.join(", ")}`, expected: "axes with 0, the batch's" });
    }
  }

  /** `Normalize.fromStats(...imagenetStats)`. */
  static fromStats(
    mean: number | readonly number[],
    std: number | readonly number[],
    options: Pick<NormalizeOptions, "axes"> = {},
  ): Normalize {
    return new Normalize({ mean, std, ...options });
  }

  /** Mean per channel, once known. */
  get mean(): readonly number[] | undefined {
    return this.#mean;
  }

  /** Standard deviation per channel, once known. */
  get std(): readonly number[] | undefined {
    return this.#std;
  }

  override async setups(items: SetupSource): Promise<void> {
    if ((this.#mean && this.#std) || items.oneBatch === undefined || items.length === 0) return;
    const batch = await items.oneBatch();
    try {
      const images = batch.xb.find((x) => this.handles(x));
      if (images === undefined) return;
      const { mean, std } = await measure(images.data, this.#reduced(images.data));
      this.#mean = mean;
      this.#std = std;
    } finally {
      batch.dispose();
    }
  }

  /** `(x − mean) / std`, for rows of other kinds. @param x - `[N, ..., C]` */
  normalize(x: tf.Tensor): tf.Tensor {
    const { mean, std } = this.stats(x);
    return tf.div(tf.sub(x, mean), std);
  }

  /** `x · std + mean`, the way back. @param x - `[N, ..., C]` */
  denormalize(x: tf.Tensor): tf.Tensor {
    const { mean, std } = this.stats(x);
    return tf.add(tf.mul(x, std), mean);
  }

  /**
   * Mean and standard deviation as tensors that fit onto `x`: `[1, ..., 1, C]`, or as `axes` say.
   * @throws {@link StateError} before they are known
   * @throws {@link ShapeError} if `x` has another number of channels
   */
  stats(x: tf.Tensor): { mean: tf.Tensor; std: tf.Tensor } {
    const [mean, std] = [this.#mean, this.#std];
    if (mean === undefined || std === undefined) {
      throw new StateError("Normalize", {
        given: "pictures before the statistics are known",
        expected: "`setup` with a training loader, or `Normalize.fromStats(mean, std)`",
      });
    }
    if (mean.length === 1) return { mean: tf.scalar(mean[0]!), std: tf.scalar(std[0]!) };
    const reduced = this.#reduced(x);
    const shape = x.shape.map((size, axis) => (reduced.includes(axis) ? 1 : size));
    const channels = shape.reduce((product, size) => product * size, 1);
    if (mean.length !== channels) {
      throw new ShapeError("Normalize", {
        given: `statistics of ${mean.length} channels for pictures of ${channels}`,
        expected: "as many as the pictures have channels",
        fix: "use statistics of your own data, `new Normalize()`, or load the pictures with that many channels",
      });
    }
    return { mean: tf.tensor([...mean], shape), std: tf.tensor([...std], shape) };
  }

  override toArgs(): JsonObject {
    return {
      ...(this.#mean && { mean: this.#mean }),
      ...(this.#std && { std: this.#std }),
      ...(this.#axes && { axes: this.#axes }),
    };
  }

  /** The axes that one mean is for, counted from 0. */
  #reduced({ rank }: tf.Tensor): readonly number[] {
    return (this.#axes ?? Array.from({ length: rank - 1 }, (_, axis) => axis)).map((axis) => {
      if (Number.isInteger(axis) && axis < rank && axis >= -rank) return axis < 0 ? axis + rank : axis;
      throw new ShapeError("Normalize", {
        given: `axis ${axis} of a tensor with ${rank} axes`,
        expected: `${-rank}…${rank - 1}`,
      });
    });
  }
}

Normalize.on(
  TensorImage,
  (x, tfm) => tfm.normalize(x.data),
  (x, tfm) => tfm.denormalize(x.data),
);

transformRegistry.add("Normalize", (args) => new Normalize(args as NormalizeOptions));

/** Vectors as tensors of `ndim` axes, all of size 1 but `dim`: `broadcastVec(-1, 4, [1, 2, 3])` is `[1, 1, 1, 3]`. */
export function broadcastVec(dim: number, ndim: number, ...vectors: readonly (readonly number[])[]): tf.Tensor[] {
  return vectors.map((vector) => {
    const shape = new Array<number>(ndim).fill(1);
    shape[dim < 0 ? ndim + dim : dim] = vector.length;
    return tf.tensor([...vector], shape);
  });
}

/** The deviation of a sample, with the n-1 divisor, plus 1e-7. */
async function measure(x: tf.Tensor, axes: readonly number[]): Promise<{ mean: number[]; std: number[] }> {
  const n = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  const [mean, std] = tf.tidy(() => {
    const moments = tf.moments(tf.cast(x, "float32"), [...axes]);
    return [moments.mean, tf.add(tf.sqrt(tf.mul(moments.variance, n / Math.max(1, n - 1))), 1e-7)];
  }) as [tf.Tensor, tf.Tensor];
  try {
    return { mean: [...(await mean.data())], std: [...(await std.data())] };
  } finally {
    mean.dispose();
    std.dispose();
  }
}

function toList(value: number | readonly number[] | undefined): readonly number[] | undefined {
  return typeof value === "number" ? [value] : value;
}
