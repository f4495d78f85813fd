import * as tf from "@tensorflow/tfjs-core";
import { type FusedOp, runFused } from "./fusedOp.ts";

interface EmbeddingGradAttrs {
  vocabSize: number;
}

/** Sums the rows of `dy`, `[n, D]`, by the id they came from, into `[V, D]`. */
export const embeddingGradOp: FusedOp<EmbeddingGradAttrs> = {
  name: "LayerwiseEmbeddingGrad",
  outputs: 1,
  composed: ({ ids, dy }, { vocabSize }) => {
    const shape = [vocabSize, dy!.shape[1]!];
    if (dy!.size === 0) return [tf.zeros(shape)];
    return [tf.scatterND(tf.expandDims(ids!, 1), dy!, shape)];
  },
};

/** Rows of `weight`, `[V, D]`, by id, `[n]`. */
export const embeddingOp: FusedOp<object> = {
  name: "LayerwiseEmbedding",
  outputs: 1,
  composed: ({ weight, ids }) => [tf.gather(weight!, ids as tf.Tensor1D)],
  gradient: ({ dys, inputs }) => ({
    weight: () =>
      runFused(embeddingGradOp, { ids: inputs.ids!, dy: dys[0]! }, { vocabSize: inputs.weight!.shape[0]! })[0]!,
  }),
};

/**
 * Looks up a row of `weight` for every id.
 * @param weight - `[V, D]`
 * @param ids - int32, any shape, each in 0…V−1
 * @returns `[...ids.shape, D]`
 */
export function embedding(weight: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const [rows] = runFused(embeddingOp, { weight, ids: tf.reshape(ids, [ids.size]) }, {});
    return tf.reshape(rows!, [...ids.shape, weight.shape[1]!]);
  });
}
