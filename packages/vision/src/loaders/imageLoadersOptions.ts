import { checkOptions, useBackend } from "@layerwise/core";
import {
  type BlockLike,
  DataBlock,
  type DataLoaders,
  type DataLoadersOptions,
  dataLoaderOptionNames,
  type GetterLike,
  type InputOf,
  type PositionSplitter,
  randomSplitter,
  type SplitterLike,
  type TargetOf,
  type TransformLike,
  valOptionNames,
} from "@layerwise/data";

/** What every factory of image loaders takes. */
export interface ImageLoadersOptions extends DataLoadersOptions {
  /** Transforms of one sample on the CPU, such as `new Resize(224)`. */
  itemTfms?: readonly TransformLike[];
  /** Transforms of a batch on the device. */
  batchTfms?: readonly TransformLike[];
  /** Reads pictures in gray. @defaultValue false */
  bw?: boolean;
  /** Turns pictures as their EXIF orientation says. @defaultValue false, as fastai does */
  autoOrient?: boolean;
}

/** For factories that split at random. */
export interface RandomSplitOptions {
  /** Part of the items that validates, 0…1. @defaultValue 0.2 */
  validPct?: number;
  /** An integer for a split that is always the same. */
  seed?: number | undefined;
}

/** {@link RandomSplitOptions} as a splitter. */
export function splitterOf({ validPct = 0.2, seed }: RandomSplitOptions): PositionSplitter {
  return randomSplitter(seed === undefined ? { validPct } : { validPct, seed });
}

interface Recipe<B extends readonly BlockLike[], I> {
  blocks: B;
  items: readonly I[];
  splitter: SplitterLike<I>;
  getX?: GetterLike<I>;
  getY?: GetterLike<I>;
}

/** Options that go on to the loaders, and those that the factories read themselves. */
const known = [
  ...dataLoaderOptionNames,
  ...valOptionNames(dataLoaderOptionNames),
  ...["path", "dlType", "dlKwargs", "itemTfms", "batchTfms", "bw", "autoOrient"],
];

/** Loaders from the parts of a `DataBlock`; the common way of all factories. */
export async function loadersOf<const B extends readonly BlockLike[], I>(
  { items, ...parts }: Recipe<B, I>,
  given: ImageLoadersOptions,
): Promise<DataLoaders<InputOf<B>, TargetOf<B>>> {
  checkOptions("image loaders", given, known);
  const { itemTfms = [], batchTfms = [], bw: _bw, autoOrient: _autoOrient, ...options } = given;
  await useBackend();
  const block = new DataBlock<B, undefined, I, readonly I[]>({ ...parts, itemTfms, batchTfms });
  return block.dataloaders(items, options);
}
