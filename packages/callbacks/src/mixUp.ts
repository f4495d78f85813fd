import { checkOptions, rng } from "@layerwise/core";
import { addCallback } from "@layerwise/core/learner";
import * as tf from "@tensorflow/tfjs-core";
import { lerp } from "./lerp.ts";
import { checkMixable, MixHandler, type Mixture } from "./mixHandler.ts";

export interface MixUpOptions {
  /** Of Beta(alpha, alpha), which shares are drawn from. @defaultValue 0.4 */
  alpha?: number;
}

/**
 * Trains on blends of two items each; every item draws a share of its own, and is the larger part of its blend.
 * @see Zhang et al. 2018, https://arxiv.org/abs/1710.09412
 */
export class MixUp extends MixHandler {
  static override readonly cbName: string = "mixUp";

  constructor(options: MixUpOptions = {}) {
    checkOptions("MixUp", options, { alpha: true });
    super(options.alpha ?? 0.4);
  }

  protected override mix(xb: readonly tf.Tensor[], yb: readonly tf.Tensor[]): Mixture {
    for (const x of xb) checkMixable("MixUp", x);
    const n = this.learn.batchSize;
    const random = rng();
    const shares = Array.from({ length: n }, () => random.beta(this.alpha, this.alpha)).map((s) => Math.max(s, 1 - s));
    const lam = tf.tensor1d(shares);
    const order = tf.tensor1d(random.permutation(n), "int32");
    return {
      xb: xb.map((x) => lerp(tf.gather(x, order), x, lam)),
      targets: yb.map((y) => tf.gather(y, order)),
      lam,
    };
  }
}

addCallback(MixUp, ["alpha"]);
