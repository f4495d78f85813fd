import { fmtShape, ShapeError } from "@layerwise/core";
import { TensorData, TypedTensor } from "@layerwise/core/tensor";
import { Normalize, ToTensor, tensorKindRegistry } from "@layerwise/data";
import { type Figure, type HeatMapOptions, heatMap } from "@layerwise/plot";
import * as tf from "@tensorflow/tfjs-core";

declare module "@layerwise/core/tensor" {
  interface TensorMeta {
    /** Time between two columns of a spectrogram. */
    readonly hopSeconds?: number;
  }
}

/** Spectrograms, `[N, nMels, frames, 1]`. No `TensorImage`: transforms of pictures pass it by unless they get a row. */
export class TensorSpectrogram extends TypedTensor {}
tensorKindRegistry.add("TensorSpectrogram", TensorSpectrogram);

/** How loud each band of frequencies is over time, in decibels, on the CPU. Values never change. */
export class Spectrogram {
  /** Row by row, lowest band first: `[nMels, frames]`. */
  readonly values: Float32Array;
  readonly nMels: number;
  readonly frames: number;
  /** Time between two columns. */
  readonly hopSeconds: number;

  /** @throws {@link ShapeError} if the number of values does not fit */
  constructor(values: Float32Array, [nMels, frames]: readonly [number, number], hopSeconds: number) {
    if (values.length !== nMels * frames) {
      throw new ShapeError("Spectrogram", {
        given: `${values.length} values for ${fmtShape([nMels, frames])}`,
        expected: `${nMels * frames} values, row by row`,
      });
    }
    this.values = values;
    this.nMels = nMels;
    this.frames = frames;
    this.hopSeconds = hopSeconds;
  }

  get shape(): [nMels: number, frames: number] {
    return [this.nMels, this.frames];
  }

  get seconds(): number {
    return this.frames * this.hopSeconds;
  }

  /** Time from left to right, low frequencies at the bottom. */
  show(labels: Pick<HeatMapOptions, "title" | "titleColor"> = {}): Figure {
    const { values, nMels, frames } = this;
    const rows = Array.from({ length: nMels }, (_, i) => values.subarray(i * frames, (i + 1) * frames));
    const look = { axes: false, origin: "bottom", colormap: "viridis", width: 200, height: 120 } as const;
    return heatMap({ values: rows, ...look, ...labels });
  }
}

ToTensor.on(
  Spectrogram,
  ({ values, shape, hopSeconds }) => new TensorData(TensorSpectrogram, [...shape, 1], values, { hopSeconds }),
);
ToTensor.onData(TensorSpectrogram, null, ({ values, shape, meta }) => {
  const [nMels = 0, frames = 0] = shape;
  return new Spectrogram(Float32Array.from(values), [nMels, frames], meta.hopSeconds ?? Number.NaN);
});

Normalize.on(
  TensorSpectrogram,
  (x, tfm) => {
    const { mean, std } = tfm.stats(x.data);
    return x.with(tf.div(tf.sub(x.data, mean), std));
  },
  (x, tfm) => {
    const { mean, std } = tfm.stats(x.data);
    return x.with(tf.add(tf.mul(x.data, std), mean));
  },
);
