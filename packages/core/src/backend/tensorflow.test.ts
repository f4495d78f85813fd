import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { registerTensorflowKernels, type TensorflowBackend } from "./tensorflow.ts";

interface Call {
  name: string;
  attrs: Record<string, unknown>;
  shapes: number[][];
}

/** Stands for tfjs-node, which is not there in tests: it writes down what TensorFlow would be asked for. */
const calls: Call[] = [];
const theirs: string[] = [];
const binding = { TF_ATTR_INT: 1, TF_ATTR_STRING: 2, TF_ATTR_TYPE: 3, TF_FLOAT: 4 };
const backend = {
  binding,
  executeSingleOutput(name: string, attrs: { name: string; value: unknown }[], inputs: tf.TensorInfo[]) {
    calls.push({
      name,
      attrs: Object.fromEntries(attrs.map((a) => [a.name, a.value])),
      shapes: inputs.map((t) => t.shape),
    });
    return inputs[0]!;
  },
} as unknown as TensorflowBackend;
const names = [tf.MaxPool, tf.Conv2DBackpropInput, tf.DepthwiseConv2dNativeBackpropFilter];

beforeAll(() => {
  for (const kernelName of names) {
    const kernelFunc: tf.KernelFunc = ({ inputs }) => {
      theirs.push(kernelName);
      return Object.values(inputs)[0] as tf.TensorInfo;
    };
    tf.registerKernel({ kernelName, backendName: "tensorflow", kernelFunc });
  }
  registerTensorflowKernels(backend);
  registerTensorflowKernels(backend);
});
afterAll(() => {
  for (const name of names) tf.unregisterKernel(name, "tensorflow");
});

function run(name: string, inputs: Record<string, tf.Tensor>, attrs: object): Call | undefined {
  calls.length = 0;
  tf.getKernel(name, "tensorflow").kernelFunc({ inputs, backend, attrs: attrs as tf.NamedAttrMap });
  return calls[0];
}

const pad = [
  [0, 0],
  [1, 2],
  [3, 0],
  [0, 0],
];

describe("on TensorFlow", () => {
  test("padding in numbers goes to the op", () => {
    const x = tf.zeros([2, 7, 6, 3]);
    const call = run(tf.MaxPool, { x }, { filterSize: [4, 5], strides: [2, 1], pad });
    expect(call).toEqual({
      name: "MaxPool",
      attrs: {
        T: 4,
        strides: [1, 2, 1, 1],
        padding: "EXPLICIT",
        explicit_paddings: [0, 0, 1, 2, 3, 0, 0, 0],
        data_format: "NHWC",
        ksize: [1, 4, 5, 1],
      },
      shapes: [[2, 7, 6, 3]],
    });
    x.dispose();
  });

  test("shapes go in as tensors, which do not stay", () => {
    const [dy, filter] = [tf.zeros([2, 6, 4, 5]), tf.zeros([3, 3, 3, 5])];
    const before = tf.memory().numTensors;
    const attrs = { strides: 1, pad, dataFormat: "NHWC", inputShape: [2, 5, 3, 3] };
    const call = run(tf.Conv2DBackpropInput, { dy, filter }, attrs);
    expect(call?.shapes).toEqual([[4], [3, 3, 3, 5], [2, 6, 4, 5]]);
    expect(call?.attrs.dilations).toEqual([1, 1, 1, 1]);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([dy, filter]);
  });

  test("padding by name is left to tfjs-node", () => {
    const [x, dy] = [tf.zeros([1, 4, 4, 2]), tf.zeros([1, 4, 4, 2])];
    const attrs = { strides: 1, dilations: 1, pad: "same", filterShape: [3, 3, 2, 1] };
    expect(run(tf.DepthwiseConv2dNativeBackpropFilter, { x, dy }, attrs)).toBeUndefined();
    expect(theirs).toEqual([tf.DepthwiseConv2dNativeBackpropFilter]);
    tf.dispose([x, dy]);
  });
});
