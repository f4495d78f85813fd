import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { checkWhole } from "../checkWhole.ts";
import { fmtShape, OptionError, ShapeError } from "../errors.ts";
import { dropout } from "../fused/index.ts";
import { rng } from "../random.ts";
import { filled } from "./draws.ts";
import { xavierUniform } from "./init.ts";
import { Linear, linear } from "./linear.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

export interface MultiHeadAttentionOptions {
  /** Dropout on the attention weights while training. @defaultValue 0 */
  dropout?: number;
  /** @defaultValue true */
  bias?: boolean;
}

export interface AttentionMasks {
  /** Keys to leave out, bool `[N, S]`. */
  keyPaddingMask?: tf.Tensor;
  /** Pairs to leave out (bool) or numbers to add to the scores (float), `[T, S]` or `[N, heads, T, S]`. */
  attnMask?: tf.Tensor;
}

/**
 * Each position of `query` takes a weighted mean of `value`, in several heads at once.
 * Inputs are `[N, T, E]`; `key` and `value` default to `query` (self-attention).
 * @see Vaswani et al. 2017, https://arxiv.org/abs/1706.03762
 */
export class MultiHeadAttention extends Module<
  [query: tf.Tensor, key?: tf.Tensor, value?: tf.Tensor, masks?: AttentionMasks]
> {
  readonly embedDim: number;
  readonly numHeads: number;
  readonly dropout: number;
  /** `[E, 3E]`: query, key, value side by side. */
  inProjWeight: Parameter;
  inProjBias: Parameter | null;
  outProj: Linear;

  constructor(embedDim: number, numHeads: number, options: MultiHeadAttentionOptions = {}) {
    super();
    checkOptions("MultiHeadAttention", options, { dropout: true, bias: true });
    const { dropout: p = 0, bias = true } = options;
    checkWhole("MultiHeadAttention", "embedDim", embedDim, 1);
    checkWhole("MultiHeadAttention", "numHeads", numHeads, 1);
    if (embedDim % numHeads !== 0) {
      const given = `${numHeads} heads for ${embedDim} features`;
      throw new OptionError("MultiHeadAttention", { given, expected: "a number of heads that divides the features" });
    }
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    this.dropout = p;
    const outProj = new Linear(embedDim, embedDim, { bias }); // drawn first, as PyTorch does
    this.inProjWeight = new Parameter(filled([embedDim, 3 * embedDim], 0), "linear");
    xavierUniform(this.inProjWeight);
    this.inProjBias = bias ? new Parameter(filled([3 * embedDim], 0)) : null;
    this.outProj = outProj;
    this.outProj.bias?.assign(tf.zeros([embedDim]));
  }

  override forward(query: tf.Tensor, key = query, value = key, masks: AttentionMasks = {}): tf.Tensor {
    for (const x of [query, key, value]) {
      if (x.rank === 3 && x.shape[2] === this.embedDim) continue;
      const expected = `[N, T, ${this.embedDim}]`;
      throw new ShapeError("MultiHeadAttention", { given: `input ${fmtShape(x.shape)}`, expected });
    }
    return tf.tidy(() => this.attend(query, key, value, masks).output);
  }

  /** The result and the attention weights, `[N, heads, T, S]`. */
  attend(query: tf.Tensor, key: tf.Tensor, value: tf.Tensor, masks: AttentionMasks = {}) {
    return tf.tidy(() => {
      const [q, k, v] = this.#project(query, key, value);
      const scale = 1 / Math.sqrt(this.embedDim / this.numHeads);
      const scores = masked(tf.matMul(tf.mul(q, scale), k, false, true), masks); // [N, heads, T, S]
      const weights = tf.softmax(scores);
      const dropped = this.training && this.dropout > 0 ? dropout(weights, this.dropout, rng().uint32()) : weights;
      const mixed = tf.transpose(tf.matMul(dropped, v), [0, 2, 1, 3]); // [N, T, heads, E / heads]
      return { output: this.outProj.call(tf.reshape(mixed, query.shape)), weights };
    });
  }

  #project(query: tf.Tensor, key: tf.Tensor, value: tf.Tensor): [tf.Tensor, tf.Tensor, tf.Tensor] {
    const weight = this.inProjWeight.value;
    const bias = this.inProjBias?.value ?? null;
    if (query === key && key === value) {
      const [q, k, v] = tf.split(linear(query, weight, bias), 3, 2);
      return [this.#heads(q!), this.#heads(k!), this.#heads(v!)];
    }
    const weights = tf.split(weight, 3, 1);
    const biases = bias === null ? null : tf.split(bias, 3);
    const [q, k, v] = [query, key, value].map((x, i) => this.#heads(linear(x, weights[i]!, biases?.[i] ?? null)));
    return [q!, k!, v!];
  }

  /** `[N, T, E]` to `[N, heads, T, E / heads]`. */
  #heads(x: tf.Tensor): tf.Tensor {
    const [n, steps, features] = x.shape as [number, number, number];
    const split = tf.reshape(x, [n, steps, this.numHeads, features / this.numHeads]);
    return tf.transpose(split, [0, 2, 1, 3]);
  }
}

function masked(scores: tf.Tensor, { keyPaddingMask, attnMask }: AttentionMasks): tf.Tensor {
  let result = scores;
  if (attnMask !== undefined) result = tf.add(result, additive(attnMask));
  if (keyPaddingMask !== undefined)
    result = tf.add(result, tf.expandDims(tf.expandDims(additive(keyPaddingMask), 1), 1));
  return result;
}

/** 0 where a bool mask is false, a very negative number where it is true. */
function additive(mask: tf.Tensor): tf.Tensor {
  return mask.dtype === "bool" ? tf.mul(tf.cast(mask, "float32"), -1e30) : mask;
}
