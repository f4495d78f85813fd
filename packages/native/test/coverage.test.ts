import * as tf from "@tensorflow/tfjs-core";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { runOnCpu } from "../src/fallback.ts";
import { nativeKernels } from "../src/register.ts";
import { numbers, on, wholeNumbers } from "./backends.ts";

vi.mock("../src/fallback.ts", async (original) => {
  const module = await original<typeof import("../src/fallback.ts")>();
  return { ...module, runOnCpu: vi.fn(module.runOnCpu) };
});

/** What has no C++ kernel, because it is rare in training, tiny, or about strings: tfjs' plain-JS kernels do it. */
const leftToJs = [
  ...["AvgPool3D", "AvgPool3DGrad", "MaxPool3D", "MaxPool3DGrad", "MaxPoolWithArgmax"],
  ...["Conv3D", "Conv3DBackpropFilterV2", "Conv3DBackpropInputV2"],
  ...["Dilation2D", "Dilation2DBackpropFilter", "Dilation2DBackpropInput", "LRN", "LRNGrad"],
  ...["BroadcastArgs", "Diag", "LinSpace", "Range", "SearchSorted", "Unique"],
  ...["ComplexAbs", "FFT", "IFFT", "Einsum", "Multinomial", "Draw"],
  ...["NonMaxSuppressionV3", "NonMaxSuppressionV4", "NonMaxSuppressionV5"],
  ...["RaggedGather", "RaggedRange", "RaggedTensorToTensor"],
  ...["SparseFillEmptyRows", "SparseReshape", "SparseSegmentMean", "SparseSegmentSum"],
  ...["StaticRegexReplace", "StringNGrams", "StringSplit", "StringToHashBucketFast"],
];

type Op = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor | tf.Tensor[];

const anyType: Record<string, Op> = {
  equal: tf.equal,
  less: tf.less,
  transpose: (a) => tf.transpose(a),
  slice: (a) => tf.slice(a, [1, 1], [2, 2]),
  stridedSlice: (a) => tf.stridedSlice(a, [0, 0], [4, 4], [2, 1]),
  concat: (a, b) => tf.concat([a, b]),
  stack: (a, b) => tf.stack([a, b]),
  unstack: (a) => tf.unstack(a),
  split: (a) => tf.split(a, 2),
  pad: (a) =>
    tf.pad(a, [
      [1, 0],
      [0, 1],
    ]),
  mirrorPad: (a) =>
    tf.mirrorPad(
      a,
      [
        [1, 0],
        [0, 1],
      ],
      "reflect",
    ),
  tile: (a) => tf.tile(a, [2, 3]),
  reverse: (a) => tf.reverse(a),
  gather: (a) => tf.gather(a, tf.tensor1d([1, 0], "int32")),
  gatherND: (a) => tf.gatherND(a, tf.tensor2d([[1, 0]], [1, 2], "int32")),
  scatterND: (a) => tf.scatterND(tf.tensor2d([[1], [0], [2], [2]], [4, 1], "int32"), a, [4, 4]),
  where: (a, b) => tf.where(tf.less(a, b), a, b),
  sum: (a) => tf.sum(a, 0),
  mean: (a) => tf.mean(a),
  zerosLike: tf.zerosLike,
  onesLike: tf.onesLike,
  toFloat: (a) => tf.cast(a, "float32"),
  toInt: (a) => tf.cast(a, "int32"),
  toBool: (a) => tf.cast(a, "bool"),
};
const ofNumbers: Record<string, Op> = {
  ...anyType,
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  floorDiv: tf.floorDiv,
  mod: tf.mod,
  pow: tf.pow,
  maximum: tf.maximum,
  minimum: tf.minimum,
  squaredDifference: tf.squaredDifference,
  abs: tf.abs,
  neg: tf.neg,
  square: tf.square,
  sign: tf.sign,
  relu: tf.relu,
  round: tf.round,
  clip: (a) => tf.clipByValue(a, 0, 1),
  max: (a) => tf.max(a, 1),
  min: (a) => tf.min(a, 0),
  prod: (a) => tf.prod(a),
  argMax: (a) => tf.argMax(a, 1),
  argMin: (a) => tf.argMin(a, 0),
  cumsum: (a) => tf.cumsum(a),
  cumprod: (a) => tf.cumprod(a),
  topk: (a) => Object.values(tf.topk(a, 2)),
  addN: (a, b) => tf.addN([a, b]),
};
const ofBools: Record<string, Op> = {
  ...anyType,
  all: (a) => tf.all(a),
  any: (a) => tf.any(a),
  logicalAnd: tf.logicalAnd,
  logicalOr: tf.logicalOr,
  logicalNot: tf.logicalNot,
};

describe("what runs in C++", () => {
  beforeEach(() => {
    vi.mocked(runOnCpu).mockClear();
  });

  test("is every kernel of tfjs but a known few", () => {
    const native = new Set(nativeKernels());
    const others = tf.getKernelsForBackend("cpu").filter(({ kernelName }) => !native.has(kernelName));
    expect(others.map(({ kernelName }) => kernelName).sort()).toEqual([...leftToJs].sort());
  });

  test.each([
    ["float32", ofNumbers],
    ["int32", ofNumbers],
    ["bool", ofBools],
  ] as const)("is all that is done with %s", async (dtype, ops) => {
    const fellBack: string[] = [];
    for (const [name, op] of Object.entries(ops)) {
      await on("native", () => {
        const make = (seed: number) =>
          dtype === "float32" ? numbers([4, 4], seed) : tf.cast(wholeNumbers([4, 4], 2, seed), dtype);
        const [a, b] = [make(1), make(2)];
        vi.mocked(runOnCpu).mockClear();
        const result = op(a, b);
        if (vi.mocked(runOnCpu).mock.calls.length > 0) fellBack.push(name);
        return [result].flat();
      });
    }
    expect(fellBack).toEqual([]);
  });

  test("is not arithmetic of bools, which plain JS does", async () => {
    await on("native", () => [tf.add(tf.tensor1d([1, 0], "bool"), tf.tensor1d([1, 1], "bool"))]);
    expect(vi.mocked(runOnCpu)).toHaveBeenCalledTimes(1);
  });
});
