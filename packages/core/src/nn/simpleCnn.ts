import { checkOptions } from "../checkOptions.ts";
import { Sequential } from "./containers.ts";
import { ConvLayer } from "./convLayer.ts";
import { PoolFlatten } from "./poolType.ts";

export interface SimpleCNNOptions {
  /** Filter size of each layer. @defaultValue 3 for all */
  kernelSzs?: readonly number[];
  /** Stride of each layer. @defaultValue 2 for all */
  strides?: readonly number[];
  /** Batch norm in all layers but the last. @defaultValue true */
  bn?: boolean;
}

/** A small convolutional network: one layer from each entry of `filters` to the next, then an average over the picture. */
export class SimpleCNN extends Sequential {
  constructor(filters: readonly number[], options: SimpleCNNOptions = {}) {
    checkOptions("SimpleCNN", options, { kernelSzs: true, strides: true, bn: true });
    const { kernelSzs = [], strides = [], bn = true } = options;
    const count = filters.length - 1;
    const layers = Array.from({ length: count }, (_, i) => {
      const normType = bn && i < count - 1 ? "batch" : null;
      return new ConvLayer(filters[i]!, filters[i + 1]!, { ks: kernelSzs[i] ?? 3, stride: strides[i] ?? 2, normType });
    });
    super(...layers, new PoolFlatten());
  }
}
