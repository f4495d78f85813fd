import type { Tensor } from "@tensorflow/tfjs-core";
import { sigmoidRange } from "./activationMath.ts";
import { Module } from "./module.ts";

/** Keeps predictions within `low`…`high`: sigmoid, stretched. */
export class SigmoidRange extends Module {
  readonly low: number;
  readonly high: number;

  constructor(low: number, high: number) {
    super();
    this.low = low;
    this.high = high;
  }

  override forward(x: Tensor): Tensor {
    return sigmoidRange(x, this.low, this.high);
  }
}
