import type { Category } from "@layerwise/data";
import type { EmbeddingDotBias, SideOptions } from "./embeddingDotBias.ts";
import { checkCount, topIds } from "./nearest.ts";

export interface RankByBiasOptions extends SideOptions {
  /** How many. @defaultValue 10 */
  n?: number;
  /** The lowest biases instead of the highest. @defaultValue false */
  lowest?: boolean;
}

/** A user or item with its bias. */
export interface Ranked {
  name: Category;
  bias: number;
}

/** Items (or users) by bias: those that are liked whatever one's taste come first. */
export async function rankByBias(
  model: EmbeddingDotBias,
  { n = 10, lowest = false, isItem = true }: RankByBiasOptions = {},
): Promise<Ranked[]> {
  checkCount("rankByBias", n);
  const { names } = model.classNames({ isItem });
  const biases = model.bias(undefined, { isItem });
  const values = await biases.data();
  biases.dispose();
  const keys = lowest ? values.map((bias) => -bias) : values;
  return topIds(keys, n, (id) => id !== 0).map((id) => ({ name: names[id]!, bias: values[id]! }));
}
