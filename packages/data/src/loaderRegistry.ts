import { Registry } from "@layerwise/core";
import type { JsonValue } from "@layerwise/core/learner";
import {
  TensorBBox,
  TensorCategory,
  TensorFloat,
  TensorImage,
  TensorImageBase,
  TensorImageBW,
  type TensorKind,
  TensorMask,
  type TensorMeta,
  TensorMultiCategory,
  TensorPoint,
  TensorText,
} from "@layerwise/core/tensor";
import { DataLoader } from "./dataLoader.ts";
import type { ElementKind } from "./decodeBatch.ts";
import type { DatasetLike } from "./iterableDataset.ts";
import type { DataLoaderOptions } from "./loaderOptions.ts";
import { PartialDL } from "./partialDl.ts";
import { WeightedDL } from "./weightedDl.ts";

/** A class of loaders. */
export interface LoaderClass<O extends DataLoaderOptions = DataLoaderOptions> {
  new <X = unknown, Y = unknown>(dataset: DatasetLike, options?: O): DataLoader<X, Y, O>;
  readonly name: string;
  /** Options that the constructor takes. */
  readonly optionNames: readonly string[];
}

/** Classes of loaders by name, for export files. */
export const loaderRegistry: Registry<LoaderClass> = new Registry("loader");
loaderRegistry.add("DataLoader", DataLoader as LoaderClass);
loaderRegistry.add("WeightedDL", WeightedDL as LoaderClass);
loaderRegistry.add("PartialDL", PartialDL as LoaderClass);

/** Kinds of typed tensors by name, for export files. A package with a kind of its own adds it. */
export const tensorKindRegistry: Registry<TensorKind> = new Registry("kind of tensor");
for (const kind of [
  TensorFloat,
  TensorImageBase,
  TensorImage,
  TensorImageBW,
  TensorMask,
  TensorPoint,
  TensorBBox,
  TensorCategory,
  TensorMultiCategory,
  TensorText,
]) {
  tensorKindRegistry.add(kind.name, kind);
}

/** Kind and meta as plain data. */
export interface ElementKindConfig {
  readonly kind: string;
  readonly meta: { readonly [key: string]: JsonValue };
  readonly element?: number;
  readonly key?: string;
}

export function kindToConfig({ kind, meta, ...place }: ElementKind): ElementKindConfig {
  return { kind: kind.name, meta: JSON.parse(JSON.stringify(meta)), ...place };
}

export function kindFromConfig({ kind, meta, ...place }: ElementKindConfig): ElementKind {
  return { kind: tensorKindRegistry.get(kind), meta: meta as TensorMeta, ...place };
}
