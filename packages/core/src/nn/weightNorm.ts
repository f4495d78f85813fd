import * as tf from "@tensorflow/tfjs-core";
import { OptionError } from "../errors.ts";
import { drawn, normalDraw } from "./draws.ts";
import type { AnyModule } from "./module.ts";
import { Buffer, DerivedWeight, Parameter, type Weight, type WeightLayout } from "./parameter.ts";

/** A layer whose weight can be replaced by a derived one. */
type Reweighted = AnyModule & { weight: Weight };

function plainWeight(where: string, { weight }: Reweighted): Parameter {
  if (weight instanceof Parameter) return weight;
  throw new OptionError(where, {
    given: "a layer whose weight is already derived",
    expected: "a linear or convolution layer with a plain weight",
  });
}

/** The axis that comes first in PyTorch: outputs, or inputs of transposed convolutions. */
function lengthAxis({ layout, shape }: Parameter): number {
  return layout === "same" ? 0 : shape.length - 1;
}

/** A weight as direction `v` times length `g`, per output (per input of transposed convolutions). @see Salimans & Kingma 2016, https://arxiv.org/abs/1602.07868 */
export class WeightNormed extends DerivedWeight {
  readonly g: Parameter;
  readonly v: Parameter;
  readonly #axes: number[];

  constructor(weight: Parameter) {
    super();
    const kept = lengthAxis(weight);
    this.#axes = weight.shape.map((_, axis) => axis).filter((axis) => axis !== kept);
    this.v = weight;
    this.g = new Parameter(lengths(weight.value, this.#axes), weight.layout);
  }

  override get value(): tf.Tensor {
    const { v, g } = this;
    return tf.tidy(() => tf.mul(v.value, tf.div(g.value, lengths(v.value, this.#axes))));
  }

  override get layout(): WeightLayout {
    return this.v.layout;
  }

  override get shape(): number[] {
    return this.v.shape;
  }

  override parts(): [string, Parameter][] {
    return [
      ["g", this.g],
      ["v", this.v],
    ];
  }

  override assign(next: tf.Tensor): void {
    this.v.assign(next);
    this.g.assign(lengths(this.v.value, this.#axes));
  }
}

/** Euclidean norm over `axes`, which stay as 1. */
function lengths(x: tf.Tensor, axes: number[]): tf.Tensor {
  return tf.tidy(() => tf.sqrt(tf.sum(tf.square(x), axes, true)));
}

/**
 * A weight divided by its largest singular value, which one step of power iteration per training pass follows.
 * @see Miyato et al. 2018, https://arxiv.org/abs/1802.05957
 */
export class SpectralNormed extends DerivedWeight {
  readonly orig: Parameter;
  readonly u: Buffer;
  readonly v: Buffer;
  readonly #owner: AnyModule;
  /** Outputs first, then what PyTorch has after them. */
  readonly #axes: number[];

  constructor(weight: Parameter, owner: AnyModule) {
    super();
    this.#owner = owner;
    this.#axes = outputsFirst(weight);
    this.orig = weight;
    const outputs = weight.shape[this.#axes[0]!]!;
    this.u = new Buffer(randomDirection(outputs));
    this.v = new Buffer(randomDirection(weight.size / outputs));
  }

  override get value(): tf.Tensor {
    if (this.#owner.training) this.#iterate();
    return tf.tidy(() => {
      const product = tf.matMul(tf.expandDims(this.u.value, 0), this.#matrix()); // [1, inputs]
      const sigma = tf.sum(tf.mul(product, this.v.value));
      return tf.div(this.orig.value, sigma);
    });
  }

  override get layout(): WeightLayout {
    return this.orig.layout;
  }

  override get shape(): number[] {
    return this.orig.shape;
  }

  override parts(): [string, Parameter | Buffer][] {
    return [
      ["orig", this.orig],
      ["u", this.u],
      ["v", this.v],
    ];
  }

  override assign(next: tf.Tensor): void {
    this.orig.assign(next);
  }

  /** `[outputs, inputs]` */
  #matrix(): tf.Tensor2D {
    const weight = tf.transpose(this.orig.value, this.#axes);
    return tf.reshape(weight, [weight.shape[0]!, -1]) as tf.Tensor2D;
  }

  #iterate(): void {
    const [u, v] = withoutGradient(() => {
      const matrix = this.#matrix();
      const nextV = direction(tf.matMul(tf.expandDims(this.u.value, 0), matrix)); // [1, inputs]
      const nextU = direction(tf.matMul(nextV, matrix, false, true)); // [1, outputs]
      return [tf.reshape(nextU, [-1]), tf.reshape(nextV, [-1])];
    });
    this.u.assign(u!);
    this.v.assign(v!);
  }
}

function outputsFirst({ layout, shape }: Parameter): number[] {
  const axes = shape.map((_, axis) => axis);
  if (layout === "same") return axes;
  const [a, b] = axes.splice(-2);
  return layout.startsWith("convTranspose") ? [a!, b!, ...axes] : [b!, a!, ...axes];
}

function direction(x: tf.Tensor): tf.Tensor {
  return tf.div(x, tf.maximum(tf.norm(x), 1e-12));
}

function randomDirection(length: number): tf.Tensor {
  return tf.tidy(() => direction(drawn([length], normalDraw())));
}

/** Runs `body` so that no gradient flows through what it returns. */
function withoutGradient(body: () => tf.Tensor[]): tf.Tensor[] {
  return tf.tidy(() => {
    const results: tf.Tensor[] = [];
    // Ops inside a custom gradient are not recorded; the one it declares leads only to a constant.
    const op = tf.customGrad(() => {
      for (const result of tf.tidy(body)) results.push(tf.keep(result));
      return { value: tf.scalar(0), gradFunc: () => tf.scalar(0) };
    });
    op(tf.scalar(0));
    return results;
  });
}

/** Replaces a layer's weight by one with weight norm, and returns the layer. */
export function weightNorm<M extends Reweighted>(layer: M): M {
  layer.weight = new WeightNormed(plainWeight("weightNorm", layer));
  return layer;
}

/** Replaces a layer's weight by one with spectral norm, and returns the layer. */
export function spectralNorm<M extends Reweighted>(layer: M): M {
  layer.weight = new SpectralNormed(plainWeight("spectralNorm", layer), layer);
  return layer;
}
