import * as tf from "@tensorflow/tfjs-core";
import { OptionError } from "../errors.ts";
import { dropout } from "../fused/index.ts";
import { rng } from "../random.ts";
import { Module } from "./module.ts";

function checkProbability(where: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new OptionError(where, { given: `p = ${p}`, expected: "a probability in 0…1" });
}

/** Zeroes each number with probability `p` while training and scales the rest by 1/(1-p). */
export class Dropout extends Module {
  readonly p: number;

  constructor(p = 0.5) {
    super();
    checkProbability("Dropout", p);
    this.p = p;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return this.training && this.p > 0 ? dropout(x, this.p, rng().uint32()) : x;
  }
}

/** Zeroes whole channels of a picture, `[N, H, W, C]`, with probability `p` while training. */
export class Dropout2d extends Module {
  readonly p: number;

  constructor(p = 0.5) {
    super();
    checkProbability("Dropout2d", p);
    this.p = p;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    if (!this.training || this.p === 0) return x;
    const seed = rng().uint32();
    return tf.tidy(() => {
      const each = x.shape.map((n, axis) => (axis === 0 || axis === x.rank - 1 ? n : 1)); // [N, 1, 1, C]
      return tf.mul(x, dropout(tf.ones(each), this.p, seed));
    });
  }
}
