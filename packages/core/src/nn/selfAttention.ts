import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { Conv1d } from "./conv.ts";
import { ConvLayer } from "./convLayer.ts";
import { kaimingNormal } from "./init.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";
import { spectralNorm } from "./weightNorm.ts";

/** `[N, H, W, C]` to `[N, H * W, C]`. */
function flatPositions(x: tf.Tensor): tf.Tensor {
  return x.rank === 3 ? x : tf.reshape(x, [x.shape[0]!, -1, x.shape.at(-1)!]);
}

function spectral(ni: number, nf: number, ndim: 1 | 2): ConvLayer {
  return new ConvLayer(ni, nf, { ks: 1, ndim, normType: "spectral", actCls: null, bias: false });
}

/** Lets every position look at every other one. @see Zhang et al. 2018 (SAGAN), https://arxiv.org/abs/1805.08318 */
export class SelfAttention extends Module {
  query: ConvLayer;
  key: ConvLayer;
  value: ConvLayer;
  gamma: Parameter;

  constructor(nChannels: number) {
    super();
    const few = Math.floor(nChannels / 8);
    this.query = spectral(nChannels, few, 1);
    this.key = spectral(nChannels, few, 1);
    this.value = spectral(nChannels, nChannels, 1);
    this.gamma = new Parameter(tf.zeros([1]));
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const flat = flatPositions(x); // [N, P, C]
      const [f, g, h] = [this.query.call(flat), this.key.call(flat), this.value.call(flat)];
      // Row j of the transposed scores: how much each query position counts for key position j.
      const beta = tf.softmax(tf.matMul(g, f, false, true)); // [N, P, P]
      const mixed = tf.matMul(beta, h);
      return tf.reshape(tf.add(tf.mul(this.gamma.value, mixed), flat), x.shape);
    });
  }
}

/** Self-attention whose keys and values are pooled 2 by 2. @see Brock et al. 2018 (BigGAN), https://arxiv.org/abs/1809.11096 */
export class PooledSelfAttention2d extends Module {
  query: ConvLayer;
  key: ConvLayer;
  value: ConvLayer;
  out: ConvLayer;
  gamma: Parameter;

  constructor(nChannels: number) {
    super();
    const few = Math.floor(nChannels / 8);
    const half = Math.floor(nChannels / 2);
    this.query = spectral(nChannels, few, 2);
    this.key = spectral(nChannels, few, 2);
    this.value = spectral(nChannels, half, 2);
    this.out = spectral(half, nChannels, 2);
    this.gamma = new Parameter(tf.zeros([1]));
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const pooled = (y: tf.Tensor) => flatPositions(tf.maxPool(y as tf.Tensor4D, 2, 2, "valid"));
      const f = flatPositions(this.query.call(x)); // [N, P, C / 8]
      const g = pooled(this.key.call(x)); // [N, P / 4, C / 8]
      const h = pooled(this.value.call(x)); // [N, P / 4, C / 2]
      const beta = tf.softmax(tf.matMul(f, g, false, true)); // [N, P, P / 4]
      const mixed = tf.reshape(tf.matMul(beta, h), [...x.shape.slice(0, 3), h.shape[2]!]);
      return tf.add(tf.mul(this.gamma.value, this.out.call(mixed)), x);
    });
  }
}

export interface SimpleSelfAttentionOptions {
  /** Size of the convolution. @defaultValue 1 */
  ks?: number;
  /** Use the mean of the weight and its transpose; needs `ks` 1. @defaultValue false */
  sym?: boolean;
}

/** Self-attention by channel products, `gamma * (x xᵀ) conv(x) + x`. @see https://github.com/sdoria/SimpleSelfAttention */
export class SimpleSelfAttention extends Module {
  readonly sym: boolean;
  conv: Conv1d;
  gamma: Parameter;

  constructor(nIn: number, options: SimpleSelfAttentionOptions = {}) {
    super();
    checkOptions("SimpleSelfAttention", options, { ks: true, sym: true });
    const { ks = 1, sym = false } = options;
    this.sym = sym;
    this.conv = new Conv1d(nIn, nIn, { kernelSize: ks, padding: Math.floor(ks / 2), bias: false });
    kaimingNormal(this.conv.weight);
    spectralNorm(this.conv);
    this.gamma = new Parameter(tf.zeros([1]));
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const flat = flatPositions(x); // [N, P, C]
      const products = tf.matMul(flat, flat, true, false); // [N, C, C]
      const mixed = tf.matMul(this.sym ? this.#symmetric(flat) : this.conv.call(flat), products);
      return tf.reshape(tf.add(tf.mul(this.gamma.value, mixed), flat), x.shape);
    });
  }

  #symmetric(flat: tf.Tensor): tf.Tensor {
    const channels = flat.shape[2]!;
    const weight = tf.reshape(this.conv.weight.value, [channels, channels]);
    const mean = tf.mul(tf.add(weight, tf.transpose(weight)), 0.5);
    return tf.reshape(tf.matMul(tf.reshape(flat, [-1, channels]), mean), flat.shape);
  }
}
