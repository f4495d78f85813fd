import * as tf from "@tensorflow/tfjs-core";
import { kernel, type NativeKernel } from "../addon.ts";
import type { NativeBackend } from "../backend.ts";
import type { KernelTable, NativeKernelFunc } from "../kernelTable.ts";
import type { NumericType } from "../nativeData.ts";
import { filled } from "./fill.ts";

type Kernels = Partial<Record<tf.DataType, NativeKernel>>;

/** An elementwise function of one tensor; types without a C++ kernel are left to tfjs' own. */
function unary(kernels: Kernels, result?: NumericType): NativeKernelFunc {
  return (backend, { x }) => {
    const run = kernels[x!.dtype];
    if (run === undefined) return undefined;
    const data = backend.data(x!);
    const out = backend.output(x!.shape, result ?? data.dtype);
    if (data.size > 0) run(data.pointer, out.dataId.pointer, data.size);
    return out;
  };
}

const float = (name: string): NativeKernelFunc => unary({ float32: kernel(name) });
const floatAndInt = (name: string): NativeKernelFunc =>
  unary({ float32: kernel(`${name}Float`), int32: kernel(`${name}Int`) });

/** A new tensor of the same numbers in another type, as `Int32Array.from` and `x !== 0` make them. */
export function cast(backend: NativeBackend, x: tf.TensorInfo, dtype: tf.DataType): tf.TensorInfo | undefined {
  if (dtype === "complex64") {
    if (x.dtype === "complex64") return backend.alias(x, x.shape);
    const real = cast(backend, x, "float32");
    if (real === undefined) return undefined;
    const imag = filled(backend, x.shape, "float32", 0);
    const result = backend.complex(real, imag);
    backend.disposeData(real.dataId);
    backend.disposeData(imag.dataId);
    return result;
  }
  if (x.dtype === "complex64") return cast(backend, backend.parts(x).real, dtype);
  if (x.dtype === dtype) return backend.alias(x, x.shape);
  const run = conversions[`${x.dtype}-${dtype}`];
  if (run === undefined) return undefined;
  const data = backend.data(x);
  const out = backend.output(x.shape, dtype);
  if (data.size > 0) run(data.pointer, out.dataId.pointer, data.size);
  return out;
}

const conversions: Record<string, NativeKernel> = {
  "float32-int32": kernel("floatToInt"),
  "float32-bool": kernel("floatToBool"),
  "int32-float32": kernel("intToFloat"),
  "int32-bool": kernel("intToBool"),
  "bool-float32": kernel("boolToFloat"),
  "bool-int32": kernel("boolToInt"),
};

const leakyRelu = kernel("leakyRelu");
const step = kernel("stepFloat");
const clip: Kernels = { float32: kernel("clipFloat"), int32: kernel("clipInt") };
const toBits = { isNan: kernel("isNanFloat"), isInf: kernel("isInfFloat"), isFinite: kernel("isFiniteFloat") };

export const unaryKernels: KernelTable = {
  [tf.Cast]: (backend, { x }, { dtype }) => cast(backend, x!, dtype),
  [tf.Abs]: floatAndInt("abs"),
  [tf.Neg]: floatAndInt("neg"),
  [tf.Sign]: floatAndInt("sign"),
  [tf.Square]: floatAndInt("square"),
  [tf.Relu]: floatAndInt("relu"),
  [tf.Relu6]: floatAndInt("relu6"),
  [tf.Exp]: float("exp"),
  [tf.Expm1]: float("expm1"),
  [tf.Log]: float("log"),
  [tf.Log1p]: float("log1p"),
  [tf.Sqrt]: float("sqrt"),
  [tf.Rsqrt]: float("rsqrt"),
  [tf.Reciprocal]: float("reciprocal"),
  [tf.Floor]: float("floor"),
  [tf.Ceil]: float("ceil"),
  [tf.Round]: (backend, { x }) => (x!.dtype === "int32" ? backend.alias(x!, x!.shape) : round(backend, { x: x! }, {})),
  [tf.Elu]: float("elu"),
  [tf.Selu]: float("selu"),
  [tf.Sigmoid]: float("sigmoid"),
  [tf.Tanh]: float("tanh"),
  [tf.Softplus]: float("softplus"),
  [tf.Erf]: float("erf"),
  [tf.Sin]: float("sin"),
  [tf.Cos]: float("cos"),
  [tf.Tan]: float("tan"),
  [tf.Asin]: float("asin"),
  [tf.Acos]: float("acos"),
  [tf.Atan]: float("atan"),
  [tf.Sinh]: float("sinh"),
  [tf.Cosh]: float("cosh"),
  [tf.Asinh]: float("asinh"),
  [tf.Acosh]: float("acosh"),
  [tf.Atanh]: float("atanh"),
  [tf.IsNan]: unary({ float32: toBits.isNan }, "bool"),
  [tf.IsInf]: unary({ float32: toBits.isInf }, "bool"),
  [tf.IsFinite]: unary({ float32: toBits.isFinite }, "bool"),
  [tf.LogicalNot]: unary({ bool: kernel("logicalNot") }, "bool"),
  [tf.LeakyRelu]: (backend, { x }, { alpha }) => withNumbers(backend, x!, leakyRelu, alpha, 0),
  [tf.Step]: (backend, { x }, { alpha }) => withNumbers(backend, x!, step, alpha, 0),
  [tf.ClipByValue]: (backend, { x }, { clipValueMin, clipValueMax }) =>
    x!.dtype === "int32"
      ? withNumbers(backend, x!, clip.int32!, clipValueMin, clipValueMax, "int32")
      : withNumbers(backend, x!, clip.float32!, clipValueMin, clipValueMax),
};

const round = float("round");

function withNumbers(
  backend: NativeBackend,
  x: tf.TensorInfo,
  run: NativeKernel,
  first: number,
  second: number,
  dtype: NumericType = "float32",
): tf.TensorInfo | undefined {
  if (x.dtype !== dtype) return undefined;
  const data = backend.data(x);
  const out = backend.output(x.shape, dtype);
  if (data.size > 0) run(data.pointer, out.dataId.pointer, data.size, first, second);
  return out;
}
