import * as tf from "@tensorflow/tfjs-core";
import { BatchNorm1d, BatchNorm2d, BatchNorm3d, type BatchNormBase, type BatchNormOptions } from "./batchNorm.ts";
import { InstanceNorm1d, InstanceNorm2d, InstanceNorm3d, type NormOptions } from "./norm.ts";
import type { Parameter } from "./parameter.ts";

/** How a block normalizes; the `Zero` kinds start with a scale of 0, so that a residual branch begins as nothing. */
export type NormType = "batch" | "batchZero" | "weight" | "spectral" | "instance" | "instanceZero";

/** The kinds of normalization by fastai's names. */
export const NormType = {
  Batch: "batch",
  BatchZero: "batchZero",
  Weight: "weight",
  Spectral: "spectral",
  Instance: "instance",
  InstanceZero: "instanceZero",
} as const satisfies Record<string, NormType>;

interface NormKind<T extends NormType> {
  /** 1 for features and sequences, 2 for pictures, 3 for volumes. @defaultValue 2 */
  ndim?: 1 | 2 | 3;
  normType?: T;
}

/** Batch norm as fastai starts it: offset 0.001, scale 1, or 0 for "batchZero". */
export function batchNorm(
  nf: number,
  { ndim = 2, normType = "batch", ...options }: NormKind<"batch" | "batchZero"> & BatchNormOptions = {},
): BatchNormBase {
  const norm = new [BatchNorm1d, BatchNorm2d, BatchNorm3d][ndim - 1]!(nf, options);
  return started(norm, nf, normType === "batchZero");
}

/** Instance norm as fastai starts it: offset 0.001, scale 1, or 0 for "instanceZero". */
export function instanceNorm(
  nf: number,
  { ndim = 2, normType = "instance", affine = true, eps }: NormKind<"instance" | "instanceZero"> & NormOptions = {},
): InstanceNorm1d | InstanceNorm2d | InstanceNorm3d {
  const options = { affine, ...(eps === undefined ? {} : { eps }) };
  const norm = new [InstanceNorm1d, InstanceNorm2d, InstanceNorm3d][ndim - 1]!(nf, options);
  return started(norm, nf, normType === "instanceZero");
}

function started<N extends { weight: Parameter | null; bias: Parameter | null }>(
  norm: N,
  nf: number,
  zero: boolean,
): N {
  norm.bias?.assign(tf.fill([nf], 1e-3));
  if (zero) norm.weight?.assign(tf.zeros([nf]));
  return norm;
}
