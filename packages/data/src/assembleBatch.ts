import type { TensorKind, TypedTensor } from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { layoutOf } from "./collate.ts";
import type { ElementKind } from "./decodeBatch.ts";
import { requireSync } from "./loaderErrors.ts";
import type { ItemName, LoaderHooks } from "./loaderHooks.ts";
import type { Pipeline } from "./pipeline.ts";
import type { TransformContext } from "./transformContext.ts";
import { asTuple, Tuple } from "./tuple.ts";

/** The tensors of a batch, and what each is. */
export interface Assembled {
  readonly tensors: readonly TypedTensor[];
  readonly kinds: readonly ElementKind[];
}

/** From samples to the tensors of a batch, on the device; all else that is made on the way is freed. */
export function assembleBatch(
  samples: readonly unknown[],
  doBatch: NonNullable<LoaderHooks["doBatch"]>,
  afterBatch: Pipeline,
  itemName: ItemName,
  ctx: TransformContext,
): Assembled {
  let tensors: readonly TypedTensor[] = [];
  tf.tidy(() => {
    const batch = afterBatch.call(new Tuple(doBatch(samples, itemName, ctx)), ctx);
    tensors = (requireSync(batch, "afterBatch") as Tuple<TypedTensor[]>).elements;
    return tensors.map(({ data }) => data);
  });
  const layout = layoutOf(asTuple(samples[0]));
  const isNamed = layout.length === tensors.length && layout.some(({ key }) => key !== undefined);
  const kinds = tensors.map((tensor, i) => {
    const kind = { kind: tensor.constructor as TensorKind, meta: tensor.meta };
    return isNamed ? { ...kind, ...layout[i] } : kind;
  });
  return { tensors, kinds };
}
