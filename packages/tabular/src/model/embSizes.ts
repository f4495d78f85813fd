import { OptionError } from "@layerwise/core";
import { requireColumns } from "../table/unknownColumn.ts";
import type { TabularTable } from "../tabularTable.ts";

/** Numbers in the vector of a category, as fastai found to work: `min(600, round(1.6 n^0.56))`. */
export function embSzRule(nCat: number): number {
  return Math.min(600, Math.round(1.6 * nCat ** 0.56));
}

/** Number of categories and size of their vectors. */
export type EmbSize = readonly [nCat: number, size: number];

/**
 * Size of each embedding, in the order of `catNames`.
 * @param sizes - other sizes than the rule's, by column
 * @throws {@link OptionError} for a table whose categories have no numbers yet
 */
export function getEmbSz(to: TabularTable<unknown>, sizes: Readonly<Record<string, number>> = {}): EmbSize[] {
  requireColumns("getEmbSz", Object.keys(sizes), to.catNames);
  if (to.catNames.length > 0 && to.processing.categorify === undefined) {
    throw new OptionError("getEmbSz", {
      given: "categorical columns without numbers",
      expected: "a table prepared with `Categorify`",
    });
  }
  return to.catNames.map((name) => {
    const nCat = to.classes[name]!.length;
    return [nCat, sizes[name] ?? embSzRule(nCat)];
  });
}
