import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { batchNormTrain, dropout, embedding, gru, layerNorm, lstm, softmaxCrossEntropy } from "../../fused/index.ts";
import { useBackend } from "../index.ts";

beforeAll(async () => {
  await useBackend("cpu");
  await useBackend("wasm");
});
afterAll(async () => {
  await useBackend("cpu");
});

type Op = (...xs: tf.Tensor[]) => tf.Tensor;
type Row = [name: string, shapes: number[][], op: Op, options?: { positive?: boolean; values?: boolean }];

const image = [2, 6, 7, 3];
const as4d = (t: tf.Tensor) => t as tf.Tensor4D;
const ids = () => tf.tensor1d([1, 0, 3, 1], "int32");

/** Ops that training uses, each with inputs that get a gradient. */
const rows: Row[] = [
  ["relu", [image], (x) => tf.relu(x!)],
  ["relu6", [image], (x) => tf.relu6(tf.mul(x!, 4))],
  ["leakyRelu", [image], (x) => tf.leakyRelu(x!, 0.1)],
  ["prelu", [image, [3]], (x, a) => tf.prelu(x!, a!)],
  ["elu", [image], (x) => tf.elu(x!)],
  ["selu", [image], (x) => tf.selu(x!)],
  ["softplus", [image], (x) => tf.softplus(x!)],
  ["sigmoid", [image], (x) => tf.sigmoid(x!)],
  ["logSigmoid", [image], (x) => tf.logSigmoid(x!)],
  ["tanh", [image], (x) => tf.tanh(x!)],
  ["erf", [image], (x) => tf.erf(x!)],
  ["swish", [image], (x) => tf.mul(x!, tf.sigmoid(x!))],
  ["mish", [image], (x) => tf.mul(x!, tf.tanh(tf.softplus(x!)))],
  ["softmax", [[4, 5]], (x) => tf.softmax(x!)],
  ["logSoftmax", [[4, 5]], (x) => tf.logSoftmax(x!)],
  ["logSumExp", [[4, 5]], (x) => tf.logSumExp(x!, 1)],
  ["exp", [image], (x) => tf.exp(x!)],
  ["expm1", [image], (x) => tf.expm1(x!)],
  ["log", [image], (x) => tf.log(x!), { positive: true }],
  ["log1p", [image], (x) => tf.log1p(x!), { positive: true }],
  ["sqrt", [image], (x) => tf.sqrt(x!), { positive: true }],
  ["rsqrt", [image], (x) => tf.rsqrt(x!), { positive: true }],
  ["square", [image], (x) => tf.square(x!)],
  ["abs", [image], (x) => tf.abs(x!)],
  ["neg", [image], (x) => tf.neg(x!)],
  ["reciprocal", [image], (x) => tf.reciprocal(x!), { positive: true }],
  ["sin", [image], (x) => tf.sin(x!)],
  ["cos", [image], (x) => tf.cos(x!)],
  ["atan", [image], (x) => tf.atan(x!)],
  ["sign", [image], (x) => tf.sign(x!)],
  ["clipByValue", [image], (x) => tf.clipByValue(x!, -0.5, 0.7)],
  ["add", [image, [3]], (x, y) => tf.add(x!, y!)],
  ["sub", [image, [7, 3]], (x, y) => tf.sub(x!, y!)],
  ["mul", [image, [2, 1, 7, 1]], (x, y) => tf.mul(x!, y!)],
  ["div", [image, [3]], (x, y) => tf.div(x!, y!), { positive: true }],
  ["pow", [image, [3]], (x, y) => tf.pow(x!, y!), { positive: true }],
  ["maximum", [image, image], (x, y) => tf.maximum(x!, tf.neg(y!))],
  ["minimum", [image, image], (x, y) => tf.minimum(x!, tf.neg(y!))],
  ["squaredDifference", [image, [3]], (x, y) => tf.squaredDifference(x!, y!)],
  ["atan2", [image, image], (x, y) => tf.atan2(x!, y!), { positive: true }],
  ["where", [image, image], (x, y) => tf.where(tf.greater(x!, 0), x!, y!)],
  ["sum", [image], (x) => tf.sum(x!, [1, 2])],
  ["sum leading", [image], (x) => tf.sum(x!, [0, 1, 2])],
  ["sum last, kept", [image], (x) => tf.sum(x!, 3, true)],
  ["mean", [image], (x) => tf.mean(x!, [1, 2])],
  ["max", [image], (x) => tf.max(x!, [1, 2])],
  ["min", [image], (x) => tf.min(x!, 3)],
  ["prod", [[3, 4]], (x) => tf.prod(x!, 1), { values: true }],
  ["norm", [[3, 4]], (x) => tf.norm(x!)],
  ["moments", [image], (x) => tf.moments(x!, [0, 1, 2]).variance],
  ["cumsum", [[3, 5]], (x) => tf.cumsum(x!, 1, true, true)],
  [
    "matMul",
    [
      [4, 5],
      [5, 3],
    ],
    (a, b) => tf.matMul(a!, b!),
  ],
  [
    "matMul, both transposed",
    [
      [5, 4],
      [3, 5],
    ],
    (a, b) => tf.matMul(a!, b!, true, true),
  ],
  [
    "batchMatMul",
    [
      [2, 4, 5],
      [2, 5, 3],
    ],
    (a, b) => tf.matMul(a!, b!),
  ],
  ["dot", [[5], [5]], (a, b) => tf.dot(a!, b!)],
  [
    "einsum",
    [
      [4, 5],
      [5, 3],
    ],
    (a, b) => tf.einsum("ij,jk->ik", a!, b!),
    { values: true },
  ],
  [
    "conv1d",
    [
      [2, 8, 3],
      [3, 3, 4],
    ],
    (x, w) => tf.conv1d(x as tf.Tensor3D, w as tf.Tensor3D, 1, "same"),
  ],
  ["conv2d", [image, [3, 3, 3, 4]], (x, w) => tf.conv2d(as4d(x!), as4d(w!), 2, "same")],
  [
    "conv2dTranspose",
    [image, [3, 3, 4, 3]],
    (x, w) => tf.conv2dTranspose(as4d(x!), as4d(w!), [2, 12, 14, 4], 2, "same"),
  ],
  ["depthwiseConv2d", [image, [3, 3, 3, 2]], (x, w) => tf.depthwiseConv2d(as4d(x!), as4d(w!), 1, "same")],
  [
    "separableConv2d",
    [image, [3, 3, 3, 1], [1, 1, 3, 4]],
    (x, d, p) => tf.separableConv2d(as4d(x!), as4d(d!), as4d(p!), 1, "same"),
  ],
  [
    "conv3d",
    [
      [1, 4, 4, 4, 2],
      [2, 2, 2, 2, 3],
    ],
    (x, w) => tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, 1, "same"),
  ],
  ["maxPool", [image], (x) => tf.maxPool(as4d(x!), 2, 2, "same")],
  ["maxPool, overlapping", [image], (x) => tf.maxPool(as4d(x!), 3, 2, 1)],
  ["maxPool, many channels", [[2, 7, 6, 9]], (x) => tf.maxPool(as4d(x!), [3, 2], [2, 1], "same")],
  ["avgPool, padded", [[2, 7, 6, 9]], (x) => tf.avgPool(as4d(x!), [3, 2], [2, 1], "same")],
  ["avgPool", [image], (x) => tf.avgPool(as4d(x!), 2, 2, "valid")],
  ["resizeBilinear", [image], (x) => tf.image.resizeBilinear(as4d(x!), [9, 10], false, true)],
  ["resizeNearestNeighbor", [image], (x) => tf.image.resizeNearestNeighbor(as4d(x!), [12, 14])],
  ["dilated conv2d", [image, [3, 3, 3, 4]], (x, w) => tf.conv2d(as4d(x!), as4d(w!), 1, "same", "NHWC", [2, 1])],
  ["batchNorm", [image, [3], [3]], (x, s, o) => tf.batchNorm(x!, tf.zeros([3]), tf.ones([3]), o!, s!, 1e-5)],
  ["reshape", [image], (x) => tf.reshape(x!, [2, -1])],
  ["transpose", [image], (x) => tf.transpose(x!, [0, 3, 1, 2])],
  ["slice", [image], (x) => tf.slice(x!, [0, 1, 2, 0], [2, 3, 4, 2])],
  ["stridedSlice", [image], (x) => tf.stridedSlice(x!, [0, 1, 0, 0], [2, 6, 7, 3], [1, 2, 2, 1]), { values: true }],
  ["concat", [image, image], (x, y) => tf.concat([x!, y!], 3)],
  ["stack", [image, image], (x, y) => tf.stack([x!, y!], 1)],
  ["split", [image], (x) => tf.split(x!, [1, 2], 3)[1]!],
  ["unstack", [image], (x) => tf.unstack(x!, 2)[1]!],
  [
    "pad",
    [image],
    (x) =>
      tf.pad(x!, [
        [0, 0],
        [1, 2],
        [0, 1],
        [0, 0],
      ]),
  ],
  [
    "mirrorPad",
    [image],
    (x) =>
      tf.mirrorPad(
        x!,
        [
          [0, 0],
          [1, 2],
          [0, 1],
          [0, 0],
        ],
        "reflect",
      ),
    { values: true },
  ],
  ["tile", [[2, 3]], (x) => tf.tile(x!, [2, 2])],
  ["broadcastTo", [[1, 3]], (x) => tf.broadcastTo(x!, [4, 3])],
  ["expandDims", [image], (x) => tf.expandDims(x!, 1)],
  ["reverse", [image], (x) => tf.reverse(x!, 2)],
  ["gather", [[5, 3]], (x) => tf.gather(x!, ids())],
  ["gather, last axis", [[3, 5]], (x) => tf.gather(x!, ids(), 1)],
  ["unsortedSegmentSum", [[4, 3]], (x) => tf.unsortedSegmentSum(x!, ids(), 5)],
  [
    "gatherND",
    [[5, 3]],
    (x) =>
      tf.gatherND(
        x!,
        tf.tensor2d(
          [
            [1, 2],
            [0, 0],
          ],
          [2, 2],
          "int32",
        ),
      ),
    { values: true },
  ],
  ["depthToSpace", [[1, 2, 2, 8]], (x) => tf.depthToSpace(as4d(x!), 2), { values: true }],
  ["topk", [[3, 5]], (x) => tf.topk(x!, 2).values, { values: true }],
  ["batchNormTrain", [image, [3], [3]], (x, s, o) => batchNormTrain(x!, s!, o!, 1e-5).y],
  [
    "batchNormTrain, statistics",
    [image],
    (x) => tf.concat([batchNormTrain(x!, null, null, 1e-5).mean, batchNormTrain(x!, null, null, 1e-5).variance]),
    { values: true },
  ],
  ["batchNormTrain, many rows", [[9, 5, 7, 6], [6], [6]], (x, s, o) => batchNormTrain(x!, s!, o!, 1e-5).y],
  ["layerNorm", [[4, 6], [6], [6]], (x, w, b) => layerNorm(x!, w!, b!, 1e-5)],
  ["softmaxCrossEntropy", [[4, 5]], (x) => softmaxCrossEntropy(x!, ids())],
  ["dropout", [image], (x) => dropout(x!, 0.4, 77)],
  ["embedding", [[5, 3]], (w) => embedding(w!, ids())],
  [
    "lstm",
    [[2, 3, 4], [2, 5], [2, 5], [4, 20], [5, 20], [20], [20]],
    (x, h, c, i, r, a, b) => lstm(x!, h!, c!, i!, r!, a!, b!).output,
  ],
  ["gru", [[2, 3, 4], [2, 5], [4, 15], [5, 15], [15], [15]], (x, h, i, r, a, b) => gru(x!, h!, i!, r!, a!, b!).output],
];

function noise(shape: number[], seed: number, positive: boolean): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: size }, (_, i) => Math.sin((i + 1) * 12.9898 * seed) * 1.7);
  return tf.tensor(positive ? values.map((v) => Math.abs(v) + 0.3) : values, shape);
}

test.each(rows)("%s and its gradient agree with plain JS", async (_name, shapes, op, options = {}) => {
  const results: Float32Array[][] = [];
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    const before = tf.memory().numTensors;
    results.push(
      tf.tidy(() => {
        const xs = shapes.map((shape, i) => noise(shape, i + 1, options.positive === true));
        const y = op(...xs);
        const grads = options.values ? [] : tf.grads(op)(xs, noise(y.shape, 7, false));
        return [y, ...grads].map((t) => t.dataSync() as Float32Array);
      }),
    );
    expect(tf.memory().numTensors).toBe(before);
  }
  const [cpu, wasm] = results as [Float32Array[], Float32Array[]];
  for (const [i, numbers] of wasm.entries()) expect(numbers).toBeAllclose(cpu[i]!, { rtol: 2e-4, atol: 2e-5 });
});
