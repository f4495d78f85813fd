import { fmtShape, OptionError, ShapeError } from "@layerwise/core";
import { type Figure, type ImageCell, imageGrid } from "@layerwise/plot";
import { cropPad, flip, type PadMode, transpose } from "./cropPad.ts";
import type { CropBox, PixelValues, Raster } from "./resample.ts";
import { loadSharp } from "./sharp.ts";

/** Limits of {@link PixelItem.resizeMax}; each is left out by leaving it out. */
export interface ResizeMaxOptions {
  maxPx?: number;
  maxH?: number;
  maxW?: number;
}

/** A picture in memory, on the CPU: base of {@link ImageItem} and {@link MaskItem}. Values never change. */
export abstract class PixelItem<V extends PixelValues = PixelValues> implements Raster<V> {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Row by row, channels last: `[height, width, channels]`. */
  readonly data: V;

  /** @throws {@link ShapeError} if the number of values does not fit the size */
  constructor({ width, height, channels, data }: Raster<V>) {
    const isWhole = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
    if (!isWhole || data.length !== width * height * channels) {
      throw new ShapeError(new.target.name, {
        given: `${data.length} values for ${fmtShape([height, width, channels])}`,
        expected: isWhole ? `${width * height * channels} values, row by row` : "a height and a width above 0",
      });
    }
    this.width = width;
    this.height = height;
    this.channels = channels;
    this.data = data;
  }

  /** Height and width. */
  get shape(): [height: number, width: number] {
    return [this.height, this.width];
  }

  /** Width and height. */
  get size(): [width: number, height: number] {
    return [this.width, this.height];
  }

  /** Width by height. */
  get aspect(): number {
    return this.width / this.height;
  }

  /** Number of pixels. */
  get nPx(): number {
    return this.width * this.height;
  }

  /** A picture of the same class with other values. */
  abstract with(raster: Raster<V>): this;

  /** The picture at another size, by the method its class needs: filtered for images, nearest for masks. */
  abstract reshape(height: number, width: number): this;

  /** How the picture is drawn. */
  abstract cell(title?: string): ImageCell;

  /** The part within `box`, padded where the box lies outside. */
  crop(box: CropBox, { padMode = "zeros" }: { padMode?: PadMode } = {}): this {
    const { left, top, width, height } = box;
    if (left === 0 && top === 0 && width === this.width && height === this.height) return this;
    return this.with(cropPad<V>(this, box, padMode));
  }

  /** The part within `box`, at another size. */
  cropResize(box: CropBox, height: number, width: number, options?: { padMode?: PadMode }): this {
    return this.crop(box, options).reshape(height, width);
  }

  /** Left for right, or upside down. */
  flip(axis: "horizontal" | "vertical" = "horizontal"): this {
    return this.with(flip<V>(this, axis));
  }

  /** Rows become columns. */
  transpose(): this {
    return this.with(transpose<V>(this));
  }

  /** Shrunk to fit into `height` times `width`, shape kept; never enlarged. */
  toThumb(height: number, width: number = height): this {
    const scale = Math.min(1, height / this.height, width / this.width);
    return this.#scaled(this.height * scale, this.width * scale);
  }

  /** Shrunk to at most that many pixels, rows and columns, shape kept. */
  resizeMax({ maxPx, maxH, maxW }: ResizeMaxOptions): this {
    let [height, width] = this.shape;
    if (maxPx !== undefined && this.nPx > maxPx) {
      const scale = Math.sqrt(maxPx / this.nPx);
      [height, width] = [height * scale, width * scale];
    }
    if (maxH !== undefined && height > maxH) [height, width] = [maxH, (width * maxH) / height];
    if (maxW !== undefined && width > maxW) [height, width] = [(height * maxW) / width, maxW];
    return this.#scaled(height, width);
  }

  /** The picture as a file's content. */
  async toBytesFormat(format: "png" | "jpeg" | "webp" = "png"): Promise<Uint8Array> {
    const sharp = await loadSharp();
    const channels = this.channels as 1 | 3;
    if (channels !== 1 && channels !== 3) {
      throw new OptionError("toBytesFormat", { given: `${channels} channels`, expected: "1 or 3" });
    }
    const { width, height, data } = this;
    return sharp(data, { raw: { width, height, channels } })
      .toColourspace(channels === 1 ? "b-w" : "srgb")
      .toFormat(format)
      .toBuffer();
  }

  /** The picture as a figure. */
  show({ title }: { title?: string } = {}): Figure {
    return imageGrid([this.cell(title)], { cellSize: Math.max(144, Math.min(512, this.width, this.height)) });
  }

  /** For notebooks. */
  async [Symbol.for("Jupyter.display")](): Promise<object> {
    return (this.show() as unknown as Record<symbol, () => Promise<object>>)[Symbol.for("Jupyter.display")]!();
  }

  toString(): string {
    return `${this.constructor.name} ${this.width}x${this.height}`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  #scaled(height: number, width: number): this {
    return this.reshape(Math.max(1, Math.round(height)), Math.max(1, Math.round(width)));
  }
}
