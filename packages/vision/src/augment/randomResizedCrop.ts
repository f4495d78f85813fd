import { checkOptions, OptionError, type Rng } from "@layerwise/core";
import { TensorPoint } from "@layerwise/core/tensor";
import { type JsonObject, RandTransform, type TransformContext, transformRegistry } from "@layerwise/data";
import { PixelItem } from "../image/pixelItem.ts";
import type { CropBox } from "../image/resample.ts";
import { type Crop, centerBox, cropItem, cropPoints } from "./cropBox.ts";
import { type ImageSize, parseSize, sizeOf, type WidthHeight } from "./imageSize.ts";

export interface RandomResizedCropOptions {
  /** Smallest part of the picture's area, above 0. @defaultValue 0.08 */
  minScale?: number;
  /** Largest part of the picture's area. @defaultValue 1 */
  maxScale?: number;
  /** Least and greatest width by height. @defaultValue [3/4, 4/3] */
  ratio?: readonly [number, number];
  /** On validation, the part of the size that is cut off around. @defaultValue 0.14 */
  valXtra?: number;
}

/** Crops of one draw, one after the other: on validation the whole picture is squished first, then its middle cut out. */
interface Crops {
  readonly first: Crop;
  readonly second?: Crop;
}

const TRIES = 10;

/**
 * Cuts a part of random area and shape out on the training split, and resizes it. On validation the whole picture is
 * squished to a bit more than the size, and its middle kept.
 * @see Szegedy et al. 2015, section 6, https://arxiv.org/abs/1409.4842
 */
export class RandomResizedCrop extends RandTransform<Crops> {
  override order = 1;
  override splitIdx: number | null = null;
  readonly size: ImageSize;
  readonly options: Required<RandomResizedCropOptions>;
  readonly #target: WidthHeight;

  constructor(size: ImageSize, options: RandomResizedCropOptions = {}) {
    super();
    checkOptions("RandomResizedCrop", options, ["minScale", "maxScale", "ratio", "valXtra"]);
    const { minScale = 0.08, maxScale = 1, ratio = [3 / 4, 4 / 3], valXtra = 0.14 } = options;
    this.#target = parseSize("RandomResizedCrop", size);
    if (!(minScale > 0 && minScale <= maxScale && ratio[0] > 0 && ratio[0] <= ratio[1] && valXtra >= 0)) {
      throw new OptionError("RandomResizedCrop", {
        given: `minScale ${minScale}, maxScale ${maxScale}, ratio ${JSON.stringify(ratio)}, valXtra ${valXtra}`,
        expected: "0 < minScale <= maxScale, two ratios above 0 in order, and valXtra of 0 or more",
      });
    }
    this.size = size;
    this.options = { minScale, maxScale, ratio, valXtra };
  }

  override beforeCall(x: unknown, ctx: TransformContext): Crops {
    const original = sizeOf(x);
    const [width, height] = original ?? this.#target;
    if (ctx.splitIdx === 0) {
      return { first: { original, box: this.drawBox([width, height], ctx.rng), resizeTo: this.#target } };
    }
    const resizeTo = this.validSize();
    const first = { original, box: { left: 0, top: 0, width, height }, resizeTo };
    return { first, second: { original: resizeTo, box: centerBox(resizeTo, this.#target) } };
  }

  /** Width and height to which validation pictures are squished before the middle is cut out. */
  validSize(): WidthHeight {
    const [width, height] = this.#target;
    const xtra = Math.ceil((Math.max(width, height) * this.options.valXtra) / 8) * 8;
    return [width + xtra, height + xtra];
  }

  drawBox([width, height]: WidthHeight, rng: Rng): CropBox {
    const { minScale, maxScale, ratio } = this.options;
    for (let i = 0; i < TRIES; i++) {
      const area = rng.uniform(minScale, maxScale) * width * height;
      const shape = Math.exp(rng.uniform(Math.log(ratio[0]), Math.log(ratio[1])));
      const boxWidth = Math.round(Math.sqrt(area * shape));
      const boxHeight = Math.round(Math.sqrt(area / shape));
      if (boxWidth >= 1 && boxHeight >= 1 && boxWidth <= width && boxHeight <= height) {
        const left = rng.integer(0, width - boxWidth + 1);
        return { left, top: rng.integer(0, height - boxHeight + 1), width: boxWidth, height: boxHeight };
      }
    }
    return this.fallbackBox([width, height]);
  }

  /** The largest box in the middle whose shape is allowed. */
  fallbackBox([width, height]: WidthHeight): CropBox {
    const [least, greatest] = this.options.ratio;
    const shape = width / height;
    if (shape < least) return centerBox([width, height], [width, Math.max(1, Math.trunc(width / least))]);
    if (shape > greatest) return centerBox([width, height], [Math.max(1, Math.trunc(height * greatest)), height]);
    return { left: 0, top: 0, width, height };
  }

  override toArgs(): JsonObject {
    return { size: this.size, ...this.options };
  }
}

RandomResizedCrop.on(PixelItem, (x, _tfm, { draw: { first, second } }) => {
  const cropped = cropItem(x, first);
  return second === undefined ? cropped : cropItem(cropped, second);
});
RandomResizedCrop.onData(TensorPoint, (x, _tfm, { draw: { first, second } }) => {
  const cropped = cropPoints(x, first);
  return second === undefined ? cropped : cropPoints(cropped, second);
});

transformRegistry.add(
  "RandomResizedCrop",
  ({ size, ...options }: RandomResizedCropOptions & { size: ImageSize }) => new RandomResizedCrop(size, options),
);
