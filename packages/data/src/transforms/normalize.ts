import { OptionError, ShapeError, StateError } from "@layerwise/core";
import { TensorImage } from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { type JsonObject, type SetupSource, Transform, transformRegistry } from "../transform.ts";

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
}

/**
 * Brings each channel of a picture to mean 0 and standard deviation 1. Learns both from the first input that a row is
 * for: `Normalize.on(TensorSpectrogram, encode, decode)` is all that another kind needs.
 */
export class Normalize extends Transform {
  override order = 99;
  #mean: readonly number[] | undefined;
  #std: readonly number[] | undefined;

  constructor({ mean, std }: NormalizeOptions = {}) {
    super();
    this.#mean = toList(mean);
    this.#std = toList(std);
    if (this.#mean && this.#std && this.#mean.length !== this.#std.length) {
      throw new OptionError("Normalize", {
        given: `${this.#mean.length} means and ${this.#std.length} standard deviations`,
        expected: "one of each per channel",
      });
    }
    if (this.#std?.some((value) => !(value > 0))) {
      throw new OptionError("Normalize", { given: `std ${this.#std.join(", ")}`, expected: "numbers above 0" });
    }
  }

  /** `Normalize.fromStats(...imagenetStats)`. */
  static fromStats(mean: number | readonly number[], std: number | readonly number[]): Normalize {
    return new Normalize({ mean, std });
  }

  get mean(): readonly number[] | undefined {
    return this.#mean;
  }

  get std(): readonly number[] | undefined {
    return this.#std;
  }

  override async setups(items: SetupSource): Promise<void> {
    if ((this.#mean && this.#std) || items.oneBatch === undefined || items.length === 0) return;
    const batch = await items.oneBatch();
    try {
      const images = batch.xb.find((x) => this.handles(x));
      if (images === undefined) return;
      const { mean, std } = await channelStats(images.data);
      this.#mean = mean;
      this.#std = std;
    } finally {
      batch.dispose();
    }
  }

  /** Mean and standard deviation as tensors that fit onto `x`, `[..., C]`. */
  stats(x: tf.Tensor): { mean: tf.Tensor; std: tf.Tensor } {
    const [mean, std] = [this.#mean, this.#std];
    if (mean === undefined || std === undefined) {
      throw new StateError("Normalize", {
        given: "pictures before the statistics are known",
        expected: "`setup` with a training loader, or `Normalize.fromStats(mean, std)`",
      });
    }
    const channels = x.shape.at(-1);
    if (mean.length !== 1 && mean.length !== channels) {
      throw new ShapeError("Normalize", {
        given: `statistics of ${mean.length} channels for pictures of ${channels}`,
        expected: "as many as the pictures have channels",
        fix: "use statistics of your own data, `new Normalize()`, or load the pictures with that many channels",
      });
    }
    return { mean: tf.tensor1d([...mean]), std: tf.tensor1d([...std]) };
  }

  override toArgs(): JsonObject {
    return { ...(this.#mean && { mean: this.#mean }), ...(this.#std && { std: this.#std }) };
  }
}

Normalize.on(
  TensorImage,
  (x, tfm) => {
    const { mean, std } = tfm.stats(x.data);
    return x.with(tf.div(tf.sub(x.data, mean), std));
  },
  (x, tfm) => {
    const { mean, std } = tfm.stats(x.data);
    return x.with(tf.add(tf.mul(x.data, std), mean));
  },
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

/** Over all axes but the last; the deviation of a sample, with the n-1 divisor, plus 1e-7. */
async function channelStats(x: tf.Tensor): Promise<{ mean: number[]; std: number[] }> {
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  const n = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  const [mean, std] = tf.tidy(() => {
    const moments = tf.moments(tf.cast(x, "float32"), axes);
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
