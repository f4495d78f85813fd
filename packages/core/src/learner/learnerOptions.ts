import type { KnownOptions } from "../checkOptions.ts";
import type { LossFunc } from "../losses/index.ts";
import type { MetricLike } from "../metrics/index.ts";
import type { AnyModule, Parameter } from "../nn/index.ts";
import type { HyperValue, OptFunc } from "../optim/index.ts";
import type { CallbackLike } from "./callbackList.ts";

/** Splits a model's parameters into groups, first layers first. */
export type ParamSplitter = (model: AnyModule) => Parameter[][];

export interface LearnerOptions {
  /** What training makes small. @defaultValue the loss that the data's blocks bring */
  lossFunc?: LossFunc;
  /** Makes the optimizer; one that sets a learning rate of its own also sets `learn.lr`. @defaultValue `adam` */
  optFunc?: OptFunc;
  /** Learning rate, or one per parameter group. @defaultValue `defaults.lr`, 1e-3 */
  lr?: HyperValue;
  /** @defaultValue one group of all parameters */
  splitter?: ParamSplitter;
  /** Callbacks for every fit, beside the default ones. */
  cbs?: readonly CallbackLike[];
  /** Computed on the validation set after each epoch. */
  metrics?: MetricLike | readonly MetricLike[];
  /** Folder for models and logs. @defaultValue the data's path */
  path?: string;
  /** Folder below `path` for saved models. @defaultValue "models" */
  modelDir?: string;
  /** Weight decay. @defaultValue the optimizer's own */
  wd?: number;
  /** Whether norm layers and biases decay too. @defaultValue false */
  wdBnBias?: boolean;
  /** Whether norm layers of frozen groups keep training. @defaultValue true */
  trainBn?: boolean;
  /** Momentum at the start, the middle and the end of one cycle. @defaultValue [0.95, 0.85, 0.95] */
  moms?: readonly [number, number, number];
  /** False leaves out the default callbacks. @defaultValue true */
  defaultCbs?: boolean;
}

export interface FitOptions {
  /** @defaultValue the learner's */
  lr?: HyperValue;
  /** Weight decay. @defaultValue the learner's */
  wd?: number;
  /** Callbacks for this fit only. */
  cbs?: readonly CallbackLike[];
  /** Start with a fresh optimizer. @defaultValue false */
  resetOpt?: boolean;
  /** Epochs before this one are skipped, the schedule goes on as if they had run. @defaultValue 0 */
  startEpoch?: number;
  /** File of a `CheckpointCallback`: goes on where it was written; a missing file starts from the beginning. */
  resume?: string;
}

export const LEARNER_OPTIONS: KnownOptions<LearnerOptions> = {
  lossFunc: true,
  optFunc: true,
  lr: true,
  splitter: true,
  cbs: true,
  metrics: true,
  path: true,
  modelDir: true,
  wd: true,
  wdBnBias: true,
  trainBn: true,
  moms: true,
  defaultCbs: true,
};
