import { hexToRgb, type Rgb } from "../colors.ts";

/** Scales of color from low to high: light to dark blue, viridis (even for color-blind eyes), light to dark grey. */
export type Colormap = "blues" | "viridis" | "greys";

// Vega's own "blues" begins at a mid-tone; ColorBrewer's begins near white, so that an empty cell looks empty.
const BLUES = ["#f7fbff", "#deebf7", "#c6dbef", "#9ecae1", "#6baed6", "#4292c6", "#2171b5", "#08519c", "#08306b"];

/** The part of a Vega-Lite color scale that chooses the colors. */
export function colorRange(colormap: Colormap): { range: string[] } | { scheme: string } {
  return colormap === "blues" ? { range: BLUES } : { scheme: colormap };
}

/** 256 colors, from low to high. */
export async function colorTable(colormap: Colormap): Promise<Rgb[]> {
  const at = Array.from({ length: 256 }, (_, i) => i / 255);
  if (colormap === "blues") return at.map(blue);
  const { scheme } = await import("vega");
  return at.map((position) => parseColor((scheme(colormap) as (at: number) => string)(position)));
}

/** Between the two nearest stops, in proportion. */
function blue(at: number): Rgb {
  const place = at * (BLUES.length - 1);
  const from = Math.min(BLUES.length - 2, Math.floor(place));
  const [low, high] = [hexToRgb(BLUES[from]!), hexToRgb(BLUES[from + 1]!)];
  const mix = (channel: 0 | 1 | 2) => Math.round(low[channel] + (high[channel] - low[channel]) * (place - from));
  return [mix(0), mix(1), mix(2)];
}

/** Vega's schemes give `#rrggbb` or `rgb(r, g, b)`. */
function parseColor(color: string): Rgb {
  if (color.startsWith("#")) return hexToRgb(color);
  const [r = 0, g = 0, b = 0] = color.match(/\d+/g)!.map(Number);
  return [r, g, b];
}
