import { andThen, type MaybePromise } from "./maybePromise.ts";
import { Transform } from "./transform.ts";
import type { TransformContext } from "./transformContext.ts";
import { Tuple } from "./tuple.ts";

/**
 * A transform that gets a sample as a whole: a {@link Tuple} is handed over, not gone into.
 * An array that comes back for a tuple becomes a tuple again, unless `retain` is false.
 */
export class ItemTransform extends Transform {
  /** Turns an array result back into a tuple. */
  readonly retain: boolean = true;

  protected override run(x: unknown, direction: "encode" | "decode", ctx: TransformContext): MaybePromise<unknown> {
    return andThen(this.runOne(x, direction, ctx), (out) =>
      this.retain && x instanceof Tuple && Array.isArray(out) ? new Tuple(out) : out,
    );
  }
}

/** Runs for its effect: hands on the very object it was given, changed or not. */
export class InplaceTransform extends Transform {
  protected override run(x: unknown, direction: "encode" | "decode", ctx: TransformContext): MaybePromise<unknown> {
    return andThen(super.run(x, direction, ctx), () => x);
  }
}
