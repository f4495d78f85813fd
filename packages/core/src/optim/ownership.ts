import * as tf from "@tensorflow/tfjs-core";
import type { Parameter } from "../nn/parameter.ts";
import { scalar } from "./scalars.ts";
import type { ParamState } from "./steppers.ts";

/** Puts `next` into `state`, the object itself staying the same, and frees the tensors that fell out. */
export function replaceState(state: ParamState, next: ParamState): void {
  for (const [k, v] of Object.entries(state)) {
    if (v instanceof tf.Tensor && next[k] !== v) v.dispose();
    if (!(k in next)) delete state[k];
  }
  Object.assign(state, next);
}

/** A state tensor that a kernel may write into. */
export function ownSlot(state: ParamState, name: string, param: Parameter): tf.Tensor {
  const slot = state[name];
  if (!(slot instanceof tf.Tensor)) {
    const zeros = tf.keep(tf.zeros(param.shape));
    state[name] = zeros;
    return zeros;
  }
  if (!isShared(slot)) return slot;
  const own = tf.keep(copy(slot));
  slot.dispose();
  state[name] = own;
  return own;
}

/** Whether others see its memory, or it lies on another backend still. */
export function isShared(tensor: tf.Tensor): boolean {
  return tf.backend().refCount(tensor.dataId) !== 1;
}

/** The same numbers in memory of their own. */
export function copy(tensor: tf.Tensor): tf.Tensor {
  return tf.mul(tensor, scalar(1));
}

/** The same memory under another tensor, which outlives the scope. */
export function keepClone(tensor: tf.Tensor): tf.Tensor {
  return tf.keep(tf.clone(tensor));
}

/** A state with tensors of its own. */
export function copyState(state: ParamState): ParamState {
  return Object.fromEntries(
    Object.entries(state).map(([k, v]) => [k, v instanceof tf.Tensor ? tf.keep(tf.tidy(() => copy(v))) : v]),
  );
}
