/**
 * Colors that stay apart for color-blind readers, in the order they are given out.
 * @see Okabe & Ito 2008, https://jfly.uni-koeln.de/color/
 */
export const categoryColors: readonly string[] = [
  "#0072B2",
  "#E69F00",
  "#009E73",
  "#D55E00",
  "#CC79A7",
  "#56B4E9",
  "#F0E442",
  "#000000",
];

/** Titles of right and wrong predictions: dark enough for text, and apart for color-blind readers. */
export const titleColors = { default: "#222222", good: "#00754F", bad: "#C0410C" } as const;

export const MARK_RED = "#E8000B";

export type Rgb = readonly [number, number, number];

export function hexToRgb(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** What the palette is mixed with, and how much of it, each time it goes round: as it is, lighter, darker, pale. */
const ROUNDS: readonly (readonly [gray: number, part: number])[] = [
  [255, 0],
  [255, 0.4],
  [32, 0.4],
  [255, 0.7],
];

/** The color of category `index`; after the palette's end it goes round again, lighter, darker and pale. */
export function categoryRgb(index: number): Rgb {
  const [gray, part] = ROUNDS[Math.floor(index / categoryColors.length) % ROUNDS.length]!;
  const base = hexToRgb(categoryColors[index % categoryColors.length]!);
  const mix = (channel: number) => Math.round(channel + (gray - channel) * part);
  return [mix(base[0]), mix(base[1]), mix(base[2])];
}

export function rgbToCss([r, g, b]: Rgb): string {
  return `rgb(${r},${g},${b})`;
}
