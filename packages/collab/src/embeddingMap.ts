import { OptionError } from "@layerwise/core";
import { pca } from "@layerwise/core/tensor";
import type { Category } from "@layerwise/data";
import { type Figure, scatterChart } from "@layerwise/plot";
import type { EmbeddingDotBias, SideOptions } from "./embeddingDotBias.ts";

export interface EmbeddingMapOptions extends SideOptions {
  /** Which to draw, 20 to 60 read well. @defaultValue the 50 of the highest and lowest biases */
  names?: readonly Category[];
  /** What stands beside the dots instead of the names, in the order of `names`. */
  labels?: readonly string[];
}

/**
 * A map of items (or users): vectors seen along the two directions in which they differ most. Neighbors are alike; what
 * an axis means is for the viewer to find out.
 */
export async function embeddingMap(
  model: EmbeddingDotBias,
  { names, labels, isItem = true }: EmbeddingMapOptions = {},
): Promise<Figure> {
  const shown = names ?? (await extremes(model, isItem));
  if (shown.length < 3) {
    throw new OptionError("embeddingMap", { given: `${shown.length} names`, expected: "three or more" });
  }
  const vectors = model.weight(shown, { isItem });
  try {
    const projected = await pca(vectors, 2);
    const values = await projected.data();
    projected.dispose();
    return scatterChart({
      x: shown.map((_, i) => values[2 * i]!),
      y: shown.map((_, i) => values[2 * i + 1]!),
      labels: labels ?? shown.map(String),
      xLabel: "first direction",
      yLabel: "second direction",
      width: 800,
      height: 560,
    });
  } finally {
    vectors.dispose();
  }
}

/** The names at both ends of the biases: the best known ones, which have moved farthest from their first draw. */
async function extremes(model: EmbeddingDotBias, isItem: boolean): Promise<Category[]> {
  const biases = model.bias(undefined, { isItem });
  const values = await biases.data();
  biases.dispose();
  const { names } = model.classNames({ isItem });
  const ids = names.map((_, id) => id).slice(1);
  return ids
    .sort((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!) || a - b)
    .slice(0, 50)
    .map((id) => names[id]!);
}
