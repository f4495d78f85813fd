import { checkOptions, OptionError, ShapeError } from "@layerwise/core";
import { TensorData, TensorImage, TensorImageBW, type TypedTensor } from "@layerwise/core/tensor";
import { onShowBatch, onShowResults, ToTensor } from "@layerwise/data";
import type { ImageCell } from "@layerwise/plot";
import type { Tensor } from "@tensorflow/tfjs-core";
import { showImagePairResults, showImagePairs, showImageResults, showImages } from "../show/showImages.ts";
import { type ColorMode, toColorMode } from "./colors.ts";
import type { PadMode } from "./cropPad.ts";
import { PixelItem } from "./pixelItem.ts";
import { type ImageFile, type ReadOptions, readPixels } from "./readPixels.ts";
import { type CropBox, type Raster, resizeBilinear, resizeBox } from "./resample.ts";
import { rasterOf, readTensor } from "./toRaster.ts";

/** What {@link ImageItem.create} makes a picture of: a file, its content, a picture, pixels, or a tensor of 0…255. */
export type ImageSource = ImageFile | Raster | TensorData | TypedTensor | Tensor;

/** A color picture in memory: 8 bits each of red, green and blue. */
export class ImageItem extends PixelItem<Uint8Array> {
  /** How files are read for this class. */
  static readonly mode: ColorMode = "rgb";

  constructor(raster: Raster) {
    super(raster);
    const wanted = (new.target as typeof ImageItem).mode === "rgb" ? 3 : 1;
    if (raster.channels !== wanted) {
      throw new ShapeError(new.target.name, {
        given: `${raster.channels} channels`,
        expected: `${wanted}`,
        fix: `use \`await ${new.target.name}.create(pixels)\`, which converts`,
      });
    }
  }

  /**
   * Reads a picture. Gray is repeated, alpha dropped, 16 bits become 8, a color profile is ignored; of an animation the
   * first frame; the EXIF orientation counts only if asked for.
   * @throws {@link DataError} if a file is missing, damaged or no picture, naming it
   */
  static async create(source: ImageSource, options: ReadOptions = {}): Promise<ImageItem> {
    return ImageItem.open(source, options);
  }

  /** Like `create`, without a promise where none is needed: for pictures in memory and small PNG files. */
  static open(source: ImageSource, options: ReadOptions = {}): ImageItem | Promise<ImageItem> {
    return openAs(ImageItem, source, options);
  }

  override with(raster: Raster): this {
    return new (this.constructor as new (raster: Raster) => this)(raster);
  }

  /** Resized as Pillow's antialiased bilinear filter does, to the last bit. */
  override reshape(height: number, width: number): this {
    if (height === this.height && width === this.width) return this;
    return this.with(resizeBilinear(this, width, height));
  }

  override cropResize(box: CropBox, height: number, width: number, options?: { padMode?: PadMode }): this {
    const { left, top } = box;
    const isInside = left >= 0 && top >= 0 && left + box.width <= this.width && top + box.height <= this.height;
    if (!isInside || (box.width === width && box.height === height))
      return super.cropResize(box, height, width, options);
    return this.with(resizeBox(this, box, width, height));
  }

  override cell(title?: string): ImageCell {
    const { width, height, data } = this;
    const image = { width, height, data, channels: this.channels as 1 | 3 };
    return { image, colormap: "grays-inverted", ...(title === undefined ? {} : { title }) };
  }
}

/** A gray picture in memory. Shown as ink on paper: 0 is white, as fastai shows them. */
export class ImageItemBW extends ImageItem {
  static override readonly mode: ColorMode = "gray";

  static override async create(source: ImageSource, options: ReadOptions = {}): Promise<ImageItemBW> {
    return ImageItemBW.open(source, options);
  }

  static override open(source: ImageSource, options: ReadOptions = {}): ImageItemBW | Promise<ImageItemBW> {
    return openAs(ImageItemBW, source, options);
  }
}

interface ImageClass<T extends ImageItem> {
  new (raster: Raster): T;
  readonly mode: ColorMode;
}

function openAs<T extends ImageItem>(kind: ImageClass<T>, source: ImageSource, options: ReadOptions): T | Promise<T> {
  if (source instanceof kind && source.constructor === kind) return source;
  const wrap = (raster: Raster) => new kind(toColorMode(raster, kind.mode));
  const raster = rasterOf(source);
  if (raster !== undefined) return wrap(raster);
  const read = isFile(source) ? readPixels(source, kind.mode, options) : readTensor(source as Tensor | TypedTensor);
  return read instanceof Promise ? read.then(wrap) : wrap(read);
}

function isFile(source: unknown): source is ImageFile {
  return typeof source === "string" || source instanceof Uint8Array || source instanceof ArrayBuffer;
}

/** Reads a picture: `await loadImage("cat.jpg")`, or in gray with mode "gray". */
export async function loadImage(file: ImageFile, given: LoadImageOptions = {}): Promise<ImageItem> {
  checkOptions("loadImage", given, { mode: true, autoOrient: true });
  const { mode = "rgb", ...options } = given;
  if (mode !== "rgb" && mode !== "gray") {
    throw new OptionError("loadImage", { given: `mode ${JSON.stringify(mode)}`, expected: '"rgb" or "gray"' });
  }
  return mode === "rgb" ? ImageItem.create(file, options) : ImageItemBW.create(file, options);
}

export interface LoadImageOptions extends ReadOptions {
  /** @defaultValue "rgb" */
  mode?: ColorMode;
}

ToTensor.on(ImageItem, (x) => new TensorData(TensorImage, [x.height, x.width, 3], x.data));
ToTensor.on(ImageItemBW, (x) => new TensorData(TensorImageBW, [x.height, x.width, 1], x.data));
ToTensor.onData(TensorImage, null, (x) => ImageItem.open(x));
ToTensor.onData(TensorImageBW, null, (x) => ImageItemBW.open(x));

onShowBatch(ImageItem, Object, showImages);
onShowBatch(ImageItem, ImageItem, showImagePairs);
onShowResults(ImageItem, Object, showImageResults);
onShowResults(ImageItem, ImageItem, showImagePairResults);
