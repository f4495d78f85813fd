import type { Rng } from "@layerwise/core";
import type { TypedTensor } from "@layerwise/core/tensor";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { MaybePromise } from "./maybePromise.ts";
import type { TransformContext } from "./transformContext.ts";
import type { Tuple } from "./tuple.ts";

/** Names sample `i` of a batch, for messages. */
export type ItemName = (i: number) => string;

/**
 * Steps of a loader that can be replaced: by a method of a subclass or, for one loader, by an option of the same name,
 * which goes first.
 */
export interface LoaderHooks {
  /** Runs before each pass. */
  beforeIter?: (() => MaybePromise<void>) | undefined;
  /** Runs after each pass, also after one that is left early or fails. */
  afterIter?: (() => MaybePromise<void>) | undefined;
  /** Order of one pass, as data set indices. Chance comes from `random`, so that a seed repeats the pass. */
  getIdxs?: ((random: Rng) => readonly number[]) | undefined;
  /** `idxs` in random order, where the loader shuffles. */
  shuffleFn?: ((idxs: readonly number[], random: Rng) => readonly number[]) | undefined;
  /** Sample `index` of the data set, before the item transforms. */
  createItem?: ((index: number, ctx: TransformContext) => MaybePromise<unknown>) | undefined;
  /** Tensors of a batch from its samples, as `beforeBatch` leaves them; inside `tf.tidy`. */
  createBatch?: ((samples: readonly Tuple[], itemName: ItemName) => readonly (TypedTensor | Tensor)[]) | undefined;
  /** Gives the tensors that `createBatch` made the kinds of what they were made from. */
  retain?:
    | ((batch: readonly (TypedTensor | Tensor)[], samples: readonly Tuple[]) => readonly TypedTensor[])
    | undefined;
  /** From the samples of a batch to its tensors: `beforeBatch`, `createBatch` and `retain`; inside `tf.tidy`. */
  doBatch?:
    | ((samples: readonly unknown[], itemName: ItemName, ctx: TransformContext) => readonly TypedTensor[])
    | undefined;
}

/** Names of {@link LoaderHooks}. */
export const loaderHookNames: readonly (keyof LoaderHooks)[] = [
  "beforeIter",
  "afterIter",
  "getIdxs",
  "shuffleFn",
  "createItem",
  "createBatch",
  "retain",
  "doBatch",
];
