import type * as tf from "@tensorflow/tfjs-core";
import { kernel } from "../addon.ts";
import type { KernelTable } from "../kernelTable.ts";
import { at, optional } from "./pointers.ts";

const lstm = kernel("lstm");
const lstmGrad = kernel("lstmGrad");
const gru = kernel("gru");
const gruGrad = kernel("gruGrad");

/** Recurrent layers over whole sequences, `[N, T, D]`. */
export const recurrentKernels: KernelTable = {
  LayerwiseLstm: (backend, { x, h0, c0, wIh, wHh, bIh, bHh }) => {
    const { n, steps, inputs, width } = sizes(x!, h0!);
    const sequence = () => backend.output([n, steps, width]);
    const [output, h, c] = [sequence(), backend.output([n, width]), backend.output([n, width])];
    const [gates, cells] = [backend.output([n, steps, 4 * width]), sequence()];
    const given = [x!, h0!, c0!, wIh!, wHh!].map((info) => backend.pointer(info));
    const made = [output, h, c, gates, cells].map(at);
    lstm(...given, optional(backend, bIh), optional(backend, bHh), ...made, n, steps, inputs, width);
    return [output, h, c, gates, cells];
  },
  LayerwiseLstmGrad: (backend, { gates, cells, c0, wHh, dOutput, dh, dc }) => {
    const { n, steps, width } = sizes(gates!, c0!);
    const [dGates, dh0, dc0] = [backend.output(gates!.shape), backend.output(c0!.shape), backend.output(c0!.shape)];
    const given = [gates!, cells!, c0!, wHh!, dOutput!, dh!, dc!].map((info) => backend.pointer(info));
    lstmGrad(...given, at(dGates), at(dh0), at(dc0), n, steps, width);
    return [dGates, dh0, dc0];
  },
  LayerwiseGru: (backend, { x, h0, wIh, wHh, bIh, bHh }) => {
    const { n, steps, inputs, width } = sizes(x!, h0!);
    const sequence = () => backend.output([n, steps, width]);
    const [output, h] = [sequence(), backend.output([n, width])];
    const [gates, hiddenNew] = [backend.output([n, steps, 3 * width]), sequence()];
    const given = [x!, h0!, wIh!, wHh!].map((info) => backend.pointer(info));
    const made = [output, h, gates, hiddenNew].map(at);
    gru(...given, optional(backend, bIh), optional(backend, bHh), ...made, n, steps, inputs, width);
    return [output, h, gates, hiddenNew];
  },
  LayerwiseGruGrad: (backend, { gates, hiddenNew, h0, output, wHh, dOutput, dh }) => {
    const { n, steps, width } = sizes(gates!, h0!);
    const [dInput, dHidden, dh0] = [
      backend.output(gates!.shape),
      backend.output(gates!.shape),
      backend.output(h0!.shape),
    ];
    const given = [gates!, hiddenNew!, h0!, output!, wHh!, dOutput!, dh!].map((info) => backend.pointer(info));
    gruGrad(...given, at(dInput), at(dHidden), at(dh0), n, steps, width);
    return [dInput, dHidden, dh0];
  },
};

function sizes(sequence: tf.TensorInfo, state: tf.TensorInfo) {
  const [n, steps, inputs] = sequence.shape as [number, number, number];
  return { n, steps, inputs, width: state.shape[1]! };
}
