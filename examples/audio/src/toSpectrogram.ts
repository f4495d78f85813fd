import { checkWhole, OptionError } from "@layerwise/core";
import { type JsonObject, Transform, transformRegistry } from "@layerwise/data";
import FFT from "fft.js";
import { AudioItem } from "./audioItem.ts";
import { type MelFilter, melFilters } from "./melFilters.ts";
import { Spectrogram } from "./spectrogram.ts";

export interface SpectrogramOptions {
  /** Samples per window, a power of two. @defaultValue 512 */
  nFft?: number;
  /** Samples from one window to the next. @defaultValue a quarter of `nFft` */
  hop?: number;
  /** Bands of frequencies. @defaultValue 40 */
  nMels?: number;
  /** Lower end of the lowest band, in hertz. @defaultValue 50 */
  fMin?: number;
  /** Decibels below the loudest value that still count. @defaultValue 80 */
  topDb?: number;
}

const SILENCE = 1e-10;

/** Turns clips into log-mel spectrograms: power per band and window, in decibels. */
export class ToSpectrogram extends Transform {
  override order = 2; // clips are cropped by then (1), and not numbers yet (5)
  readonly options: Required<SpectrogramOptions>;
  readonly #fft: FFT;
  readonly #window: Float32Array;
  readonly #filters = new Map<number, readonly MelFilter[]>();

  constructor({ nFft = 512, hop = nFft >> 2, nMels = 40, fMin = 50, topDb = 80 }: SpectrogramOptions = {}) {
    super();
    if (!Number.isInteger(nFft) || nFft < 16 || (nFft & (nFft - 1)) !== 0) {
      throw new OptionError("ToSpectrogram", { given: `nFft = ${nFft}`, expected: "a power of two of at least 16" });
    }
    checkWhole("ToSpectrogram", "hop", hop, 1);
    checkWhole("ToSpectrogram", "nMels", nMels, 1);
    this.options = { nFft, hop, nMels, fMin, topDb };
    this.#fft = new FFT(nFft);
    this.#window = Float32Array.from({ length: nFft }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / nFft)); // Hann
  }

  override toArgs(): JsonObject {
    return { ...this.options };
  }

  /** The spectrogram of a clip, `[nMels, frames]`; a window that would reach over the end is left out. */
  spectrogramOf({ samples, sampleRate }: AudioItem): Spectrogram {
    const { nFft, hop, nMels, topDb } = this.options;
    const frames = Math.max(1, Math.floor((samples.length - nFft) / hop) + 1);
    const filters = this.#filtersFor(sampleRate);
    const values = new Float32Array(nMels * frames);
    const windowed = new Float32Array(nFft);
    const spectrum = this.#fft.createComplexArray();
    let loudest = Number.NEGATIVE_INFINITY;
    for (let frame = 0; frame < frames; frame++) {
      for (let i = 0; i < nFft; i++) windowed[i] = (samples[frame * hop + i] ?? 0) * this.#window[i]!;
      this.#fft.realTransform(spectrum, windowed);
      for (let mel = 0; mel < nMels; mel++) {
        const decibels = 10 * Math.log10(power(spectrum, filters[mel]!) + SILENCE);
        values[mel * frames + frame] = decibels;
        if (decibels > loudest) loudest = decibels;
      }
    }
    for (let i = 0; i < values.length; i++) values[i] = Math.max(values[i]!, loudest - topDb);
    return new Spectrogram(values, [nMels, frames], hop / sampleRate);
  }

  #filtersFor(sampleRate: number): readonly MelFilter[] {
    let filters = this.#filters.get(sampleRate);
    if (filters === undefined) {
      const { nFft, nMels, fMin } = this.options;
      if (!(fMin >= 0 && fMin < sampleRate / 2)) {
        throw new OptionError("ToSpectrogram", {
          given: `fMin = ${fMin} Hz for ${sampleRate} samples per second`,
          expected: `0 or more, below ${sampleRate / 2} Hz`,
        });
      }
      filters = melFilters(nFft, sampleRate, { nMels, fMin, fMax: sampleRate / 2 });
      this.#filters.set(sampleRate, filters);
    }
    return filters;
  }
}

function power(spectrum: readonly number[], { first, weights }: MelFilter): number {
  let sum = 0;
  for (let k = 0; k < weights.length; k++) {
    const [re, im] = [spectrum[2 * (first + k)]!, spectrum[2 * (first + k) + 1]!];
    sum += weights[k]! * (re * re + im * im);
  }
  return sum;
}

ToSpectrogram.on(AudioItem, (x, tfm) => tfm.spectrogramOf(x));

transformRegistry.add("ToSpectrogram", (args: SpectrogramOptions) => new ToSpectrogram(args));
