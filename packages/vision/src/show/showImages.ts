import type { DecodedSample } from "@layerwise/core/learner";
import type { ShownResult } from "@layerwise/data";
import { type Figure, type ImageCell, imageGrid } from "@layerwise/plot";
import type { ImageItem } from "../image/imageItem.ts";
import type { MaskItem } from "../image/maskItem.ts";
import { labelText } from "./labelText.ts";

/** Pictures with their targets above them. */
export function showImages(samples: readonly DecodedSample<ImageItem, unknown>[]): Figure {
  return imageGrid(samples.map(({ x, y }) => (y === undefined ? x.cell() : x.cell(labelText(y)))));
}

/** Pictures with target and prediction above them, green where they agree and red where not. */
export function showImageResults(results: readonly ShownResult<ImageItem, unknown>[]): Figure {
  return imageGrid(
    results.map(({ x, y, pred }): ImageCell => {
      const [target, predicted] = [labelText(y), labelText(pred)];
      if (y === undefined) return x.cell(predicted);
      return { ...x.cell(`${target}\n${predicted}`), titleColor: target === predicted ? "good" : "bad" };
    }),
    { title: results.some(({ y }) => y !== undefined) ? "Target / Prediction" : "Prediction" },
  );
}

/** Pictures under their masks. */
export function showMasks(samples: readonly DecodedSample<ImageItem, MaskItem>[]): Figure {
  return imageGrid(samples.map(({ x, y }) => under(x, y)));
}

/** Pictures under their masks: the target on the left, the prediction on the right. */
export function showMaskResults(results: readonly ShownResult<ImageItem, MaskItem>[]): Figure {
  return imageGrid(
    results.flatMap(({ x, y, pred }) => [under(x, y), under(x, pred)]),
    { columnTitles: [results.some(({ y }) => y) ? "Target" : "Input", "Prediction"] },
  );
}

/** Pictures beside the pictures they are to become. */
export function showImagePairs(samples: readonly DecodedSample<ImageItem, ImageItem>[]): Figure {
  const cells = samples.flatMap(({ x, y }) => [x.cell(), (y ?? x).cell()]);
  return imageGrid(cells, { columnTitles: ["Input", "Target"] });
}

/** Pictures, the pictures they are to become, and those that the model made. */
export function showImagePairResults(results: readonly ShownResult<ImageItem, ImageItem>[]): Figure {
  return imageGrid(
    results.flatMap(({ x, y, pred }) =>
      y === undefined ? [x.cell(), pred.cell()] : [x.cell(), y.cell(), pred.cell()],
    ),
    {
      columnTitles: results.some(({ y }) => y) ? ["Input", "Target", "Prediction"] : ["Input", "Prediction"],
    },
  );
}

/** A picture under a mask. */
export function under(x: ImageItem, mask: MaskItem | undefined): ImageCell {
  if (mask === undefined) return x.cell();
  const { width, height, data, codes } = mask;
  return { ...x.cell(), mask: { width, height, data, codes } };
}
