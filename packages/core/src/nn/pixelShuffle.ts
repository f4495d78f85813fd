import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { fmtShape, ShapeError } from "../errors.ts";
import { Sequential } from "./containers.ts";
import { ConvLayer } from "./convLayer.ts";
import { filled } from "./draws.ts";
import { type InitFunc, kaimingNormal } from "./init.ts";
import { type AnyModule, Module } from "./module.ts";
import { type ActClass, nnDefaults } from "./nnDefaults.ts";
import type { NormType } from "./normType.ts";
import { pad2d } from "./padding.ts";
import { Parameter, type Weight } from "./parameter.ts";
import { AvgPool2d } from "./pool.ts";

/**
 * Turns channels into pixels: `[N, H, W, C * scale²]` to `[N, H * scale, W * scale, C]`. Channels lie in PyTorch's
 * order, `c * scale² + row * scale + column`, so that its weights fit.
 * @see Shi et al. 2016, https://arxiv.org/abs/1609.05158
 */
export class PixelShuffle extends Module {
  readonly scale: number;

  constructor(scale: number) {
    super();
    this.scale = scale;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const { scale } = this;
    const [n, height, width, channels] = x.shape as [number, number, number, number];
    if (x.rank !== 4 || channels % scale ** 2 !== 0) {
      const expected = `[N, H, W, C] with channels in multiples of ${scale ** 2}`;
      throw new ShapeError("PixelShuffle", { given: `input ${fmtShape(x.shape)}`, expected });
    }
    const depth = channels / scale ** 2;
    return tf.tidy(() => {
      const cells = tf.reshape(x, [n * height, width, depth, scale, scale]);
      const rows = tf.transpose(cells, [0, 3, 1, 4, 2]); // [N * H, row, W, column, C]
      return tf.reshape(rows, [n, height * scale, width * scale, depth]);
    });
  }
}

/** Repeats the border pixels outwards: `[top, bottom, left, right]`. */
export class ReplicationPad2d extends Module {
  readonly sides: readonly [top: number, bottom: number, left: number, right: number];

  constructor(sides: readonly [top: number, bottom: number, left: number, right: number]) {
    super();
    this.sides = sides;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const [top, bottom, left, right] = this.sides;
    return tf.tidy(() =>
      pad2d(
        x,
        [
          [top, bottom],
          [left, right],
        ],
        "replicate",
      ),
    );
  }
}

/**
 * Draws a convolution so that the `scale²` pixels which the shuffle makes of one position start equal.
 * @see Aitken et al. 2017, https://arxiv.org/abs/1707.02937
 */
export function icnrInit(weight: Weight, scale = 2, init: InitFunc = kaimingNormal): void {
  const copies = scale ** 2;
  const [kh, kw, ni, nf] = weight.shape as [number, number, number, number];
  const base = new Parameter(filled([kh, kw, ni, Math.floor(nf / copies)], 0), "conv2d");
  init(base);
  const repeated = tf.tidy(() => {
    const each = tf.tile(tf.expandDims(base.value, 4), [1, 1, 1, 1, copies]);
    return tf.reshape(each, [kh, kw, ni, nf]); // output o copies base kernel o / scale²
  });
  base.dispose();
  weight.assign(repeated);
}

export interface PixelShuffleIcnrOptions {
  /** @defaultValue 2 */
  scale?: number;
  /** Smooth the result by a 2 by 2 mean. @defaultValue false */
  blur?: boolean;
  /** @defaultValue "weight" */
  normType?: NormType | null;
  /** @defaultValue `defaults.activation`, ReLU */
  actCls?: ActClass;
}

/** Enlarges by a 1x1 convolution and a pixel shuffle, from `ni` to `nf` channels, without checkerboard at the start. */
export class PixelShuffleIcnr extends Sequential {
  constructor(ni: number, nf: number = ni, options: PixelShuffleIcnrOptions = {}) {
    checkOptions("PixelShuffleIcnr", options, { scale: true, blur: true, normType: true, actCls: true });
    const { scale = 2, blur = false, normType = "weight", actCls = nnDefaults.activation } = options;
    const conv = new ConvLayer(ni, nf * scale ** 2, { ks: 1, normType, actCls, biasStd: 0 });
    icnrInit((conv.at(0) as AnyModule & { weight: Weight }).weight, scale);
    const smooth = blur ? [new ReplicationPad2d([1, 0, 1, 0]), new AvgPool2d(2, { stride: 1 })] : [];
    super(conv, new PixelShuffle(scale), ...smooth);
  }
}
