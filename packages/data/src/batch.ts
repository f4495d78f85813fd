import type { Batch } from "@layerwise/core/learner";
import type { TypedTensor } from "@layerwise/core/tensor";

/** Inputs and targets of one step, on the device. Whoever takes it from a loader owns it: `using batch = await dl.oneBatch()`. */
export class DataBatch implements Batch {
  readonly xb: readonly TypedTensor[];
  readonly yb: readonly TypedTensor[];

  constructor(xb: readonly TypedTensor[], yb: readonly TypedTensor[] = []) {
    this.xb = xb;
    this.yb = yb;
  }

  dispose(): void {
    for (const tensor of this.xb) tensor.dispose();
    for (const tensor of this.yb) tensor.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
