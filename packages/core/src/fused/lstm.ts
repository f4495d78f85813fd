import * as tf from "@tensorflow/tfjs-core";
import { type FusedOp, runFused } from "./fusedOp.ts";
import { atTime, bias2, flattenTime, previousStates } from "./recurrent.ts";

/** Result of {@link lstm}. */
export interface LstmResult {
  /** Hidden state after every step, `[N, T, H]`. */
  output: tf.Tensor3D;
  /** Hidden state after the last step, `[N, H]`. */
  h: tf.Tensor2D;
  /** Cell state after the last step, `[N, H]`. */
  c: tf.Tensor2D;
}

/** Gradients by the gates before their activation, `[N, T, 4H]`, and by the initial states; backward through time. */
export const lstmGradOp: FusedOp<object> = {
  name: "LayerwiseLstmGrad",
  outputs: 3,
  composed: ({ gates, cells, c0, wHh, dOutput, dh, dc }) => {
    const steps = gates!.shape[1]!;
    const dGates: tf.Tensor[] = new Array(steps);
    let dhNext = dh!;
    let dcNext = dc!;
    for (let t = steps - 1; t >= 0; t--) {
      const [i, f, g, o] = tf.split(atTime(gates!, t), 4, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const cPrev = t > 0 ? atTime(cells!, t - 1) : c0!;
      const tanhC = tf.tanh(atTime(cells!, t));
      const dhT = tf.add(dhNext, atTime(dOutput!, t)); // [N, H]
      const dcT = tf.add(dcNext, tf.mul(tf.mul(dhT, o), oneMinusSquare(tanhC)));
      const dGate = tf.concat(
        [
          tf.mul(tf.mul(dcT, g), sigmoidSlope(i)),
          tf.mul(tf.mul(dcT, cPrev), sigmoidSlope(f)),
          tf.mul(tf.mul(dcT, i), oneMinusSquare(g)),
          tf.mul(tf.mul(dhT, tanhC), sigmoidSlope(o)),
        ],
        1,
      ); // [N, 4H]
      dGates[t] = dGate;
      dhNext = tf.matMul(dGate as tf.Tensor2D, wHh as tf.Tensor2D, false, true);
      dcNext = tf.mul(dcT, f);
    }
    return [tf.stack(dGates, 1), tf.clone(dhNext), tf.clone(dcNext)];
  },
};

/** A whole sequence; keeps the activated gates, `[N, T, 4H]`, and the cell states, `[N, T, H]`, for the gradient. */
export const lstmOp: FusedOp<object> = {
  name: "LayerwiseLstm",
  outputs: 3,
  composed: ({ x, h0, c0, wIh, wHh, bIh, bHh }) => {
    const [n, steps] = x!.shape as [number, number, number];
    const width = wIh!.shape[1]!;
    let fromInput: tf.Tensor = tf.matMul(flattenTime(x!), wIh as tf.Tensor2D); // [N·T, 4H]
    const bias = bias2(bIh, bHh);
    if (bias !== undefined) fromInput = tf.add(fromInput, bias);
    fromInput = tf.reshape(fromInput, [n, steps, width]);
    let h = h0!;
    let c = c0!;
    const [outputs, gates, cells]: [tf.Tensor[], tf.Tensor[], tf.Tensor[]] = [[], [], []];
    for (let t = 0; t < steps; t++) {
      const raw = tf.add(atTime(fromInput, t), tf.matMul(h as tf.Tensor2D, wHh as tf.Tensor2D)); // [N, 4H]
      const [rawI, rawF, rawG, rawO] = tf.split(raw, 4, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const [i, f, g, o] = [tf.sigmoid(rawI), tf.sigmoid(rawF), tf.tanh(rawG), tf.sigmoid(rawO)];
      c = tf.add(tf.mul(f, c), tf.mul(i, g));
      h = tf.mul(o, tf.tanh(c));
      outputs.push(h);
      cells.push(c);
      gates.push(tf.concat([i, f, g, o], 1));
    }
    return [tf.stack(outputs, 1), tf.clone(h), tf.clone(c), tf.stack(gates, 1), tf.stack(cells, 1)];
  },
  gradient: ({ dys: [dOutput, dh, dc], inputs: { x, h0, c0, wIh, wHh }, results }) => {
    const [output, , , gates, cells] = results;
    const given = { gates: gates!, cells: cells!, c0: c0!, wHh: wHh!, dOutput: dOutput!, dh: dh!, dc: dc! };
    const [dGates, dh0, dc0] = runFused(lstmGradOp, given, {});
    const flat = flattenTime(dGates!); // [N·T, 4H]
    const dBias = () => tf.sum(flat, 0);
    return {
      x: () => tf.reshape(tf.matMul(flat, wIh as tf.Tensor2D, false, true), x!.shape),
      h0: () => dh0!,
      c0: () => dc0!,
      wIh: () => tf.matMul(flattenTime(x!), flat, true, false),
      wHh: () => tf.matMul(previousStates(h0!, output!), flat, true, false),
      bIh: dBias,
      bHh: dBias,
    };
  },
};

/**
 * A long short-term memory layer over a whole sequence. Gates lie in PyTorch's order: input, forget, cell, output.
 * @param x - `[N, T, I]`, at least one step
 * @param h0 - initial hidden state, `[N, H]`
 * @param c0 - initial cell state, `[N, H]`
 * @param wIh - input weights, `[I, 4H]`
 * @param wHh - recurrent weights, `[H, 4H]`
 * @param bIh - `[4H]`, or null for 0
 * @param bHh - `[4H]`, or null for 0
 * @see Hochreiter & Schmidhuber 1997, https://doi.org/10.1162/neco.1997.9.8.1735
 */
export function lstm(
  x: tf.Tensor,
  h0: tf.Tensor,
  c0: tf.Tensor,
  wIh: tf.Tensor,
  wHh: tf.Tensor,
  bIh: tf.Tensor | null,
  bHh: tf.Tensor | null,
): LstmResult {
  const [output, h, c] = runFused(lstmOp, { x, h0, c0, wIh, wHh, bIh, bHh }, {});
  return { output: output as tf.Tensor3D, h: h as tf.Tensor2D, c: c as tf.Tensor2D };
}

/** Slope of the sigmoid at its value `s`. */
function sigmoidSlope(s: tf.Tensor): tf.Tensor {
  return tf.mul(s, tf.sub(1, s));
}

/** Slope of tanh at its value. */
function oneMinusSquare(value: tf.Tensor): tf.Tensor {
  return tf.sub(1, tf.square(value));
}
