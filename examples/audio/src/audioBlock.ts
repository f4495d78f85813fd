import { type FileGetter, fileGetter, type TransformBlock, transformBlock } from "@layerwise/data";
import type { AudioSource } from "./audioItem.ts";
import { OpenAudio, type OpenAudioOptions } from "./openAudio.ts";
import type { Spectrogram } from "./spectrogram.ts";
import { type SpectrogramOptions, ToSpectrogram } from "./toSpectrogram.ts";

/** Paths of the WAV files under a folder, sorted. */
export const getAudioFiles: FileGetter = fileGetter({ extensions: [".wav"] });

export interface AudioBlockOptions extends OpenAudioOptions, SpectrogramOptions {}

/** A clip, from the path of a WAV file; the model and a person get its spectrogram. */
export function audioBlock({
  sampleRate,
  ...spectrogram
}: AudioBlockOptions = {}): TransformBlock<AudioSource, Spectrogram> {
  return transformBlock({
    typeTfms: () => [new OpenAudio(sampleRate === undefined ? {} : { sampleRate })],
    itemTfms: () => [new ToSpectrogram(spectrogram)],
  });
}
