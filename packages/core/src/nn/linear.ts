import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { checkWhole } from "../checkWhole.ts";
import { fmtShape, ShapeError } from "../errors.ts";
import { type FusedOp, runFused } from "../fused/index.ts";
import { defaultUniform } from "./init.ts";
import { Module } from "./module.ts";
import { Parameter, type Weight } from "./parameter.ts";

export interface LinearOptions {
  /** Add a learned number per output. @defaultValue true */
  bias?: boolean;
}

/** `y = x · weight + bias` over the last axis: `[..., inFeatures]` to `[..., outFeatures]`. */
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** `[inFeatures, outFeatures]` */
  weight: Weight;
  /** `[outFeatures]` */
  bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    super();
    checkWhole("Linear", "inFeatures", inFeatures, 1);
    checkWhole("Linear", "outFeatures", outFeatures, 1);
    checkOptions("Linear", options, { bias: true });
    const { bias = true } = options;
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = new Parameter(defaultUniform([inFeatures, outFeatures], inFeatures, "linear"), "linear");
    this.bias = bias ? new Parameter(defaultUniform([outFeatures], inFeatures)) : null;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    if (x.shape.at(-1) !== this.inFeatures) {
      throw new ShapeError("Linear", {
        given: `input ${fmtShape(x.shape)}`,
        expected: `${this.inFeatures} numbers on the last axis`,
      });
    }
    return linear(x, this.weight.value, this.bias?.value ?? null);
  }
}

/** `x · weight + bias`, with one gradient for all three: `[rows, I]`, `[I, O]`, `[O]`. */
export const linearOp: FusedOp<object> = {
  name: "LayerwiseLinear",
  outputs: 1,
  composed: ({ x, weight, bias }) => {
    const product = tf.matMul(x!, weight!);
    return [bias === undefined ? product : tf.add(product, bias)];
  },
  gradient: ({ dys: [dy], inputs: { x, weight } }) => ({
    x: () => tf.matMul(dy!, weight!, false, true),
    weight: () => tf.matMul(x!, dy!, true, false),
    bias: () => tf.sum(dy!, 0),
  }),
};

/**
 * `x · weight + bias` over the last axis.
 * @param x - `[..., I]`
 * @param weight - `[I, O]`
 * @param bias - `[O]`
 */
export function linear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor | null): tf.Tensor {
  const rows = x.rank === 2 ? x : tf.reshape(x, [-1, weight.shape[0]!]);
  const y = runFused(linearOp, { x: rows, weight, bias }, {})[0]!;
  return x.rank === 2 ? y : tf.reshape(y, [...x.shape.slice(0, -1), weight.shape[1]!]);
}
