import { TensorBBox, TensorData } from "@layerwise/core/tensor";
import type { PadMode } from "../image/cropPad.ts";
import type { PixelItem } from "../image/pixelItem.ts";
import type { CropBox } from "../image/resample.ts";
import type { WidthHeight } from "./imageSize.ts";

/** What one draw of a cropping transform does to a whole sample. */
export interface Crop {
  /** Width and height of the picture that `box` was drawn for; undefined if the sample has no picture. */
  readonly original: WidthHeight | undefined;
  readonly box: CropBox;
  readonly padMode?: PadMode;
  /** Width and height to resize the box to. */
  readonly resizeTo?: WidthHeight;
}

/** The box of that size in the middle of a picture. */
export function centerBox([width, height]: WidthHeight, [boxWidth, boxHeight]: WidthHeight): CropBox {
  const left = Math.floor((width - boxWidth) / 2);
  return { left, top: Math.floor((height - boxHeight) / 2), width: boxWidth, height: boxHeight };
}

/** The crop of an image or a mask. A mask of another size than its image is cropped in proportion. */
export function cropItem<T extends PixelItem>(item: T, { original, box, padMode = "zeros", resizeTo }: Crop): T {
  const own = original === undefined ? box : inProportion(box, original, item.size);
  if (resizeTo === undefined) return item.crop(own, { padMode });
  return item.cropResize(own, resizeTo[1], resizeTo[0], { padMode });
}

function inProportion(box: CropBox, [width, height]: WidthHeight, [ownWidth, ownHeight]: WidthHeight): CropBox {
  if (width === ownWidth && height === ownHeight) return box;
  const [x, y] = [ownWidth / width, ownHeight / height];
  return {
    left: Math.round(box.left * x),
    top: Math.round(box.top * y),
    width: Math.max(1, Math.round(box.width * x)),
    height: Math.max(1, Math.round(box.height * y)),
  };
}

/** The crop of points or boxes in -1…1 of the picture; they may end up outside. */
export function cropPoints(points: TensorData, { original, box }: Crop): TensorData {
  if (original === undefined || !(points.values instanceof Float32Array)) return points;
  const [x, y] = [original[0] / box.width, original[1] / box.height];
  const [dx, dy] = [(2 * box.left) / box.width, (2 * box.top) / box.height];
  const values = points.values.map((v, i) => (i % 2 === 0 ? (v + 1) * x - dx - 1 : (v + 1) * y - dy - 1));
  return withValues(points, values);
}

/** Points or boxes mirrored and transposed like their picture; the corners of a box are put in order again. */
export function mirrorPoints(
  points: TensorData,
  { flipX = false, flipY = false, transpose = false }: { flipX?: boolean; flipY?: boolean; transpose?: boolean },
): TensorData {
  const values = Float32Array.from(points.values);
  for (let i = 0; i < values.length; i += 2) {
    const x = values[i]! * (flipX ? -1 : 1);
    const y = values[i + 1]! * (flipY ? -1 : 1);
    values[i] = transpose ? y : x;
    values[i + 1] = transpose ? x : y;
  }
  const isBoxes = points.kind === TensorBBox || points.kind.prototype instanceof TensorBBox;
  for (let i = 0; isBoxes && i < values.length; i += 4) {
    for (const k of [i, i + 1]) {
      const [a, b] = [values[k]!, values[k + 2]!];
      values[k] = Math.min(a, b);
      values[k + 2] = Math.max(a, b);
    }
  }
  return withValues(points, values);
}

function withValues({ kind, shape, meta, dtype }: TensorData, values: Float32Array): TensorData {
  return new TensorData(kind, shape, values, meta, dtype);
}
