import { OptionError, type Rng } from "@layerwise/core";
import { DataLoader } from "./dataLoader.ts";
import type { DatasetLike } from "./iterableDataset.ts";
import type { DataLoaderOptions } from "./loaderOptions.ts";

export interface WeightedDLOptions extends DataLoaderOptions {
  /** How often each item should come, relative to the others. @defaultValue all alike */
  wgts?: readonly number[] | undefined;
}

/**
 * A loader that, when it shuffles, draws as many items as there are with replacement, in proportion to their weights:
 * rare classes come more often, and some items not at all.
 */
export class WeightedDL<X = unknown, Y = unknown> extends DataLoader<X, Y, WeightedDLOptions> {
  constructor(dataset: DatasetLike, options: WeightedDLOptions = {}) {
    super(dataset, options);
    const { wgts } = options;
    if (wgts === undefined) return;
    if (wgts.length !== this.dataset.length) {
      throw new OptionError("WeightedDL", {
        given: `${wgts.length} weights for ${this.dataset.length} items`,
        expected: "one weight per training item",
      });
    }
    const bad = wgts.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
    if (bad >= 0 || (wgts.length > 0 && wgts.every((weight) => weight === 0))) {
      throw new OptionError("WeightedDL", {
        given: bad >= 0 ? `weight ${wgts[bad]} for item ${bad}` : "weights that are all 0",
        expected: "weights of 0 or more, not all 0",
      });
    }
  }

  static override get optionNames(): readonly string[] {
    return [...DataLoader.optionNames, "wgts"];
  }

  override getIdxs(random: Rng): readonly number[] {
    const { itemCount } = this;
    if (!this.shuffle || itemCount === 0) return super.getIdxs(random);
    const cumulative = cumulate(this.options.wgts?.slice(0, itemCount) ?? new Array<number>(itemCount).fill(1));
    const total = cumulative.at(-1)!;
    return Array.from({ length: itemCount }, () => firstAbove(cumulative, random.uniform() * total));
  }

  override withDataset(dataset: DatasetLike, changes: Partial<WeightedDLOptions> = {}): WeightedDL<X, Y> {
    return super.withDataset(dataset, { wgts: undefined, ...changes }) as WeightedDL<X, Y>;
  }
}

function cumulate(weights: readonly number[]): number[] {
  let sum = 0;
  return weights.map((weight) => {
    sum += weight;
    return sum;
  });
}

/** First position whose cumulative weight is above `target`. */
function firstAbove(cumulative: readonly number[], target: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! > target) high = middle;
    else low = middle + 1;
  }
  return low;
}
