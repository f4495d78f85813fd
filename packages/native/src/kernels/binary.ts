import * as tf from "@tensorflow/tfjs-core";
import { kernel, type NativeKernel } from "../addon.ts";
import type { KernelTable, NativeKernelFunc } from "../kernelTable.ts";
import type { NumericType } from "../nativeData.ts";

/** How C++ takes the operands, see cc/broadcast.h. */
const both = 0;
const scalarB = 1;
const scalarA = 2;
const general = 3;

const suffixes = { float32: "Float", int32: "Int", bool: "Bool" } as const;

/** An elementwise function of two tensors of one type; types without a C++ kernel are left to tfjs' own. */
function binary(
  name: string,
  dtypes: readonly NumericType[],
  result?: NumericType,
  names: readonly [string, string] = ["a", "b"],
): NativeKernelFunc {
  const kernels: Partial<Record<tf.DataType, NativeKernel>> = {};
  for (const dtype of dtypes) kernels[dtype] = kernel(`${name}${suffixes[dtype]}`);
  const [nameA, nameB] = names;
  return (backend, inputs) => {
    const a = inputs[nameA]!;
    const b = inputs[nameB]!;
    const run = kernels[a.dtype];
    if (run === undefined || a.dtype !== b.dtype) return undefined;
    const [dataA, dataB] = [backend.data(a), backend.data(b)];
    const dtype = result ?? dataA.dtype;
    const same = sameShape(a.shape, b.shape);
    if (same || (dataB.size === 1 && b.shape.length <= a.shape.length)) {
      const out = backend.output(a.shape, dtype);
      const { pointer, size } = out.dataId;
      if (size > 0) run(dataA.pointer, dataB.pointer, pointer, size, same ? both : scalarB);
      return out;
    }
    if (dataA.size === 1 && a.shape.length <= b.shape.length) {
      const out = backend.output(b.shape, dtype);
      const { pointer, size } = out.dataId;
      if (size > 0) run(dataA.pointer, dataB.pointer, pointer, size, scalarA);
      return out;
    }
    if (endsWith(a.shape, b.shape)) {
      const out = backend.output(a.shape, dtype);
      const { pointer, size } = out.dataId;
      const inner = dataB.size;
      const outer = size / inner;
      if (size > 0) run(dataA.pointer, dataB.pointer, pointer, size, general, 2, outer, inner, outer, inner, 1, inner);
      return out;
    }
    const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
    if (shape.length > 12) return undefined;
    const out = backend.output(shape, dtype);
    const { pointer, size } = out.dataId;
    const padded = (given: readonly number[]) => [...new Array<number>(shape.length - given.length).fill(1), ...given];
    const dims = [shape.length, ...shape, ...padded(a.shape), ...padded(b.shape)];
    if (size > 0) run(dataA.pointer, dataB.pointer, pointer, size, general, ...dims);
    return out;
  };
}

/** Whether `b` is repeated along the first axes of `a`, as a bias is. */
function endsWith(a: readonly number[], b: readonly number[]): boolean {
  const extra = a.length - b.length;
  if (extra <= 0) return false;
  for (let i = 0; i < b.length; i++) if (a[i + extra] !== b[i]) return false;
  return true;
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const numbers = ["float32", "int32"] as const;
const all = ["float32", "int32", "bool"] as const;

export const binaryKernels: KernelTable = {
  [tf.Add]: binary("add", numbers),
  [tf.Sub]: binary("sub", numbers),
  [tf.Multiply]: binary("multiply", numbers),
  [tf.RealDiv]: binary("realDiv", numbers),
  [tf.FloorDiv]: binary("floorDiv", numbers, "int32"),
  [tf.Mod]: binary("mod", numbers),
  [tf.Pow]: binary("pow", numbers),
  [tf.Maximum]: binary("maximum", numbers),
  [tf.Minimum]: binary("minimum", numbers),
  [tf.SquaredDifference]: binary("squaredDifference", numbers),
  [tf.Atan2]: binary("atan2", ["float32"]),
  [tf.Prelu]: binary("prelu", ["float32"], "float32", ["x", "alpha"]),
  [tf.EluGrad]: binary("eluGrad", ["float32"], "float32", ["dy", "y"]),
  [tf.BitwiseAnd]: binary("bitwiseAnd", ["int32"]),
  [tf.Equal]: binary("equal", all, "bool"),
  [tf.NotEqual]: binary("notEqual", all, "bool"),
  [tf.Less]: binary("less", all, "bool"),
  [tf.LessEqual]: binary("lessEqual", all, "bool"),
  [tf.Greater]: binary("greater", all, "bool"),
  [tf.GreaterEqual]: binary("greaterEqual", all, "bool"),
  [tf.LogicalAnd]: binary("logicalAnd", ["bool"], "bool"),
  [tf.LogicalOr]: binary("logicalOr", ["bool"], "bool"),
};
