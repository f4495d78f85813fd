import * as tf from "@tensorflow/tfjs-core";
import { fmtShape, ShapeError } from "../errors.ts";
import { adaptiveAvgPool2d, adaptiveMaxPool2d } from "./adaptivePool.ts";
import type { Size2d } from "./conv2d.ts";
import type { Size3d } from "./conv3d.ts";
import { Module } from "./module.ts";
import { AvgPool2d, type AvgPoolOptions, MaxPool2d, type PoolOptions } from "./pool.ts";

/** Depth alone, and height with width. */
function split(size: Size3d): [depth: number, picture: Size2d] {
  return typeof size === "number" ? [size, size] : [size[0], [size[1], size[2]]];
}

/** The options of a pool over depth and of one over pictures, which do together what one over volumes would. */
function splitOptions({ stride, padding, ...rest }: AvgPoolOptions<Size3d>): [AvgPoolOptions, AvgPoolOptions] {
  const part = (which: 0 | 1): AvgPoolOptions => {
    const of = (size: Size3d): Size2d => (which === 0 ? [split(size)[0], 1] : split(size)[1]);
    const beside = (size: Size3d): Size2d => (which === 0 ? [split(size)[0], 0] : split(size)[1]);
    return {
      ...rest,
      ...(stride === undefined ? {} : { stride: of(stride) }),
      ...(padding === undefined ? {} : { padding: beside(padding) }),
    };
  };
  return [part(0), part(1)];
}

type Pool = (x: tf.Tensor) => tf.Tensor;

/** Pools every picture, then along the depth: windows of volumes are those of both, one after the other. */
function poolVolumes(where: string, x: tf.Tensor, overDepth: Pool, overPictures: Pool): tf.Tensor {
  if (x.rank !== 5) throw new ShapeError(where, { given: `input ${fmtShape(x.shape)}`, expected: "[N, D, H, W, C]" });
  const [n, depth, ...picture] = x.shape as [number, number, number, number, number];
  return tf.tidy(() => {
    const pooled = overPictures(tf.reshape(x, [n * depth, ...picture]));
    const [, height, width, channels] = pooled.shape as [number, number, number, number];
    const columns = overDepth(tf.reshape(pooled, [n, depth, height * width, channels]));
    return tf.reshape(columns, [n, columns.shape[1]!, height, width, channels]);
  });
}

/** Largest number of each window of a volume, `[N, D, H, W, C]`; what padding adds never wins. */
export class MaxPool3d extends Module {
  readonly #depth: MaxPool2d;
  readonly #picture: MaxPool2d;

  constructor(kernelSize: Size3d, options: PoolOptions<Size3d> = {}) {
    super();
    const [depth, picture] = split(kernelSize);
    const [depthOptions, pictureOptions] = splitOptions(options);
    this.#depth = new MaxPool2d([depth, 1], depthOptions);
    this.#picture = new MaxPool2d(picture, pictureOptions);
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return poolVolumes(
      "MaxPool3d",
      x,
      (y) => this.#depth.forward(y),
      (y) => this.#picture.forward(y),
    );
  }
}

/** Mean of each window of a volume, `[N, D, H, W, C]`. */
export class AvgPool3d extends Module {
  readonly #depth: AvgPool2d;
  readonly #picture: AvgPool2d;

  constructor(kernelSize: Size3d, options: AvgPoolOptions<Size3d> = {}) {
    super();
    const [depth, picture] = split(kernelSize);
    const [depthOptions, pictureOptions] = splitOptions(options);
    this.#depth = new AvgPool2d([depth, 1], depthOptions);
    this.#picture = new AvgPool2d(picture, pictureOptions);
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return poolVolumes(
      "AvgPool3d",
      x,
      (y) => this.#depth.forward(y),
      (y) => this.#picture.forward(y),
    );
  }
}

/** Averages a volume down to `size`, whatever its own size. */
export class AdaptiveAvgPool3d extends Module {
  readonly size: Size3d;

  constructor(size: Size3d = 1) {
    super();
    this.size = size;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const [depth, picture] = split(this.size);
    return poolVolumes(
      "AdaptiveAvgPool3d",
      x,
      (y) => adaptiveAvgPool2d(y, [depth, y.shape[2]!]),
      (y) => adaptiveAvgPool2d(y, picture),
    );
  }
}

/** Takes a volume's largest numbers down to `size`, whatever its own size. */
export class AdaptiveMaxPool3d extends Module {
  readonly size: Size3d;

  constructor(size: Size3d = 1) {
    super();
    this.size = size;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const [depth, picture] = split(this.size);
    return poolVolumes(
      "AdaptiveMaxPool3d",
      x,
      (y) => adaptiveMaxPool2d(y, [depth, y.shape[2]!]),
      (y) => adaptiveMaxPool2d(y, picture),
    );
  }
}
