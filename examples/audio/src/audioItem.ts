import { DataError, OptionError } from "@layerwise/core";
import { readWav } from "./wav.ts";

/** What {@link AudioItem.create} makes a clip of: the path of a WAV file, or a clip. */
export type AudioSource = string | AudioItem;

/** A clip in memory, on the CPU: one channel of samples in −1…1. Values never change. */
export class AudioItem {
  readonly samples: Float32Array;
  /** Samples per second. */
  readonly sampleRate: number;

  /** @throws {@link OptionError} if there are no samples, or the rate is no whole number above 0 */
  constructor(samples: Float32Array, sampleRate: number) {
    if (samples.length === 0 || !Number.isInteger(sampleRate) || sampleRate < 1) {
      throw new OptionError("AudioItem", {
        given: `${samples.length} samples at ${sampleRate} Hz`,
        expected: "at least one sample, and a whole rate above 0",
      });
    }
    this.samples = samples;
    this.sampleRate = sampleRate;
  }

  /** @throws {@link DataError} if a file is missing, damaged or not 16-bit PCM, naming it */
  static async create(source: AudioSource): Promise<AudioItem> {
    if (source instanceof AudioItem) return source;
    if (typeof source !== "string") {
      throw new DataError("AudioItem", { given: `a ${typeof source}`, expected: "the path of a WAV file" });
    }
    const { samples, sampleRate } = await readWav(source);
    return new AudioItem(samples, sampleRate);
  }

  /** Number of samples, as error messages and `DataBlock.summary` show it. */
  get shape(): [length: number] {
    return [this.samples.length];
  }

  get seconds(): number {
    return this.samples.length / this.sampleRate;
  }

  /** `length` samples from `start` on, silence where they lie outside. */
  crop(start: number, length: number): AudioItem {
    const cut = new Float32Array(length);
    const from = Math.max(0, start);
    cut.set(this.samples.subarray(from, Math.max(from, start + length)), from - start);
    return new AudioItem(cut, this.sampleRate);
  }
}
