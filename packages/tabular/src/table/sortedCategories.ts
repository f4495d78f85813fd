import { type Category, CategoryMap } from "@layerwise/data";

/** Values in ascending order: numbers by size, texts by code point, false before true; each once. */
export function sortedCategories(values: Iterable<Category>): Category[] {
  return [...new CategoryMap(values)] as Category[];
}
