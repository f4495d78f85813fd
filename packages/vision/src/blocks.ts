import { checkOptions } from "@layerwise/core";
import { IntToFloatTensor, type TransformBlock, transformBlock } from "@layerwise/data";
import type { ImageItem, ImageItemBW, ImageSource } from "./image/imageItem.ts";
import type { MaskItem, MaskSource } from "./image/maskItem.ts";
import { AddMaskCodes, OPEN_IMAGE, OpenImage, type OpenImageOptions, OpenMask } from "./openImage.ts";

/** A picture, from a path; with `bw: true` a gray one. */
export function imageBlock(options: OpenImageOptions & { bw: true }): TransformBlock<ImageSource, ImageItemBW>;
export function imageBlock(options?: OpenImageOptions): TransformBlock<ImageSource, ImageItem>;
export function imageBlock(options: OpenImageOptions = {}): TransformBlock<ImageSource, ImageItem> {
  checkOptions("imageBlock", options, OPEN_IMAGE);
  return transformBlock({ typeTfms: () => [new OpenImage(options)], batchTfms: () => [new IntToFloatTensor()] });
}

export interface MaskBlockOptions {
  /** Names of the classes, in the order of their numbers. */
  codes?: readonly string[];
}

/** A class for each pixel, from the path of a mask. */
export function maskBlock(options: MaskBlockOptions = {}): TransformBlock<MaskSource, MaskItem> {
  checkOptions("maskBlock", options, { codes: true });
  const { codes } = options;
  return transformBlock({
    typeTfms: () => [new OpenMask()],
    itemTfms: () => [new AddMaskCodes(codes)],
    batchTfms: () => [new IntToFloatTensor()],
  });
}
