import * as tf from "@tensorflow/tfjs-core";
import { type FusedOp, runFused } from "./fusedOp.ts";
import { atTime, flattenTime, previousStates } from "./recurrent.ts";

/** Result of {@link gru}. */
export interface GruResult {
  /** Hidden state after every step, `[N, T, H]`. */
  output: tf.Tensor3D;
  /** Hidden state after the last step, `[N, H]`. */
  h: tf.Tensor2D;
}

/**
 * Gradients by the gates before their activation: of the input's share and of the state's share, both `[N, T, 3H]`
 * (they differ in the new gate, where the reset gate scales the state's share), and by the initial state.
 */
export const gruGradOp: FusedOp<object> = {
  name: "LayerwiseGruGrad",
  outputs: 3,
  composed: ({ gates, hiddenNew, h0, output, wHh, dOutput, dh }) => {
    const steps = gates!.shape[1]!;
    const dInputs: tf.Tensor[] = new Array(steps);
    const dHiddens: tf.Tensor[] = new Array(steps);
    let dhNext = dh!;
    for (let t = steps - 1; t >= 0; t--) {
      const [r, z, n] = tf.split(atTime(gates!, t), 3, 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const hPrev = t > 0 ? atTime(output!, t - 1) : h0!;
      const dhT = tf.add(dhNext, atTime(dOutput!, t)); // [N, H]
      const dn = tf.mul(tf.mul(dhT, tf.sub(1, z)), tf.sub(1, tf.square(n)));
      const dz = tf.mul(tf.mul(dhT, tf.sub(hPrev, n)), tf.mul(z, tf.sub(1, z)));
      const dr = tf.mul(tf.mul(dn, atTime(hiddenNew!, t)), tf.mul(r, tf.sub(1, r)));
      const dHidden = tf.concat([dr, dz, tf.mul(dn, r)], 1);
      dInputs[t] = tf.concat([dr, dz, dn], 1);
      dHiddens[t] = dHidden;
      dhNext = tf.add(tf.mul(dhT, z), tf.matMul(dHidden as tf.Tensor2D, wHh as tf.Tensor2D, false, true));
    }
    return [tf.stack(dInputs, 1), tf.stack(dHiddens, 1), tf.clone(dhNext)];
  },
};

/**
 * A whole sequence; keeps the activated gates, `[N, T, 3H]`, and the state's share of the new gate, `[N, T, H]`, for
 * the gradient.
 */
export const gruOp: FusedOp<object> = {
  name: "LayerwiseGru",
  outputs: 2,
  composed: ({ x, h0, wIh, wHh, bIh, bHh }) => {
    const [batch, steps] = x!.shape as [number, number, number];
    const width = wIh!.shape[1]!;
    let fromInput: tf.Tensor = tf.matMul(flattenTime(x!), wIh as tf.Tensor2D); // [N·T, 3H]
    if (bIh !== undefined) fromInput = tf.add(fromInput, bIh);
    fromInput = tf.reshape(fromInput, [batch, steps, width]);
    let h = h0!;
    const [outputs, gates, hiddenNews]: [tf.Tensor[], tf.Tensor[], tf.Tensor[]] = [[], [], []];
    for (let t = 0; t < steps; t++) {
      let fromState: tf.Tensor = tf.matMul(h as tf.Tensor2D, wHh as tf.Tensor2D); // [N, 3H]
      if (bHh !== undefined) fromState = tf.add(fromState, bHh);
      const [stateR, stateZ, stateN] = tf.split(fromState, 3, 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const [inputR, inputZ, inputN] = tf.split(atTime(fromInput, t), 3, 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const r = tf.sigmoid(tf.add(inputR, stateR));
      const z = tf.sigmoid(tf.add(inputZ, stateZ));
      const n = tf.tanh(tf.add(inputN, tf.mul(r, stateN)));
      h = tf.add(n, tf.mul(z, tf.sub(h, n)));
      outputs.push(h);
      gates.push(tf.concat([r, z, n], 1));
      hiddenNews.push(stateN);
    }
    return [tf.stack(outputs, 1), tf.clone(h), tf.stack(gates, 1), tf.stack(hiddenNews, 1)];
  },
  gradient: ({ dys: [dOutput, dh], inputs: { x, h0, wIh, wHh }, results: [output, , gates, hiddenNew] }) => {
    const given = {
      gates: gates!,
      hiddenNew: hiddenNew!,
      h0: h0!,
      output: output!,
      wHh: wHh!,
      dOutput: dOutput!,
      dh: dh!,
    };
    const [dInput, dHidden, dh0] = runFused(gruGradOp, given, {});
    const flatInput = flattenTime(dInput!); // [N·T, 3H]
    const flatHidden = flattenTime(dHidden!);
    return {
      x: () => tf.reshape(tf.matMul(flatInput, wIh as tf.Tensor2D, false, true), x!.shape),
      h0: () => dh0!,
      wIh: () => tf.matMul(flattenTime(x!), flatInput, true, false),
      wHh: () => tf.matMul(previousStates(h0!, output!), flatHidden, true, false),
      bIh: () => tf.sum(flatInput, 0),
      bHh: () => tf.sum(flatHidden, 0),
    };
  },
};

/**
 * A gated recurrent unit over a whole sequence. Gates lie in PyTorch's order: reset, update, new.
 * @param x - `[N, T, I]`, at least one step
 * @param h0 - initial hidden state, `[N, H]`
 * @param wIh - input weights, `[I, 3H]`
 * @param wHh - recurrent weights, `[H, 3H]`
 * @param bIh - `[3H]`, or null for 0
 * @param bHh - `[3H]`, or null for 0
 * @see Cho et al. 2014, https://arxiv.org/abs/1406.1078 (reset gate applied after the product, as cuDNN does)
 */
export function gru(
  x: tf.Tensor,
  h0: tf.Tensor,
  wIh: tf.Tensor,
  wHh: tf.Tensor,
  bIh: tf.Tensor | null,
  bHh: tf.Tensor | null,
): GruResult {
  const [output, h] = runFused(gruOp, { x, h0, wIh, wHh, bIh, bHh }, {});
  return { output: output as tf.Tensor3D, h: h as tf.Tensor2D };
}
