import { checkOptions, checkWhole, type KnownOptions, OptionError } from "@layerwise/core";
import type { LoaderClass } from "./loaderRegistry.ts";
import type { TransformLike } from "./transform.ts";
import { CATEGORIZE, Categorize, type CategorizeOptions } from "./transforms/categorize.ts";
import type { Category, NA } from "./transforms/categoryMap.ts";
import {
  EncodedMultiCategorize,
  MULTI_CATEGORIZE,
  MultiCategorize,
  type MultiCategorizeOptions,
} from "./transforms/multiCategorize.ts";
import { OneHotEncode } from "./transforms/oneHotEncode.ts";
import { RegressionSetup } from "./transforms/regressionSetup.ts";
import { ToTensor } from "./transforms/toTensor.ts";

/** A list of transforms, or a function that makes a new one for each use: for transforms that learn. */
export type TfmSource = readonly TransformLike[] | (() => readonly TransformLike[]);

/**
 * What one element of a sample is: how it is made from an item, and what comes with it.
 * `Item` is what its getter must give, `Decoded` what a person gets back.
 */
export interface TransformBlock<Item = unknown, Decoded = unknown> {
  /** Applied to this element when a sample is made. */
  readonly typeTfms: TfmSource;
  /** Default item transforms, for the whole sample; `ToTensor` comes first. */
  readonly itemTfms: TfmSource;
  /** Default batch transforms. */
  readonly batchTfms: TfmSource;
  /** Loader that such data needs. */
  readonly dlType?: LoaderClass | undefined;
  /** Loader options that such data needs, such as padding in `beforeBatch`. */
  readonly dlKwargs?: object | undefined;
  /** Never set; carries the types. */
  readonly types?: (item: Item) => Decoded;
}

export interface TransformBlockOptions {
  typeTfms?: TfmSource;
  itemTfms?: TfmSource;
  batchTfms?: TfmSource;
  dlType?: LoaderClass | undefined;
  dlKwargs?: object | undefined;
}

const known: KnownOptions<TransformBlockOptions> = {
  typeTfms: true,
  itemTfms: true,
  batchTfms: true,
  dlType: true,
  dlKwargs: true,
};

/** A block of your own: `transformBlock<string, AudioClip>({ typeTfms: [AudioClip.load] })`. */
export function transformBlock<Item = unknown, Decoded = unknown>(
  options: TransformBlockOptions = {},
): TransformBlock<Item, Decoded> {
  checkOptions("transformBlock", options, known);
  const { typeTfms = [], itemTfms = [], batchTfms = [], dlType, dlKwargs } = options;
  return { typeTfms, itemTfms: () => [new ToTensor(), ...tfmsOf(itemTfms)], batchTfms, dlType, dlKwargs };
}

/** The transforms of a source, new ones if it makes them. */
export function tfmsOf(source: TfmSource): readonly TransformLike[] {
  return typeof source === "function" ? source() : source;
}

/** One class per item. With `vocab` given as a constant, predictions have its type: `"cat" | "dog"`. */
export function categoryBlock<const V extends Category = string>(
  options: CategorizeOptions<V> & { addNa: true },
): TransformBlock<NoInfer<V> | null | undefined, NoInfer<V> | typeof NA>;
// `NoInfer`: the place a block is used in must not decide its classes
export function categoryBlock<const V extends Category = string>(
  options?: CategorizeOptions<V>,
): TransformBlock<NoInfer<V>, NoInfer<V>>;
export function categoryBlock<const V extends Category = string>(
  options: CategorizeOptions<V> = {},
): TransformBlock<V, V> {
  checkOptions("categoryBlock", options, CATEGORIZE);
  return transformBlock({ typeTfms: () => [new Categorize<V>(options)] });
}

export interface MultiCategoryBlockOptions<V extends Category = string> extends MultiCategorizeOptions<V> {
  /** Targets are a 0 or 1 per class already; needs `vocab`. @defaultValue false */
  encoded?: boolean;
}

/** Any number of classes per item. */
export function multiCategoryBlock<const V extends Category = string>(
  given: MultiCategoryBlockOptions<V> = {},
): TransformBlock<readonly NoInfer<V>[] | ArrayLike<number | boolean>, NoInfer<V>[]> {
  checkOptions("multiCategoryBlock", given, { ...MULTI_CATEGORIZE, encoded: true });
  const { encoded = false, ...options } = given;
  if (!encoded) return transformBlock({ typeTfms: () => [new MultiCategorize<V>(options), new OneHotEncode()] });
  const { vocab } = options;
  if (vocab === undefined) {
    throw new OptionError("multiCategoryBlock", {
      given: "encoded without vocab",
      expected: "the class names, in order",
    });
  }
  return transformBlock({ typeTfms: () => [new EncodedMultiCategorize<V>(vocab)] });
}

export interface RegressionBlockOptions {
  /** Numbers per target. @defaultValue as many as the first training item has */
  nOut?: number;
}

/** One number per item, or a list of numbers: `regressionBlock<number[]>()`. */
export function regressionBlock<T extends number | readonly number[] = number>(
  options: RegressionBlockOptions = {},
): TransformBlock<NoInfer<T>, NoInfer<T>> {
  checkOptions("regressionBlock", options, { nOut: true });
  const { nOut } = options;
  if (nOut !== undefined) checkWhole("regressionBlock", "nOut", nOut, 1);
  return transformBlock({ typeTfms: () => [new RegressionSetup(nOut)] });
}
