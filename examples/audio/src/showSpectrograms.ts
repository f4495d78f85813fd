import type { DecodedSample } from "@layerwise/core/learner";
import { onShowBatch, onShowResults, type ShownResult } from "@layerwise/data";
import { type Figure, panels } from "@layerwise/plot";
import { Spectrogram } from "./spectrogram.ts";

/** Spectrograms as heat maps, with their targets above them. */
export function showSpectrograms(samples: readonly DecodedSample<Spectrogram, unknown>[]): Figure {
  return panels(samples.map(({ x, y }) => x.show(y === undefined ? {} : { title: `${y}` })));
}

/** Spectrograms with target and prediction above them, green where they agree and red where not. */
export function showSpectrogramResults(results: readonly ShownResult<Spectrogram, unknown>[]): Figure {
  const figures = results.map(({ x, y, pred }) => {
    if (y === undefined) return x.show({ title: `${pred}` });
    return x.show({ title: `${y} / ${pred}`, titleColor: `${y}` === `${pred}` ? "good" : "bad" });
  });
  return panels(figures, { title: results.some(({ y }) => y !== undefined) ? "Target / Prediction" : "Prediction" });
}

onShowBatch(Spectrogram, Object, showSpectrograms);
onShowResults(Spectrogram, Object, showSpectrogramResults);
