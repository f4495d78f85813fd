import { type ActClass, nnDefaults } from "../nn/index.ts";
import type { Callback } from "./callback.ts";
import { InterruptCallback } from "./interrupt.ts";
import { ProgressCallback } from "./progress.ts";
import { Recorder } from "./recorder.ts";
import { TrainEvalCallback } from "./trainEval.ts";

/** Settings that new learners start from. Change them to change every learner made afterwards. */
export interface Defaults {
  /** Learning rate. @defaultValue 1e-3 */
  lr: number;
  /** Callbacks that every learner gets, as factories, in this order. */
  callbacks: (() => Callback)[];
  /** Activation of convolution blocks. @defaultValue ReLU */
  activation: ActClass;
}

export const defaults: Defaults = {
  lr: 1e-3,
  get activation() {
    return nnDefaults.activation;
  },
  set activation(act) {
    nnDefaults.activation = act;
  },
  callbacks: [
    () => new TrainEvalCallback(),
    () => new Recorder(),
    () => new ProgressCallback(),
    () => new InterruptCallback(),
  ],
};
