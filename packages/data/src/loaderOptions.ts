import { checkOptions, checkWhole, OptionError } from "@layerwise/core";
import { type LoaderHooks, loaderHookNames } from "./loaderHooks.ts";
import type { Pipeline } from "./pipeline.ts";
import type { TransformLike } from "./transform.ts";

/** Transforms of one stage of a loader. */
export type StageTfms = Pipeline | readonly TransformLike[];

export interface DataLoaderOptions extends LoaderHooks {
  /** Items in a batch; `null` for data sets whose samples are batches already. @defaultValue 64 */
  bs?: number | null;
  /** A new random order for each pass. @defaultValue false */
  shuffle?: boolean;
  /** Leaves out a last batch that is not full. @defaultValue `shuffle`, if there are enough items for one batch */
  dropLast?: boolean | undefined;
  /** Items in a pass: the first `n`. Data without an end need it to have epochs. @defaultValue all */
  n?: number | undefined;
  /** Transforms of one sample, after the data set's own. */
  afterItem?: StageTfms;
  /** Transforms of the list of samples of a batch, such as padding. */
  beforeBatch?: StageTfms;
  /** Transforms of the batch, on the device. */
  afterBatch?: StageTfms;
  /** Items being read at once. @defaultValue enough to fill the prefetched batches, 16 to 256 */
  workers?: number | undefined;
  /** Batches whose items are read ahead of time. @defaultValue 2 */
  prefetch?: number;
  /** What to do about an item that cannot be read: stop, or go on without it and say so at the end. @defaultValue "throw" */
  onError?: "throw" | "skip";
  /** Whether a transform may leave an item out by throwing `SkipItemError`. @defaultValue true, false for `testDl` */
  allowSkip?: boolean;
  /** Looks for NaN and infinity in float data, and names the item. @defaultValue false */
  checkFinite?: boolean;
  /** Overrides the data set's split: 0 makes transforms behave as in training. */
  splitIdx?: number | undefined;
  /** Fixed order: data set index of each item of a pass. */
  order?: readonly number[] | undefined;
}

/** Names of {@link DataLoaderOptions}, for checks. */
export const dataLoaderOptionNames: readonly string[] = [
  "bs",
  "shuffle",
  "dropLast",
  "n",
  "afterItem",
  "beforeBatch",
  "afterBatch",
  "workers",
  "prefetch",
  "onError",
  "allowSkip",
  "checkFinite",
  "splitIdx",
  "order",
  ...loaderHookNames,
];

/** Checks what a user may get wrong. @throws {@link OptionError} */
export function checkLoaderOptions(where: string, options: DataLoaderOptions, known: readonly string[]): void {
  checkOptions(where, options, known);
  const { bs, n, workers, prefetch, onError, shuffle, dropLast, order } = options;
  const notAFunction = loaderHookNames.find(
    (name) => options[name] !== undefined && typeof options[name] !== "function",
  );
  if (notAFunction !== undefined) {
    throw new OptionError(where, {
      given: `${notAFunction} = ${String(options[notAFunction])}`,
      expected: "a function",
    });
  }
  if (bs !== undefined && bs !== null) checkWhole(where, "bs", bs, 1);
  if (n !== undefined) checkWhole(where, "n", n, 0);
  if (workers !== undefined) checkWhole(where, "workers", workers, 0);
  if (prefetch !== undefined) checkWhole(where, "prefetch", prefetch, 0);
  if (onError !== undefined && onError !== "throw" && onError !== "skip") {
    throw new OptionError(where, { given: `onError = ${JSON.stringify(onError)}`, expected: '"throw" or "skip"' });
  }
  if (bs === null && dropLast) {
    throw new OptionError(where, {
      given: "dropLast with bs = null",
      expected: "ready batches, of which none is partial",
    });
  }
  if (order !== undefined && shuffle) {
    throw new OptionError(where, { given: "both shuffle and order", expected: "a fixed order, or a random one" });
  }
}
