import { escapeXml } from "./text/escape.ts";

/** A drawn picture: one complete `<svg>` element and its size in CSS pixels. */
export interface Drawing {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** The shipped font first; Verdana has nearly the same widths where a browser lacks it. */
export const FONT_FAMILY = "DejaVu Sans, Verdana, sans-serif";
export const INK = "#222222";

export interface TextOptions {
  x: number;
  y: number;
  fontSize: number;
  anchor?: "start" | "middle" | "end" | undefined;
  bold?: boolean | undefined;
  fill?: string | undefined;
}

/** A `<text>` element with one baseline at `y`. */
export function svgText(text: string, { x, y, fontSize, anchor = "start", bold, fill = INK }: TextOptions): string {
  const weight = bold ? ' font-weight="bold"' : "";
  const place = `x="${round(x)}" y="${round(y)}" font-size="${fontSize}" text-anchor="${anchor}"`;
  return `<text ${place}${weight} fill="${fill}">${escapeXml(text)}</text>`;
}

/** Wraps elements into one `<svg>` on white, so that it can be read on a dark page too. */
export function svgDocument(body: string, width: number, height: number): Drawing {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  const open = `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}"`;
  const svg = `${open} font-family="${FONT_FAMILY}"><rect width="${w}" height="${h}" fill="white"/>${body}</svg>`;
  return { svg, width: w, height: h };
}

/** The drawing as an element at a place inside another one; ids get a prefix, so that two drawings cannot share one. */
export function placeDrawing({ svg }: Drawing, x: number, y: number, idPrefix: string): string {
  return svg
    .replace(/\bid="([^"]*)"/g, `id="${idPrefix}$1"`)
    .replace(/url\((["']?)#/g, `url($1#${idPrefix}`)
    .replace(/^<svg /, `<svg x="${round(x)}" y="${round(y)}" `);
}

/** Coordinates with two decimals: enough for a screen, and short. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
