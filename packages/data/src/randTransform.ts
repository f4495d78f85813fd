import { OptionError } from "@layerwise/core";
import { DisplayedTransform } from "./displayedTransform.ts";
import type { MaybePromise } from "./maybePromise.ts";
import type { TransformOptions } from "./transform.ts";
import { TransformContext } from "./transformContext.ts";

export interface RandTransformOptions extends TransformOptions {
  /** Probability that a sample is changed, 0…1. @defaultValue 1 */
  p?: number;
}

/**
 * Base of random transforms: runs on the training split only, with probability `p`, and draws once per sample, so
 * that an image, its mask and its points share one draw. Rows find what was drawn in `ctx.draw`.
 */
export class RandTransform<Draw = unknown> extends DisplayedTransform {
  /** Probability that a sample is changed. */
  readonly p: number;
  override splitIdx: number | null;

  constructor({ p = 1, splitIdx = 0, ...options }: RandTransformOptions = {}) {
    super(options);
    if (!(p >= 0 && p <= 1)) {
      throw new OptionError(new.target.name, { given: `p = ${p}`, expected: "a probability from 0 to 1" });
    }
    this.p = p;
    this.splitIdx = splitIdx;
  }

  /** Draws for the whole sample `x`. Everything random comes from `ctx.rng`. */
  beforeCall(_x: unknown, _ctx: TransformContext): Draw {
    return undefined as Draw;
  }

  override call(x: unknown, ctx: TransformContext = new TransformContext()): MaybePromise<unknown> {
    if (this.skips(ctx)) return x;
    if (this.p < 1 && ctx.rng.uniform() >= this.p) return x;
    ctx.draw = this.beforeCall(x, ctx);
    return this.run(x, "encode", ctx);
  }
}
