import * as tf from "@tensorflow/tfjs-core";
import { checkOptions, type KnownOptions } from "../checkOptions.ts";
import { fmtShape, OptionError, ShapeError } from "../errors.ts";
import { Metric, type MetricInput } from "./metric.ts";
import type { ScoreFunc } from "./scores/scoreFunc.ts";

/** What is done to the model's outputs before they are collected. */
export type MetricActivation = "none" | "sigmoid" | "softmax" | "binarySoftmax";

/** Options of {@link AccumMetric}. */
export interface AccumMetricOptions {
  /** Column title. */
  name: string;
  /** `"binarySoftmax"` is the probability of the last class. @defaultValue "none" */
  activation?: MetricActivation;
  /** Take the class of the largest output, if no activation is asked for. @defaultValue false */
  argmax?: boolean;
  /** Turn what `activation` gives into 1 where it is at least this, else 0. */
  thresh?: number | undefined;
  /** Compare number by number; false keeps the columns of `pred`. @defaultValue true */
  flatten?: boolean;
  /** With `flatten: false`: one target per row of `pred`, instead of one per number. @defaultValue false */
  targetPerRow?: boolean;
}

const ACCUM: KnownOptions<AccumMetricOptions> = {
  ...{ name: true, activation: true, argmax: true, thresh: true, flatten: true, targetPerRow: true },
};

/** What is left to decide for users of a score. */
export interface ScoreOptions {
  /** Column title. @defaultValue the name of the metric */
  name?: string;
}

/**
 * A score of the whole pass at once, for numbers that are no mean over batches. Predictions and targets stay on the
 * device until `value` reads them, once.
 */
export class AccumMetric extends Metric {
  readonly name: string;
  readonly #score: ScoreFunc;
  readonly #options: Required<Omit<AccumMetricOptions, "name">>;
  #preds: tf.Tensor1D[] = [];
  #targs: tf.Tensor1D[] = [];
  #columns = 1;

  constructor(score: ScoreFunc, options: AccumMetricOptions) {
    super();
    checkOptions("AccumMetric", options, ACCUM);
    const { name, activation = "none", argmax = false, thresh, flatten = true, targetPerRow = false } = options;
    if (thresh !== undefined && !Number.isFinite(thresh)) {
      throw new OptionError(name, { given: `thresh ${thresh}`, expected: "a number, such as 0.5" });
    }
    this.name = name;
    this.#score = score;
    this.#options = { activation, argmax, thresh, flatten, targetPerRow };
  }

  reset(): void {
    tf.dispose([this.#preds, this.#targs]);
    this.#preds = [];
    this.#targs = [];
  }

  accumulate({ pred, yb }: MetricInput): void {
    this.#keep(
      tf.tidy(() => this.#prepare(pred)),
      yb[0],
    );
  }

  /**
   * The score of one set; forgets what was accumulated before.
   * @param pred - as the score takes it: probabilities or classes; no activation is applied
   */
  override async score(pred: tf.Tensor, target: tf.Tensor): Promise<number | null> {
    this.reset();
    try {
      this.#keep(tf.clone(pred), target);
      return await this.value();
    } finally {
      this.reset();
    }
  }

  async value(): Promise<number | null> {
    if (this.#preds.length === 0) return null;
    const [preds, targs] = [tf.concat(this.#preds), tf.concat(this.#targs)];
    try {
      const [pred, targ] = await Promise.all([preds.data(), targs.data()]);
      return targ.length === 0 ? null : this.#score(targ, pred, this.#columns);
    } finally {
      tf.dispose([preds, targs]);
    }
  }

  #prepare(pred: tf.Tensor): tf.Tensor {
    const { activation, argmax, thresh } = this.#options;
    const probs = {
      none: () => (argmax ? tf.argMax(pred, -1) : tf.clone(pred)),
      sigmoid: () => tf.sigmoid(pred),
      softmax: () => tf.softmax(pred),
      binarySoftmax: () => lastColumn(tf.softmax(pred)),
    }[activation]();
    return thresh === undefined ? probs : tf.greaterEqual(probs, thresh);
  }

  /** @remarks Takes ownership of `pred`. */
  #keep(pred: tf.Tensor, target: tf.Tensor | undefined): void {
    const { flatten, targetPerRow } = this.#options;
    const columns = flatten ? 1 : (pred.shape[pred.shape.length - 1] ?? 1);
    if (target === undefined || target.size * (targetPerRow ? columns : 1) !== pred.size) {
      pred.dispose();
      throw new ShapeError(`metric "${this.name}"`, {
        given: `predictions ${fmtShape(pred.shape)}, targets ${target ? fmtShape(target.shape) : "missing"}`,
        expected: targetPerRow ? "one class index per row of predictions" : "one target per prediction",
        fix: "compare the metric's row in the docs with what `getY` returns; `dblock.summary(source)` prints every shape",
      });
    }
    this.#columns = columns;
    const flat = (x: tf.Tensor) =>
      tf.keep(tf.tidy(() => tf.reshape<tf.Rank.R1>(x.dtype === "bool" ? tf.cast(x, "int32") : x, [x.size])));
    this.#preds.push(flat(pred));
    this.#targs.push(flat(target));
    pred.dispose();
  }
}

function lastColumn(x: tf.Tensor): tf.Tensor {
  const at = (x.shape[x.shape.length - 1] ?? 1) - 1;
  return tf.squeeze(tf.gather(x, [at], x.shape.length - 1), [x.shape.length - 1]);
}

/** Options of {@link fromScore}. */
export interface FromScoreOptions extends ScoreOptions {
  /** The score takes classes; false: the outputs as they are. @defaultValue true */
  isClass?: boolean;
  /** Several labels at once: 1 where the activated output is at least this. */
  thresh?: number | undefined;
  /** @defaultValue "sigmoid" with `thresh` and `isClass`, else "none" */
  activation?: MetricActivation;
  /** Compare number by number; false keeps the columns of the predictions. @defaultValue true */
  flatten?: boolean;
}

const FROM_SCORE: KnownOptions<FromScoreOptions> = {
  ...{ name: true, isClass: true, thresh: true, activation: true, flatten: true },
};

/**
 * A metric from a score of the whole pass, `score(targets, predictions, columns)`, written as scikit-learn's are.
 * Predictions are classes by argmax, labels by `thresh`, or plain numbers with `isClass: false`.
 */
export function fromScore(score: ScoreFunc, options: FromScoreOptions = {}): AccumMetric {
  checkOptions("fromScore", options, FROM_SCORE);
  const { isClass = true, thresh, name = score.name || "score", flatten = true } = options;
  const byThresh = thresh !== undefined;
  const activation = options.activation ?? (isClass && byThresh ? "sigmoid" : "none");
  return new AccumMetric(score, { name, activation, argmax: isClass && !byThresh, thresh, flatten });
}
