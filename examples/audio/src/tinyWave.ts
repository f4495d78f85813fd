import { checkWhole } from "@layerwise/core";
import { ConvLayer, Linear, models, PoolFlatten, Sequential } from "@layerwise/core/nn";

declare module "@layerwise/core/nn" {
  interface ModelArgs {
    tinyWave: TinyWaveOptions;
  }
}

export interface TinyWaveOptions {
  /** Classes. */
  nOut: number;
  /** Channels of the first layer; each later one has twice as many. @defaultValue 16 */
  width?: number;
}

/** A classifier of spectrograms, `[N, nMels, frames, 1]` to `[N, nOut]`: three convolutions that each halve the picture. */
export class TinyWave extends Sequential {
  constructor({ nOut, width = 16 }: TinyWaveOptions) {
    checkWhole("tinyWave", "nOut", nOut, 1);
    checkWhole("tinyWave", "width", width, 1);
    super(
      new ConvLayer(1, width, { stride: 2 }),
      new ConvLayer(width, 2 * width, { stride: 2 }),
      new ConvLayer(2 * width, 4 * width, { stride: 2 }),
      new PoolFlatten("max"),
      new Linear(4 * width, nOut),
    );
  }
}

models.add("tinyWave", (args) => new TinyWave(args));
