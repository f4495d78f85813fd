import type { DecodedSample } from "@layerwise/core/learner";
import { onShowBatch, onShowResults, type ShownResult } from "@layerwise/data";
import { type Figure, panels } from "@layerwise/plot";
import { Spectrogram } from "./spectrogram.ts";

/** Spectrograms as heat maps, with their targets above them. */
export function showSpectrograms(samples: readonly DecodedSample<Spectrogram, unknown>[]): Figure {
  return panels(samples.map(({ x, y }) => x.show(y === undefined ? {} : { title: `${y}` })));
}

/** Spectrograms with target and prediction above them. */
export function showSpectrogramResults(results: readonly ShownResult<Spectrogram, unknown>[]): Figure {
  const hasTargets = results.some(({ y }) => y !== undefined);
  const figures = results.map(({ x, y, pred }) => x.show({ title: y === undefined ? `${pred}` : `${y} / ${pred}` }));
  return panels(figures, { title: hasTargets ? "Target / Prediction" : "Prediction" });
}

onShowBatch(Spectrogram, Object, showSpectrograms);
onShowResults(Spectrogram, Object, showSpectrogramResults);
