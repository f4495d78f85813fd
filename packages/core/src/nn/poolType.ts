import { AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveConcatPool2d, AdaptiveMaxPool2d } from "./adaptivePool.ts";
import { Flatten, Sequential } from "./containers.ts";
import type { AnyModule } from "./module.ts";
import { AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d } from "./pool.ts";
import { AdaptiveAvgPool3d, AvgPool3d, MaxPool3d } from "./pool3d.ts";

/** Which numbers a pooling layer keeps. */
export type PoolType = "avg" | "max" | "cat";

/** The kinds of pooling by fastai's names. */
export const PoolType = { Avg: "avg", Max: "max", Cat: "cat" } as const satisfies Record<string, PoolType>;

export interface PoolFactoryOptions {
  /** @defaultValue ks */
  stride?: number;
  /** @defaultValue 0 */
  padding?: number;
  /** 2 for pictures, 1 for sequences, 3 for volumes. @defaultValue 2 */
  ndim?: 1 | 2 | 3;
  /** @defaultValue false */
  ceilMode?: boolean;
}

/** Makes a pooling layer with windows of `ks`. */
export type PoolFactory = (ks: number, options?: PoolFactoryOptions) => AnyModule;

export const avgPool: PoolFactory = (ks, { ndim = 2, ...options } = {}) =>
  new [AvgPool1d, AvgPool2d, AvgPool3d][ndim - 1]!(ks, options);

export const maxPool: PoolFactory = (ks, { ndim = 2, ...options } = {}) =>
  new [MaxPool1d, MaxPool2d, MaxPool3d][ndim - 1]!(ks, options);

/** Average pooling to `size`, for pictures, sequences or volumes. */
export function adaptiveAvgPool(size = 1, { ndim = 2 }: Pick<PoolFactoryOptions, "ndim"> = {}): AnyModule {
  return new [AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d][ndim - 1]!(size);
}

/** Pooling of pictures to `size`, of the kind asked for. */
export function adaptivePool(poolType: PoolType, size = 1): AnyModule {
  if (poolType === "avg") return new AdaptiveAvgPool2d(size);
  return poolType === "max" ? new AdaptiveMaxPool2d(size) : new AdaptiveConcatPool2d(size);
}

/** Pools each picture to one number per channel: `[N, H, W, C]` to `[N, C]`. */
export class PoolFlatten extends Sequential {
  constructor(poolType: PoolType = "avg") {
    super(adaptivePool(poolType), new Flatten());
  }
}
