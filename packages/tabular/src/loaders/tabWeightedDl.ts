import { OptionError, type Rng } from "@layerwise/core";
import type { DataLoaderOptions } from "@layerwise/data";
import { TabDataLoader } from "./tabDataLoader.ts";
import type { TabularDataset } from "./tabularDataset.ts";

export interface TabWeightedDLOptions extends DataLoaderOptions {
  /** How often each row should come, relative to the others. @defaultValue all alike */
  wgts?: ArrayLike<number> | undefined;
}

/**
 * A loader that, when it shuffles, draws as many rows as there are with replacement, in proportion to their weights. Some
 * rows come several times, others (with equal weights 37 of 100) not at all.
 */
export class TabWeightedDL<Y = unknown> extends TabDataLoader<Y, TabWeightedDLOptions> {
  constructor(dataset: TabularDataset<Y>, options: TabWeightedDLOptions = {}) {
    super(dataset, options);
    const { wgts } = options;
    if (wgts === undefined) return;
    const bad = Array.prototype.findIndex.call(wgts, (weight: number) => !(weight >= 0 && weight < Infinity));
    if (wgts.length === dataset.length && bad < 0) return;
    throw new OptionError("TabWeightedDL", {
      given: bad >= 0 ? `weight ${wgts[bad]} for row ${bad}` : `${wgts.length} weights for ${dataset.length} rows`,
      expected: "one weight of 0 or more per training row",
    });
  }

  static override get optionNames(): readonly string[] {
    return [...TabDataLoader.optionNames, "wgts"];
  }

  override getIdxs(random: Rng): readonly number[] {
    const { itemCount, shuffle, options } = this;
    if (!shuffle || itemCount === 0) return super.getIdxs(random);
    const cumulative = new Float64Array(itemCount);
    let total = 0;
    for (let i = 0; i < itemCount; i++) cumulative[i] = total += options.wgts?.[i] ?? 1;
    return Array.from({ length: itemCount }, () => firstAbove(cumulative, random.uniform() * total));
  }

  override withDataset(dataset: TabularDataset<Y>, changes: Partial<TabWeightedDLOptions> = {}): TabWeightedDL<Y> {
    return super.withDataset(dataset, { wgts: undefined, ...changes }) as TabWeightedDL<Y>;
  }
}

/** First position whose cumulative weight is above `target`. */
function firstAbove(cumulative: Float64Array, target: number): number {
  let [low, high] = [0, cumulative.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! > target) high = middle;
    else low = middle + 1;
  }
  return low;
}
