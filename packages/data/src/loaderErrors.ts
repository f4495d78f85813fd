import { DataError, OptionError, StateError } from "@layerwise/core";
import { describeItem } from "./describe.ts";
import type { SkipItemError } from "./transformError.ts";
import { warn } from "./warn.ts";

/** An item that a pass left out. */
export interface SkippedItem {
  readonly index: number;
  readonly item: unknown;
  readonly error: unknown;
}

/** A loader that has no batch to give. */
export function noBatches(itemCount: number, bs: number | null): StateError {
  if (itemCount === 0) {
    return new StateError("DataLoader", {
      given: "a data set without items",
      expected: "at least one item",
      fix: "check `getItems` and the splitter; `dataBlock.summary(source)` shows what they find",
    });
  }
  return new StateError("DataLoader", {
    given: `${itemCount} items for batches of ${bs}, with dropLast`,
    expected: "at least one full batch",
    fix: `choose a \`bs\` of at most ${itemCount}, or \`dropLast: false\``,
  });
}

/** A loader that cannot say how many batches a pass has. */
export function unknownLength(): StateError {
  return new StateError("DataLoader.length", {
    given: "samples whose number nobody knows",
    expected: "a number of items per pass",
    fix: "give the loader `n`, the items that make an epoch, or give the iterable a `length`",
  });
}

/** A skip where every item counts. */
export function skipRefused(item: unknown, cause: SkipItemError): DataError {
  return new DataError("DataLoader", {
    given: `item ${describeItem(item)}, which a transform leaves out (${cause.message})`,
    expected: "a prediction for every item",
    fix: "leave such items out of the list you ask predictions for",
    cause,
  });
}

/** Hands on what a stage of the batch made. @throws {@link OptionError} for a promise */
export function requireSync(value: unknown, stage: string): unknown {
  if (!(value instanceof Promise)) return value;
  value.catch(() => {});
  throw new OptionError(stage, {
    given: "a transform that returns a promise",
    expected: "transforms of batches to compute at once",
    fix: "read files in an item transform, `itemTfms`",
  });
}

/** Tells of the items that a pass left out. */
export function reportSkipped(skipped: readonly SkippedItem[], total: number): void {
  const shown = skipped.slice(0, 3).map(({ item, error }) => {
    return `${describeItem(item)} (${error instanceof DataError ? error.given : String((error as Error)?.message ?? error)})`;
  });
  const more = skipped.length > shown.length ? `, and ${skipped.length - shown.length} more` : "";
  const of = Number.isFinite(total) ? ` of ${total}` : "";
  warn(`left out ${skipped.length}${of} items that could not be read: ${shown.join(", ")}${more}`);
}
