export { CropPad, type CropPadOptions } from "./augment/cropPad.ts";
export { Dihedral } from "./augment/dihedral.ts";
export { DihedralItem, type DihedralItemOptions } from "./augment/dihedralItem.ts";
export { Flip } from "./augment/flip.ts";
export { FlipItem, type FlipItemOptions } from "./augment/flipItem.ts";
export type { ImageSize } from "./augment/imageSize.ts";
export type { PerPictureOptions } from "./augment/perPicture.ts";
export { RandomCrop } from "./augment/randomCrop.ts";
export { RandomResizedCrop, type RandomResizedCropOptions } from "./augment/randomResizedCrop.ts";
export { RatioResize } from "./augment/ratioResize.ts";
export { Resize, type ResizeMethod, type ResizeOptions } from "./augment/resize.ts";
export { imageBlock, type MaskBlockOptions, maskBlock } from "./blocks.ts";
export { type DownloadImagesOptions, downloadImages, type FailedDownload } from "./downloadImages.ts";
export type { PadMode } from "./image/cropPad.ts";
export {
  ImageItem,
  ImageItemBW,
  type ImageSource,
  type LoadImageOptions,
  loadImage,
} from "./image/imageItem.ts";
export { MaskItem, type MaskSource } from "./image/maskItem.ts";
export { PixelItem, type ResizeMaxOptions } from "./image/pixelItem.ts";
export type { ImageFile, ReadOptions } from "./image/readPixels.ts";
export { type CropBox, type Raster, resizeBilinear, resizeNearest } from "./image/resample.ts";
// models, learners and interpretation
export { imageTopLosses } from "./learner/topLosses.ts";
export { visionLearner } from "./learner/visionLearner.ts";
export type { VisionLearnerOptions } from "./learner/visionLearnerOptions.ts";
export {
  type FromCsvOptions,
  type FromDfOptions,
  type FromFolderOptions,
  type FromFunctionOptions,
  type FromListsOptions,
  ImageDataLoaders,
} from "./loaders/imageDataLoaders.ts";
export type { ImageLoadersOptions, RandomSplitOptions } from "./loaders/imageLoadersOptions.ts";
export { SegmentationDataLoaders, type SegmentationOptions } from "./loaders/segmentationDataLoaders.ts";
export {
  type Architecture,
  type ArchitectureName,
  type Architectures,
  addArchitecture,
  architectures,
  type BuildOptions,
  defaultSplit,
  type PublishedWeights,
} from "./models/architectures.ts";
export { type Cut, createBody, cutModel, hasPoolType } from "./models/body.ts";
export { createHead, type HeadOptions } from "./models/head.ts";
export { pretrainedModel, readWeights } from "./models/pretrained.ts";
export { ResNet, type ResNetOptions } from "./models/resnet.ts";
export { resnet18, resnet34, resnet50, resnet101, resnet152 } from "./models/resnets.ts";
export {
  type AddHeadOptions,
  addHead,
  createVisionModel,
  VisionModel,
  type VisionModelArgs,
  type VisionModelOptions,
} from "./models/visionModel.ts";
export { XResNet, type XResNetOptions } from "./models/xresnet.ts";
export { xresnet18, xresnet34, xresnet50, xresnet101, xresnet152 } from "./models/xresnets.ts";
export { AddMaskCodes, OpenImage, type OpenImageOptions, OpenMask } from "./openImage.ts";
export { type ResizeImagesOptions, resizeImages } from "./resizeImages.ts";
export { showImageResults, showImages } from "./show/showImages.ts";
export { type VerifyImagesOptions, verifyImage, verifyImages } from "./verifyImages.ts";
