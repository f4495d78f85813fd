import { addTopLossesRenderer, type TopLossesRenderer } from "@layerwise/core/learner";
import { imageGrid } from "@layerwise/plot";
import { ImageItem } from "../image/imageItem.ts";

/** Pictures under "prediction / actual / loss / probability". */
export const imageTopLosses: TopLossesRenderer = (items) => {
  if (!items.every((item) => item.x instanceof ImageItem)) return undefined;
  const cells = items.map(({ x, y, predicted, loss, probs }) => {
    const probability = Math.max(...probs).toFixed(2);
    return (x as ImageItem).cell(`${predicted} / ${y} / ${loss.toFixed(2)} / ${probability}`);
  });
  return imageGrid(cells, { title: "Prediction / Actual / Loss / Probability" });
};

addTopLossesRenderer(imageTopLosses);
