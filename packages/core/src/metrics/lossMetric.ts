import * as tf from "@tensorflow/tfjs-core";
import { OptionError } from "../errors.ts";
import { BaseLoss } from "../losses/baseLoss.ts";
import { BatchMean } from "./avgMetric.ts";
import type { MetricInput } from "./metric.ts";

/**
 * Mean of one term of the loss, each batch counted by its size: `lossFunc.parts` of that name, or the loss's own
 * property, a number or tensor. 0 for batches without it.
 */
export class LossMetric extends BatchMean {
  readonly name: string;
  readonly #part: string;

  constructor(part: string, { name = part }: { name?: string } = {}) {
    super();
    this.#part = part;
    this.name = name;
  }

  protected batchMean({ lossFunc }: MetricInput): tf.Tensor {
    const parts = lossFunc instanceof BaseLoss ? lossFunc.parts : undefined;
    const value = parts?.get(this.#part) ?? (lossFunc as unknown as Record<string, unknown>)[this.#part];
    if (value instanceof tf.Tensor) return tf.mean(value);
    return tf.scalar(typeof value === "number" ? value : 0);
  }
}

/** A {@link LossMetric} per term: `lossMetrics("focal,dice")`, `lossMetrics(["focal"], { names: ["f"] })`. */
export function lossMetrics(
  parts: string | readonly string[],
  { names = parts }: { names?: string | readonly string[] } = {},
): LossMetric[] {
  const list = (of: string | readonly string[]) => (typeof of === "string" ? of.split(",").map((s) => s.trim()) : of);
  const [terms, titles] = [list(parts), list(names)];
  if (terms.length !== titles.length) {
    throw new OptionError("lossMetrics", {
      given: `${terms.length} parts, ${titles.length} names`,
      expected: "a name per part",
    });
  }
  return terms.map((part, i) => new LossMetric(part, { name: titles[i]! }));
}
