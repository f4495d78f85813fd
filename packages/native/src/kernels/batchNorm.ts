import * as tf from "@tensorflow/tfjs-core";
import { kernel } from "../addon.ts";
import type { KernelTable } from "../kernelTable.ts";
import { at, optional } from "./pointers.ts";

const train = kernel("batchNormTrain");
const trainGrad = kernel("batchNormTrainGrad");
const infer = kernel("batchNorm");

/** Normalization of each channel, the last axis, in training (layerwise's ops) and in inference (tfjs'). */
export const batchNormKernels: KernelTable = {
  LayerwiseBatchNormTrain: (backend, { x, scale, offset }, { eps }) => {
    const [rows, columns] = rowsAndColumns(x!);
    const [y, mean, variance] = [backend.output(x!.shape), backend.output([columns]), backend.output([columns])];
    train(
      backend.pointer(x!),
      optional(backend, scale),
      optional(backend, offset),
      at(y),
      at(mean),
      at(variance),
      rows,
      columns,
      eps,
    );
    return [y, mean, variance];
  },
  LayerwiseBatchNormTrainGrad: (backend, { x, dy, mean, variance, scale }, { eps }) => {
    const [rows, columns] = rowsAndColumns(x!);
    const [dx, dscale, doffset] = [backend.output(x!.shape), backend.output([columns]), backend.output([columns])];
    trainGrad(
      backend.pointer(x!),
      backend.pointer(dy!),
      backend.pointer(mean!),
      backend.pointer(variance!),
      optional(backend, scale),
      at(dx),
      at(dscale),
      at(doffset),
      rows,
      columns,
      eps,
    );
    return [dx, dscale, doffset];
  },
  [tf.FusedBatchNorm]: (backend, { x, mean, variance, offset, scale }, { varianceEpsilon }) => {
    const [rows, columns] = rowsAndColumns(x!);
    const lines = [mean, variance, offset, scale].filter((line) => line !== undefined && line !== null);
    if (x!.dtype !== "float32" || !lines.every((line) => isLine(line!, columns))) return undefined;
    const y = backend.output(x!.shape);
    infer(
      backend.pointer(x!),
      optional(backend, scale),
      optional(backend, offset),
      backend.pointer(mean!),
      backend.pointer(variance!),
      at(y),
      rows,
      columns,
      varianceEpsilon ?? 0.001,
    );
    return y;
  },
};

function rowsAndColumns({ shape }: tf.TensorInfo): [rows: number, columns: number] {
  const columns = shape.at(-1)!;
  return [tf.util.sizeFromShape(shape.slice(0, -1)), columns];
}

function isLine({ shape, dtype }: tf.TensorInfo, columns: number): boolean {
  return shape.length === 1 && shape[0] === columns && dtype === "float32";
}
