import * as tf from "@tensorflow/tfjs-core";

/**
 * How a weight is laid out compared with PyTorch's, so that `stateDict({ layout: "torch" })` can convert:
 * `linear` is `[in, out]` here and `[out, in]` there; `conv1d/2d/3d` HWIO here, OIHW there;
 * `convTranspose2d` HWOI here, IOHW there; `same` needs nothing.
 */
export type WeightLayout = "same" | "linear" | "conv1d" | "conv2d" | "convTranspose2d";

/** A trainable tensor of a module. `value` is the tfjs variable that gradients are taken for. */
export class Parameter {
  readonly value: tf.Variable;
  readonly layout: WeightLayout;
  /** False keeps the optimizer and the gradient away from it (freezing). */
  requiresGrad = true;

  /** @remarks Takes ownership of `initial`. */
  constructor(initial: tf.Tensor, layout: WeightLayout = "same") {
    this.value = tf.variable(initial, true);
    initial.dispose();
    this.layout = layout;
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
  }

  get value(): tf.Tensor {
    return this.#value;
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
