import { addTopLossesRenderer, type InterpretedItem, type TopLossesRenderer } from "@layerwise/core/learner";
import { type Figure, imageGrid, panels, table } from "@layerwise/plot";
import { ImageItem } from "../image/imageItem.ts";
import { MaskItem } from "../image/maskItem.ts";
import { labelText } from "../show/labelText.ts";
import { under } from "../show/showImages.ts";

/** Pictures with what the model says of them and its loss, in the way that fits their targets. */
export const imageTopLosses: TopLossesRenderer = (items) => {
  if (items.length === 0 || !items.every(isImage)) return undefined;
  const target = items[0]?.y;
  if (target instanceof MaskItem) return maskTopLosses(items as readonly InterpretedItem<ImageItem, MaskItem>[]);
  if (Array.isArray(target)) return severalLabels(items);
  return typeof target === "number" ? numbers(items) : classes(items);
};

addTopLossesRenderer(imageTopLosses);

type ImageItems = readonly InterpretedItem<ImageItem, unknown>[];

function isImage(item: InterpretedItem<unknown, unknown>): item is InterpretedItem<ImageItem, unknown> {
  return item.x instanceof ImageItem;
}

function classes(items: ImageItems): Figure {
  const cells = items.map(({ x, y, predicted, loss, probs }) => {
    const probability = probs.reduce((most, p) => Math.max(most, p), 0);
    return x.cell([labelText(predicted), labelText(y), loss.toFixed(2), probability.toFixed(2)].join(" / "));
  });
  return imageGrid(cells, { title: "Prediction / Actual / Loss / Probability" });
}

function numbers(items: ImageItems): Figure {
  const cells = items.map(({ x, y, predicted, loss }) =>
    x.cell([labelText(predicted), labelText(y), loss.toFixed(2)].join(" / ")),
  );
  return imageGrid(cells, { title: "Prediction / Actual / Loss" });
}

/** Too much for a title: pictures with numbers, and a table that says the rest. */
function severalLabels(items: ImageItems): Figure {
  const name = (i: number) => `Image ${i + 1}`;
  const grid = imageGrid(items.map(({ x }, i) => x.cell(name(i))));
  const rows = items.map(({ y, predicted, probs, loss }, i) => [
    name(i),
    labelText(y),
    labelText(predicted),
    probs.map((p) => p.toFixed(2)).join(" "),
    loss.toFixed(4),
  ]);
  return panels([grid, table({ columns: ["", "target", "predicted", "probabilities", "loss"], rows })], { cols: 1 });
}

function maskTopLosses(items: readonly InterpretedItem<ImageItem, MaskItem>[]): Figure {
  const cells = items.flatMap(({ x, y, predicted, loss }) => [
    x.cell(),
    under(x, y),
    { ...under(x, predicted), title: loss.toFixed(4) },
  ]);
  return imageGrid(cells, { columnTitles: ["Input", "Target", "Prediction, loss"] });
}
