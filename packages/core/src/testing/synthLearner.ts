import * as tf from "@tensorflow/tfjs-core";
import { checkOptions, type KnownOptions } from "../checkOptions.ts";
import { Callback } from "../learner/callback.ts";
import { EVENTS } from "../learner/events.ts";
import { Learner } from "../learner/learner.ts";
import type { LearnerOptions } from "../learner/learnerOptions.ts";
import { MSELossFlat } from "../losses/index.ts";
import { Module, Parameter } from "../nn/index.ts";
import { sgd } from "../optim/index.ts";
import { Rng } from "../random.ts";
import { ArrayDataSource, ArrayDataSources } from "./arrayDataSource.ts";

export interface SynthOptions {
  /** Slope of the line. @defaultValue 2 */
  a?: number;
  /** Its height at 0. @defaultValue 3 */
  b?: number;
  /** @defaultValue 16 */
  bs?: number;
  /** Training batches. @defaultValue 10 */
  nTrain?: number;
  /** Validation batches. @defaultValue 2 */
  nValid?: number;
  seed?: number;
  path?: string;
}

const SYNTH: KnownOptions<SynthOptions> = {
  ...{ a: true, b: true, bs: true, nTrain: true, nValid: true, seed: true, path: true },
};

/** Points near the line y = a x + b: x normal, noise of a tenth. */
export function synthDls(options: SynthOptions = {}): ArrayDataSources {
  checkOptions("synthDls", options, SYNTH);
  const { a = 2, b = 3, bs = 16, nTrain = 10, nValid = 2, seed = 42, path = "." } = options;
  const random = new Rng(seed);
  const rows = (n: number): { x: number[][]; y: number[][] } => {
    const x = Array.from({ length: n * bs }, () => [random.normal()]);
    return { x, y: x.map(([v = 0]) => [a * v + b + 0.1 * random.normal()]) };
  };
  const loss = new MSELossFlat();
  const train = new ArrayDataSource(rows(nTrain), { bs, shuffle: true, dropLast: true }, loss);
  return new ArrayDataSources(train, new ArrayDataSource(rows(nValid), { bs }, loss), path);
}

/** y = a x + b, from random a and b. */
export class RegModel extends Module {
  a: Parameter = new Parameter(tf.scalar(0.5));
  b: Parameter = new Parameter(tf.scalar(-0.5));

  forward(x: tf.Tensor): tf.Tensor {
    return tf.add(tf.mul(x, this.a.value), this.b.value);
  }
}

/** A learner that fits a line in a blink: SGD with momentum 0.9, mean squared error. */
export function synthLearner(options: SynthOptions & LearnerOptions = {}): Learner<number[], number[]> {
  const { a, b, bs, nTrain, nValid, seed, ...learnerOptions } = options;
  const ofData = Object.fromEntries(Object.entries(options).filter(([name]) => name in SYNTH));
  return new Learner(synthDls(ofData), new RegModel(), {
    optFunc: (params, { lr }) => sgd(params, { lr, mom: 0.9 }),
    ...learnerOptions,
  });
}

/** Calls `log` with the name of every event it sees. */
export class VerboseCallback extends Callback {
  constructor(log: (event: string) => void = console.log) {
    super(Object.fromEntries(EVENTS.map((event) => [event, () => log(event)])));
  }
}
