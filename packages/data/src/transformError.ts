import { DataError, LayerwiseError } from "@layerwise/core";
import { describeItem } from "./describe.ts";

/** A transform failed on an item. Says which transform and which item; `cause` is the error it threw. */
export class TransformError extends DataError {
  readonly transform: string;
  readonly item: unknown;

  constructor(transform: string, item: unknown, cause: unknown) {
    const where = `${transform} on item ${describeItem(item)}`;
    if (cause instanceof LayerwiseError) {
      const { given, expected, fix } = cause;
      super(where, { given: `${cause.where}: ${given}`, expected, cause, ...(fix === undefined ? {} : { fix }) });
    } else {
      const message = cause instanceof Error ? cause.message : String(cause);
      super(where, {
        given: `the error "${message}"`,
        expected: `an item that ${transform} can work on`,
        fix: "look at this item, or leave such items out in `getItems`; `dataBlock.summary(source)` shows every step",
        cause,
      });
    }
    this.transform = transform;
    this.item = item;
  }
}

/** Thrown by a transform to leave an item out of the pass without an error. Batches stay full. */
export class SkipItemError extends Error {
  constructor(message = "item skipped") {
    super(message);
    this.name = "SkipItemError";
  }
}
