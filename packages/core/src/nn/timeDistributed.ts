import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { type AnyModule, Module } from "./module.ts";

export interface TimeDistributedOptions {
  /** Run the steps one by one. @defaultValue false */
  lowMem?: boolean;
  /** The axis of time. @defaultValue 1 */
  tdim?: number;
}

/** Runs a module on every step of a sequence, `[N, T, ...]`, by folding time into the batch. */
export class TimeDistributed extends Module<tf.Tensor[]> {
  module: AnyModule;
  readonly lowMem: boolean;
  readonly tdim: number;

  constructor(module: AnyModule, options: TimeDistributedOptions = {}) {
    super();
    checkOptions("TimeDistributed", options, { lowMem: true, tdim: true });
    const { lowMem = false, tdim = 1 } = options;
    this.module = module;
    this.lowMem = lowMem;
    this.tdim = tdim;
  }

  override forward(...inputs: tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      if (this.lowMem || this.tdim !== 1) {
        const steps = inputs.map((x) => tf.unstack(x, this.tdim));
        const results = steps[0]!.map((_, t) => this.module.call(...steps.map((all) => all[t]!)) as tf.Tensor);
        return tf.stack(results, this.tdim);
      }
      const [n, time] = inputs[0]!.shape as [number, number];
      const folded = inputs.map((x) => tf.reshape(x, [n * time, ...x.shape.slice(2)]));
      const result = this.module.call(...folded) as tf.Tensor;
      return tf.reshape(result, [n, time, ...result.shape.slice(1)]);
    });
  }
}
