import { DataError } from "@layerwise/core";
import { type JsonObject, Transform, transformRegistry } from "@layerwise/data";
import { AudioItem, type AudioSource } from "./audioItem.ts";

export interface OpenAudioOptions {
  /** Samples per second that every clip must have. @defaultValue any */
  sampleRate?: number;
}

/** Makes a clip of the path of a WAV file. */
export class OpenAudio extends Transform {
  readonly options: OpenAudioOptions;

  constructor(options: OpenAudioOptions = {}) {
    super();
    this.options = options;
  }

  override async encodes(source: AudioSource): Promise<AudioItem> {
    const audio = await AudioItem.create(source);
    const { sampleRate = audio.sampleRate } = this.options;
    if (audio.sampleRate === sampleRate) return audio;
    throw new DataError("OpenAudio", {
      given: `a clip of ${audio.sampleRate} samples per second`,
      expected: `${sampleRate}, as in training`,
      fix: `convert it (\`ffmpeg -i in -ar ${sampleRate} out.wav\`)`,
    });
  }

  override toArgs(): JsonObject {
    return { ...this.options };
  }
}

transformRegistry.add("OpenAudio", (args: OpenAudioOptions) => new OpenAudio(args));
