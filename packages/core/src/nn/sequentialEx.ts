import * as tf from "@tensorflow/tfjs-core";
import { ModuleList } from "./containers.ts";
import { type AnyModule, Module } from "./module.ts";

/** A layer that also takes the input of the block it stands in; {@link SequentialEx} hands it over. */
export abstract class OrigLayer extends Module<[x: tf.Tensor, orig: tf.Tensor]> {}

/** Layers one after the other, which may look back at the block's own input: residual and dense blocks. */
export class SequentialEx extends Module {
  readonly layers: AnyModule[];

  constructor(...layers: AnyModule[]) {
    super();
    this.layers = layers;
  }

  override forward(orig: tf.Tensor): tf.Tensor {
    let x = orig;
    for (const layer of this.layers) x = layer instanceof OrigLayer ? layer.call(x, orig) : layer.call(x);
    return x;
  }
}

/** Adds the block's input, or, if `dense`, puts it beside on the last axis. */
export class MergeLayer extends OrigLayer {
  readonly dense: boolean;

  constructor({ dense = false }: { dense?: boolean } = {}) {
    super();
    this.dense = dense;
  }

  override forward(x: tf.Tensor, orig: tf.Tensor): tf.Tensor {
    return this.dense ? tf.concat([x, orig], x.rank - 1) : tf.add(x, orig);
  }
}

/** Multiplies by the block's input. */
export class ProdLayer extends OrigLayer {
  override forward(x: tf.Tensor, orig: tf.Tensor): tf.Tensor {
    return tf.mul(x, orig);
  }
}

/** Runs several modules on one input and puts the results side by side, on the last axis unless told otherwise. */
export class Cat extends Module {
  readonly #branches: ModuleList;
  readonly axis: number;

  constructor(branches: readonly AnyModule[], { axis = -1 }: { axis?: number } = {}) {
    super();
    this.#branches = new ModuleList(branches);
    this.axis = axis;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const results = [...this.#branches].map((branch) => branch.call(x) as tf.Tensor);
    return tf.concat(results, this.axis);
  }

  override fields(): [string, unknown][] {
    return this.#branches.fields();
  }
}
