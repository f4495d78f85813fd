import * as tf from "@tensorflow/tfjs-core";

/** One attribute of a TensorFlow op, typed by a number of the binding's. */
interface OpAttr {
  name: string;
  type: number;
  value: unknown;
}

/** The part of tfjs-node's backend that running a TensorFlow op by name takes. */
export interface TensorflowBackend extends tf.KernelBackend {
  readonly isGPUPackage?: boolean;
  readonly isUsingGpuDevice?: boolean;
  readonly binding: Record<"TF_ATTR_INT" | "TF_ATTR_STRING" | "TF_ATTR_TYPE" | "TF_FLOAT", number> & {
    readonly TF_Version: string;
  };
  executeSingleOutput(name: string, attrs: OpAttr[], inputs: tf.TensorInfo[]): tf.TensorInfo;
}

type Infos = Record<string, tf.TensorInfo>;
type Info2d = tf.backend_util.Conv2DInfo;

/** How one kernel of tfjs-node's becomes an op of TensorFlow's that pads by itself. */
interface Padded {
  readonly depthwise?: boolean;
  /** Pooling takes the size of its windows; convolutions take dilations. */
  readonly pool?: boolean;
  /** Shapes of input and filter. */
  readonly shapes: (inputs: Infos, attrs: ConvAttrs) => [input: number[], filter: number[]];
  /** The op's inputs; a list of numbers becomes an integer tensor. */
  readonly inputs: (inputs: Infos, attrs: ConvAttrs) => (tf.TensorInfo | number[])[];
}

interface ConvAttrs {
  strides: number | [number, number];
  pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  dataFormat?: "NHWC" | "NCHW";
  dimRoundingMode?: "floor" | "round" | "ceil";
  dilations?: number | [number, number] | null;
  filterSize?: number | [number, number];
  filterShape: number[];
  inputShape: number[];
}

/** TensorFlow's ops pad as they are told; tfjs-node's kernels refuse, and the depthwise gradients crash. */
const padded: Readonly<Record<string, Padded>> = {
  [tf.Conv2DBackpropFilter]: {
    shapes: ({ x }, { filterShape }) => [x!.shape, filterShape],
    inputs: ({ x, dy }, { filterShape }) => [x!, filterShape, dy!],
  },
  [tf.Conv2DBackpropInput]: {
    shapes: ({ filter }, { inputShape }) => [inputShape, filter!.shape],
    inputs: ({ filter, dy }, { inputShape }) => [inputShape, filter!, dy!],
  },
  [tf.DepthwiseConv2dNativeBackpropFilter]: {
    depthwise: true,
    shapes: ({ x }, { filterShape }) => [x!.shape, filterShape],
    inputs: ({ x, dy }, { filterShape }) => [x!, filterShape, dy!],
  },
  [tf.DepthwiseConv2dNativeBackpropInput]: {
    depthwise: true,
    shapes: ({ filter }, { inputShape }) => [inputShape, filter!.shape],
    inputs: ({ filter, dy }, { inputShape }) => [inputShape, filter!, dy!],
  },
  [tf.MaxPool]: {
    pool: true,
    shapes: ({ x }) => [x!.shape, []],
    inputs: ({ x }) => [x!],
  },
  [tf.MaxPoolGrad]: {
    pool: true,
    shapes: ({ input }) => [input!.shape, []],
    inputs: ({ input, output, dy }) => [input!, output!, dy!],
  },
};

const registered = new WeakSet<object>();

/** Gives the TensorFlow backend what training needs and tfjs-node refuses: padding written out in numbers. */
export function registerTensorflowKernels(backend: TensorflowBackend): void {
  if (registered.has(backend)) return;
  registered.add(backend);
  for (const [kernelName, op] of Object.entries(padded)) {
    const replaced = tf.getKernel(kernelName, "tensorflow");
    if (replaced === undefined) continue;
    tf.unregisterKernel(kernelName, "tensorflow");
    tf.registerKernel({
      ...replaced,
      kernelFunc: (call) => {
        const [inputs, attrs] = [call.inputs as Infos, call.attrs as unknown as ConvAttrs];
        const info = infoOf(op, inputs, attrs);
        const { type } = info.padInfo;
        return type === "VALID" || type === "SAME"
          ? replaced.kernelFunc(call)
          : execute(backend, kernelName, op, info, op.inputs(inputs, attrs));
      },
    });
  }
}

function infoOf(op: Padded, inputs: Infos, attrs: ConvAttrs): Info2d {
  const { strides, pad, dimRoundingMode, dataFormat = "NHWC" } = attrs;
  const [input, filter] = op.shapes(inputs, attrs) as [
    [number, number, number, number],
    [number, number, number, number],
  ];
  if (op.pool) return tf.backend_util.computePool2DInfo(input, attrs.filterSize!, strides, 1, pad, dimRoundingMode);
  return tf.backend_util.computeConv2DInfo(
    input,
    filter,
    strides,
    attrs.dilations ?? 1,
    pad,
    dimRoundingMode,
    op.depthwise === true,
    tf.backend_util.convertConv2DDataFormat(dataFormat),
  );
}

function execute(
  backend: TensorflowBackend,
  name: string,
  op: Padded,
  info: Info2d,
  inputs: (tf.TensorInfo | number[])[],
): tf.TensorInfo {
  const { TF_ATTR_INT, TF_ATTR_STRING, TF_ATTR_TYPE, TF_FLOAT } = backend.binding;
  const { top, bottom, left, right } = info.padInfo;
  const channelsLast = info.dataFormat === "channelsLast";
  const list = (around: [number, number], height: number[], width: number[]) =>
    channelsLast ? [around[0], ...height, ...width, around[1]] : [around[0], around[1], ...height, ...width];
  const ints = (attr: string, value: number[]): OpAttr => ({ name: attr, type: TF_ATTR_INT, value });
  const attrs: OpAttr[] = [
    { name: "T", type: TF_ATTR_TYPE, value: TF_FLOAT },
    ints("strides", list([1, 1], [info.strideHeight], [info.strideWidth])),
    { name: "padding", type: TF_ATTR_STRING, value: "EXPLICIT" },
    ints(
      "explicit_paddings",
      channelsLast ? [0, 0, top, bottom, left, right, 0, 0] : [0, 0, 0, 0, top, bottom, left, right],
    ),
    { name: "data_format", type: TF_ATTR_STRING, value: channelsLast ? "NHWC" : "NCHW" },
    op.pool
      ? ints("ksize", list([1, 1], [info.filterHeight], [info.filterWidth]))
      : ints("dilations", list([1, 1], [info.dilationHeight], [info.dilationWidth])),
  ];
  const made: tf.Tensor[] = [];
  const tensors = inputs.map((x) => {
    if (!Array.isArray(x)) return x;
    const t = tf.tensor1d(x, "int32");
    made.push(t);
    return t;
  });
  const result = backend.executeSingleOutput(name, attrs, tensors);
  tf.dispose(made);
  return result;
}
