import { DataError } from "@layerwise/core";
import { describeItem } from "./describe.ts";
import { andThen, type MaybePromise } from "./maybePromise.ts";
import { Transform } from "./transform.ts";
import type { TransformContext } from "./transformContext.ts";

/**
 * A user's `getX` or `getY`: takes what it wants out of an item. It gets the item alone, and must answer with a value.
 * An export file leaves it out, since at inference the item is given as it is.
 */
export class Getter extends Transform {
  readonly #get: (item: never) => unknown;
  readonly #role: string;

  /** @param role - for messages: "getX" or "getY" */
  constructor(get: (item: never) => unknown, role: string) {
    super({ name: get.name || role });
    this.#get = get;
    this.#role = role;
  }

  override encodes(item: unknown, ctx: TransformContext): MaybePromise<unknown> {
    return andThen(this.#get(item as never), (value) => {
      if (value !== undefined) return value;
      throw new DataError(this.#role, {
        given: `undefined from \`${this.name}\` for item ${describeItem(ctx.item ?? item)}`,
        expected: "a value for every item",
        fix: `make \`${this.#role}\` return something for it, or leave the item out in \`getItems\``,
      });
    });
  }
}
