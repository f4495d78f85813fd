import * as tf from "@tensorflow/tfjs-core";
import type { Buffer, Parameter } from "../nn/index.ts";
import type { ParamState } from "../optim/index.ts";
import type { Learner } from "./learner.ts";

/** Weights, buffers and optimizer state on the device, to go back to within one process. */
export interface Snapshot {
  entries: [Parameter | Buffer, tf.Tensor][];
  optimizer: [Parameter, ParamState][] | null;
}

export function snapshot(learn: Learner): Snapshot {
  const owned = [...learn.model.namedParameters(), ...learn.model.namedBuffers()].map(([, entry]) => entry);
  const state = learn.opt ? [...learn.opt.state] : null;
  return {
    entries: owned.map((entry) => [entry, copy(entry.value)]),
    optimizer: state?.map(([p, s]) => [p, cloneState(s)]) ?? null,
  };
}

/** Puts everything back and frees the snapshot. */
export function restoreMemory(learn: Learner, { entries, optimizer }: Snapshot): void {
  for (const [entry, value] of entries) entry.assign(value);
  if (optimizer === null || learn.opt === null) return;
  for (const [parameter, saved] of optimizer) {
    const state = learn.opt.state.get(parameter);
    if (state === undefined) continue;
    for (const [key, value] of Object.entries(state)) {
      if (value instanceof tf.Tensor) value.dispose();
      delete state[key];
    }
    Object.assign(state, saved);
  }
}

/** Own memory: kernels may write into a parameter in place, which a clone would share. */
function copy(value: tf.Tensor): tf.Tensor {
  return tf.keep(tf.tidy(() => tf.mul(value, tf.onesLike(value))));
}

function cloneState(state: ParamState): ParamState {
  return Object.fromEntries(Object.entries(state).map(([k, v]) => [k, v instanceof tf.Tensor ? copy(v) : v]));
}
