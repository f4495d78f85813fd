/** How many bands of frequencies, and from where to where. */
export interface MelOptions {
  nMels: number;
  /** Hertz. */
  fMin: number;
  /** Hertz. */
  fMax: number;
}

/** One band: weights of the bins from `first` on. */
export interface MelFilter {
  readonly first: number;
  readonly weights: Float32Array;
}

/**
 * Triangles that gather the bins of a spectrum into bands as wide as hearing is fine, lowest first.
 * @param nFft - samples per window, so that bin `i` is at `i * sampleRate / nFft` Hz
 * @see O'Shaughnessy 1987, "Speech communication"
 */
export function melFilters(nFft: number, sampleRate: number, { nMels, fMin, fMax }: MelOptions): MelFilter[] {
  const [low, high] = [toMel(fMin), toMel(fMax)];
  const corners = Array.from({ length: nMels + 2 }, (_, i) => toHertz(low + ((high - low) * i) / (nMels + 1)));
  const toBin = nFft / sampleRate;
  return Array.from({ length: nMels }, (_, i) => {
    const [from, peak, to] = [corners[i]! * toBin, corners[i + 1]! * toBin, corners[i + 2]! * toBin];
    const nearest = Math.round(peak);
    const first = Math.min(nearest, Math.ceil(from));
    const last = Math.min(nFft / 2, Math.max(nearest, Math.floor(to)));
    const weights = Float32Array.from({ length: last - first + 1 }, (_, k) => {
      const bin = first + k;
      return Math.max(0, bin < peak ? (bin - from) / (peak - from) : (to - bin) / (to - peak));
    });
    if (weights.every((weight) => weight === 0)) weights[nearest - first] = 1; // a band narrower than a bin
    return { first, weights };
  });
}

function toMel(hertz: number): number {
  return 2595 * Math.log10(1 + hertz / 700);
}

function toHertz(mel: number): number {
  return 700 * (10 ** (mel / 2595) - 1);
}
