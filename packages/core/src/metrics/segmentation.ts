import * as tf from "@tensorflow/tfjs-core";
import { checkClassTarget } from "../losses/checkTargets.ts";
import type { ScoreOptions } from "./accumMetric.ts";
import type { MetricInput } from "./metric.ts";
import { type MetricFactory, metricFactory } from "./mkMetric.ts";
import { SumMetric } from "./sumMetric.ts";

/** Predicted and true class of each pixel, flat int32. */
function pixels(name: string, { pred, yb }: MetricInput): { said: tf.Tensor1D; truth: tf.Tensor1D } {
  const target = checkClassTarget(name, pred, yb[0], -1);
  return {
    said: tf.reshape<tf.Rank.R1>(tf.argMax(pred, -1), [target.size]),
    truth: tf.reshape<tf.Rank.R1>(tf.cast(target, "int32"), [target.size]),
  };
}

const count = (flags: tf.Tensor): tf.Scalar => tf.sum(tf.cast(flags, "float32"));

/** Options of {@link foregroundAcc}. */
export interface ForegroundOptions extends ScoreOptions {
  /** Class that does not count. @defaultValue 0 */
  bkgIdx?: number;
}

class ForegroundAcc extends SumMetric {
  readonly name: string;
  readonly #bkgIdx: number;

  constructor({ bkgIdx = 0, name = "foregroundAcc" }: ForegroundOptions = {}) {
    super();
    this.#bkgIdx = bkgIdx;
    this.name = name;
  }

  protected sums(input: MetricInput): tf.Tensor1D {
    const { said, truth } = pixels(this.name, input);
    const counted = tf.notEqual(truth, this.#bkgIdx);
    return tf.stack([count(tf.logicalAnd(tf.equal(said, truth), counted)), count(counted)]) as tf.Tensor1D;
  }

  protected finish([right, all]: Float64Array): number | null {
    return all === 0 ? null : right! / all!;
  }
}

/** Share of right pixels among those whose target is not background. Null without any. */
export const foregroundAcc: MetricFactory<ForegroundOptions> = metricFactory((options) => new ForegroundAcc(options), {
  name: "foregroundAcc",
  options: { name: true, bkgIdx: true },
});

/** Dice coefficient of two classes, 2·inter / (predicted + true), over all pixels. Null if class 1 never occurs. */
export class Dice extends SumMetric {
  readonly name: string = "dice";

  protected sums(input: MetricInput): tf.Tensor1D {
    const { said, truth } = pixels(this.name, input);
    return tf.stack([
      tf.sum(tf.mul(tf.cast(said, "float32"), truth)),
      tf.sum(tf.add(tf.cast(said, "float32"), truth)),
    ]) as tf.Tensor1D;
  }

  protected finish([inter, both]: Float64Array): number | null {
    return both === 0 ? null : (2 * inter!) / both!;
  }
}

/** Intersection over union of two classes, over all pixels. Null if class 1 never occurs. */
export class JaccardCoeff extends Dice {
  override readonly name: string = "jaccardCoeff";

  protected override finish([inter, both]: Float64Array): number | null {
    return both === 0 ? null : inter! / (both! - inter!);
  }
}

/** Mean Dice coefficient over the classes that occur, background too; sums go over the whole pass. */
export class DiceMulti extends SumMetric {
  readonly name: string = "diceMulti";

  protected sums(input: MetricInput): tf.Tensor1D {
    const { said, truth } = pixels(this.name, input);
    const classes = input.pred.shape[input.pred.shape.length - 1]!;
    const known = tf.logicalAnd(tf.greaterEqual(truth, 0), tf.less(truth, classes));
    const none = tf.fill([truth.size], classes, "int32");
    const hits = tf.where(tf.equal(said, truth), truth, none);
    const perClass = (indices: tf.Tensor) =>
      tf.slice(tf.bincount(indices as tf.Tensor1D, tf.tensor1d([], "float32"), classes + 1), 0, classes);
    const inter = perClass(hits);
    const both = tf.add<tf.Tensor1D>(perClass(said), perClass(tf.where(known, truth, none)));
    return tf.concat([inter, both]);
  }

  protected finish(sums: Float64Array): number | null {
    const classes = sums.length / 2;
    const scores: number[] = [];
    for (let c = 0; c < classes; c++) {
      if (sums[classes + c]! > 0) scores.push(this.overlap(sums[c]!, sums[classes + c]!));
    }
    return scores.length === 0 ? null : scores.reduce((a, b) => a + b, 0) / scores.length;
  }

  /** Score of one class; `both` is the predicted plus the true pixels. */
  protected overlap(inter: number, both: number): number {
    return (2 * inter) / both;
  }
}

/** Mean intersection over union over the classes that occur, background too. */
export class JaccardCoeffMulti extends DiceMulti {
  override readonly name: string = "jaccardCoeffMulti";

  protected override overlap(inter: number, both: number): number {
    return inter / (both - inter);
  }
}
