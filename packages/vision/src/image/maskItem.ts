import { ShapeError } from "@layerwise/core";
import { TensorData, TensorMask } from "@layerwise/core/tensor";
import { onShowBatch, onShowResults, ToTensor } from "@layerwise/data";
import type { ImageCell } from "@layerwise/plot";
import { showMaskResults, showMasks } from "../show/showImages.ts";
import { toColorMode } from "./colors.ts";
import { ImageItem } from "./imageItem.ts";
import { PixelItem } from "./pixelItem.ts";
import { type ImageFile, readMask } from "./readPixels.ts";
import { type PixelValues, type Raster, resizeNearest } from "./resample.ts";

/** What {@link MaskItem.create} makes a mask of: a file, its content, or class numbers. */
export type MaskSource = ImageFile | Raster<PixelValues> | TensorData;

/** A class number for each pixel of a picture. */
export class MaskItem extends PixelItem<PixelValues> {
  /** Names of the classes, where they are known. */
  readonly codes: readonly string[] | undefined;

  constructor(raster: Raster<PixelValues>, codes?: readonly string[]) {
    super(raster);
    if (raster.channels !== 1) {
      throw new ShapeError("MaskItem", {
        given: `${raster.channels} channels`,
        expected: "one class number per pixel",
      });
    }
    this.codes = codes;
  }

  /**
   * Reads a mask. From a palette or gray PNG come the stored numbers, whatever color they are shown in, 16-bit ones
   * included; from other pictures the gray value.
   * @throws {@link DataError} if a file is missing, damaged or no picture, naming it
   */
  static async create(source: MaskSource): Promise<MaskItem> {
    if (source instanceof MaskItem) return source;
    if (source instanceof TensorData) return fromTensorData(source);
    if (typeof source === "string" || source instanceof Uint8Array || source instanceof ArrayBuffer) {
      return new MaskItem(await readMask(source));
    }
    const { channels, data } = source;
    return new MaskItem(channels > 1 && data instanceof Uint8Array ? toColorMode({ ...source, data }, "gray") : source);
  }

  override with(raster: Raster<PixelValues>): this {
    return new MaskItem(raster, this.codes) as this;
  }

  /** The same mask with its classes named. */
  withCodes(codes: readonly string[] | undefined): MaskItem {
    return new MaskItem(this, codes);
  }

  /** Resized by nearest neighbor: class numbers must not be mixed. */
  override reshape(height: number, width: number): this {
    if (height === this.height && width === this.width) return this;
    return this.with(resizeNearest(this, width, height));
  }

  override cell(title?: string): ImageCell {
    const { width, height, data, codes } = this;
    const image = { width, height, channels: 1 as const, data: new Uint8Array(width * height).fill(255) };
    return { image, mask: { width, height, data, codes, opacity: 1 }, ...(title === undefined ? {} : { title }) };
  }
}

function fromTensorData({ values, shape, meta }: TensorData): MaskItem {
  const [height = 0, width = 0] = shape;
  const data = values instanceof Float32Array ? Int32Array.from(values) : values;
  return new MaskItem({ width, height, channels: 1, data }, meta.codes);
}

ToTensor.on(MaskItem, ({ height, width, data }) => {
  const values = data instanceof Uint16Array ? Int32Array.from(data) : data;
  return new TensorData(TensorMask, [height, width], values, {}, "int32");
});
ToTensor.onData(TensorMask, null, fromTensorData);

onShowBatch(ImageItem, MaskItem, showMasks);
onShowResults(ImageItem, MaskItem, showMaskResults);
