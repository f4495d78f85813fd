import { checkWhole, OptionError, type Rng } from "@layerwise/core";
import { DataLoader } from "./dataLoader.ts";
import type { DatasetLike } from "./iterableDataset.ts";
import type { DataLoaderOptions } from "./loaderOptions.ts";

export interface PartialDLOptions extends DataLoaderOptions {
  /** Items in one pass, a new choice each time. */
  partialN?: number | undefined;
}

/** A loader whose passes are a random part of the items: short epochs on a large data set. */
export class PartialDL<X = unknown, Y = unknown> extends DataLoader<X, Y, PartialDLOptions> {
  constructor(dataset: DatasetLike, options: PartialDLOptions = {}) {
    super(dataset, options);
    const { partialN } = options;
    if (partialN === undefined) return;
    checkWhole("PartialDL", "partialN", partialN, 1);
    if (this.indexed) return;
    throw new OptionError("PartialDL", {
      given: "samples that come one after the other",
      expected: "samples with positions, to draw from",
      fix: "use `DataLoader` with `n` for short epochs",
    });
  }

  static override get optionNames(): readonly string[] {
    return [...DataLoader.optionNames, "partialN"];
  }

  override get itemCount(): number {
    const { partialN, order } = this.options;
    return order !== undefined || partialN === undefined ? super.itemCount : Math.min(super.itemCount, partialN);
  }

  override getIdxs(random: Rng): readonly number[] {
    if (this.options.partialN === undefined) return super.getIdxs(random);
    return random.permutation(super.itemCount).slice(0, this.itemCount);
  }

  override withDataset(dataset: DatasetLike, changes: Partial<PartialDLOptions> = {}): PartialDL<X, Y> {
    return super.withDataset(dataset, { partialN: undefined, ...changes }) as PartialDL<X, Y>;
  }
}
