import * as tf from "@tensorflow/tfjs-core";
import { takeRoom } from "./room.ts";

/**
 * How a weight is laid out compared with PyTorch's, so that `stateDict({ layout: "torch" })` can convert:
 * `linear` is `[in, out]` here and `[out, in]` there; `conv1d/2d/3d` HWIO here, OIHW there;
 * `convTranspose1d/2d/3d` HWOI here, IOHW there; `same` needs nothing.
 */
export type WeightLayout = "same" | "linear" | `conv${1 | 2 | 3}d` | `convTranspose${1 | 2 | 3}d`;

/** What a layer computes with: a parameter, or a tensor made anew from parameters at each use. */
export interface Weight {
  readonly value: tf.Tensor;
  readonly layout: WeightLayout;
  readonly shape: number[];
  readonly size: number;
  /** Replaces the numbers. @remarks Takes ownership of `next`. */
  assign(next: tf.Tensor): void;
}

/** A trainable tensor of a module. `value` is the tfjs variable that gradients are taken for. */
export class Parameter implements Weight {
  readonly value: tf.Variable;
  readonly layout: WeightLayout;
  /** False keeps the optimizer and the gradient away from it (freezing). */
  requiresGrad = true;

  /** @remarks Takes ownership of `initial`; a variable becomes `value` itself. */
  constructor(initial: tf.Tensor, layout: WeightLayout = "same") {
    this.value = initial instanceof tf.Variable ? initial : tf.variable(initial, true);
    if (this.value !== initial) initial.dispose();
    this.layout = layout;
    takeRoom(this);
  }

  get shape(): number[] {
    return this.value.shape;
  }

  get size(): number {
    return this.value.size;
  }

  /** Replaces the numbers in place. @remarks Takes ownership of `next`. */
  assign(next: tf.Tensor): void {
    this.value.assign(next);
    next.dispose();
  }

  dispose(): void {
    this.value.dispose();
  }
}

/** A tensor that belongs to a module's state without being trained: running statistics, masks. */
export class Buffer {
  #value: tf.Tensor;

  /** @remarks Takes ownership of `initial`. */
  constructor(initial: tf.Tensor) {
    this.#value = tf.keep(initial);
    takeRoom(this);
  }

  get value(): tf.Tensor {
    return this.#value;
  }

  get size(): number {
    return this.#value.size;
  }

  /** Replaces the tensor. @remarks Takes ownership of `next`. */
  assign(next: tf.Tensor): void {
    const old = this.#value;
    this.#value = tf.keep(next);
    old.dispose();
  }

  dispose(): void {
    this.#value.dispose();
  }
}

/**
 * A weight that is computed from others at each use: weight norm, spectral norm. In saved states its parts are named
 * after it: the field `weight` with a part `g` gives `weight_g`.
 */
export abstract class DerivedWeight implements Weight {
  /** Computes the weight; the caller owns it, so read it inside `tf.tidy`. */
  abstract get value(): tf.Tensor;
  abstract readonly layout: WeightLayout;
  abstract get shape(): number[];
  abstract parts(): [suffix: string, part: Parameter | Buffer][];
  abstract assign(next: tf.Tensor): void;

  get size(): number {
    return this.shape.reduce((product, n) => product * n, 1);
  }
}
