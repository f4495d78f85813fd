import { models, skipInit } from "@layerwise/core/nn";
import { type EmbSize, TabularModel, type TabularModelOptions } from "@layerwise/tabular";
import type * as tf from "@tensorflow/tfjs-core";

export interface EmbeddingNNArgs extends TabularModelOptions {
  /** Number of users and size of their vectors, then of items. */
  embSzs: readonly EmbSize[];
  /** Sizes of the hidden layers. */
  layers: readonly number[];
}

declare module "@layerwise/core/nn" {
  interface ModelArgs {
    embeddingNN: EmbeddingNNArgs;
  }
}

/** Predicts a rating by a perceptron on the vectors of user and item. `call(ids)`: int32 `[N, 2]` to `[N, 1]`. */
export class EmbeddingNN extends TabularModel {
  constructor({ embSzs, layers, ...options }: EmbeddingNNArgs) {
    super(embSzs, 0, 1, layers, options);
    this.arch = { name: "embeddingNN", args: { embSzs, layers, ...options } };
  }

  override forward(ids: tf.Tensor): tf.Tensor {
    return super.forward(ids, ids); // there are no continuous columns to read
  }
}

models.add("embeddingNN", (args) => skipInit(() => new EmbeddingNN(args)));
