import { checkWhole } from "@layerwise/core";
import { asTuple, type JsonObject, RandTransform, type TransformContext, transformRegistry } from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";
import { TensorSpectrogram } from "./spectrogram.ts";

/** 0 for the bands to hide, else 1: `[N, nMels]`, row by row. */
type Kept = Float32Array;

export interface MaskFrequenciesOptions {
  /** Hides 0 to this many neighboring bands of each spectrogram. @defaultValue 4 */
  maxBands?: number;
}

/**
 * Hides a random range of frequencies of each spectrogram of a training batch, so that no single band decides.
 * Runs after `Normalize`, where 0 is the mean.
 * @see Park et al. 2019, "SpecAugment", https://arxiv.org/abs/1904.08779
 */
export class MaskFrequencies extends RandTransform<Kept> {
  override order = 100;
  readonly maxBands: number;

  constructor({ maxBands = 4 }: MaskFrequenciesOptions = {}) {
    super();
    checkWhole("MaskFrequencies", "maxBands", maxBands, 0);
    this.maxBands = maxBands;
  }

  override beforeCall(x: unknown, { rng }: TransformContext): Kept {
    const [n = 0, nMels = 0] = asTuple(x).find(TensorSpectrogram)?.shape ?? [];
    const kept = new Float32Array(n * nMels).fill(1);
    for (let i = 0; i < n; i++) {
      const bands = rng.integer(0, Math.min(this.maxBands, nMels) + 1);
      const first = i * nMels + rng.integer(0, nMels - bands + 1);
      kept.fill(0, first, first + bands);
    }
    return kept;
  }

  override toArgs(): JsonObject {
    return { maxBands: this.maxBands };
  }
}

MaskFrequencies.on(TensorSpectrogram, (x, _tfm, { draw }) => {
  const [n = 0, nMels = 0] = x.shape;
  return x.with(tf.mul(x.data, tf.tensor4d(draw, [n, nMels, 1, 1])));
});

transformRegistry.add("MaskFrequencies", (args: MaskFrequenciesOptions) => new MaskFrequencies(args));
