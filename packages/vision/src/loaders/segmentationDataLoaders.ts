import type { DataLoaders } from "@layerwise/data";
import { imageBlock, maskBlock } from "../blocks.ts";
import type { ImageItem } from "../image/imageItem.ts";
import type { MaskItem, MaskSource } from "../image/maskItem.ts";
import { type ImageLoadersOptions, loadersOf, type RandomSplitOptions, splitterOf } from "./imageLoadersOptions.ts";

export interface SegmentationOptions extends ImageLoadersOptions, RandomSplitOptions {
  /** Names of the classes, in the order of their numbers in the masks. */
  codes?: readonly string[];
}

/** Loaders of pictures with a class for each pixel. */
export class SegmentationDataLoaders {
  /** `labelFunc` gives the path of the mask of a picture. */
  static async fromLabelFunc(
    path: string,
    fnames: readonly string[],
    labelFunc: (path: string) => MaskSource,
    { validPct = 0.2, seed, codes, ...options }: SegmentationOptions = {},
  ): Promise<DataLoaders<ImageItem, MaskItem>> {
    const { bw = false, autoOrient = false } = options;
    const blocks = [imageBlock({ bw, autoOrient }), maskBlock(codes && { codes })] as const;
    const splitter = splitterOf({ validPct, seed });
    return loadersOf({ blocks, items: fnames, splitter, getY: labelFunc }, { path, ...options });
  }
}
