import { OptionError } from "@layerwise/core";
import type { TabularTable } from "../tabularTable.ts";

/**
 * A factor per class that makes rare classes count as much as frequent ones, `rows / (classes * rows of the class)`:
 * `lossFunc: new CrossEntropyLossFlat({ weight: classWeights(dls.to) })`.
 * @throws {@link OptionError} for targets that are no classes
 */
export function classWeights(to: TabularTable<unknown>): number[] {
  const { vocab } = to;
  if (vocab === undefined || to.processing.target?.isCategory !== true) {
    throw new OptionError("classWeights", {
      given: "targets that are no classes",
      expected: "a `categoryBlock` target",
    });
  }
  const counts = vocab.map(() => 0);
  for (const id of to.train.y.values) counts[id]! += 1;
  return counts.map((count) => (count === 0 ? 0 : to.train.length / (vocab.length * count)));
}
