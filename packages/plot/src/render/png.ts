import { createRequire } from "node:module";
import type { RenderedImage } from "@resvg/resvg-js";
import type { Drawing } from "../drawing.ts";
import { PlotError } from "../plotError.ts";

export interface PngOptions {
  /** Width in pixels; the height follows. */
  width?: number | undefined;
  /** Pixels for each CSS pixel of the drawing. Defaults to 2; `width` wins over it. */
  scale?: number | undefined;
}

const MAX_PIXELS = 100e6;
// What the shipped font lacks: East Asian scripts, Indic scripts, emoji. Only then the machine's own fonts are read.
const NEEDS_OTHER_FONTS = /[\u0900-\u0dff\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef\u{1f000}-\u{3ffff}]/u;

/**
 * Draws the SVG into PNG bytes.
 * @throws {@link PlotError} if the size is out of range or the PNG writer is missing
 */
export async function renderPng(drawing: Drawing, options: PngOptions = {}): Promise<Uint8Array> {
  return new Uint8Array((await renderPixels(drawing, options)).asPng());
}

/** Draws the SVG into pixels, off the main thread. */
export async function renderPixels(drawing: Drawing, { width, scale = 2 }: PngOptions = {}): Promise<RenderedImage> {
  const zoom = width === undefined ? scale : width / drawing.width;
  if (!(zoom > 0) || drawing.width * drawing.height * zoom * zoom > MAX_PIXELS) {
    throw new PlotError("toPng", {
      given: width === undefined ? `scale ${scale}` : `width ${width}`,
      expected: `a positive size, and at most ${MAX_PIXELS / 1e6} million pixels (drawn at ${drawing.width}x${drawing.height})`,
    });
  }
  const { renderAsync } = await loadResvg();
  const fontFiles = shippedFonts();
  return renderAsync(drawing.svg, {
    background: "white",
    fitTo: width === undefined ? { mode: "zoom", value: scale } : { mode: "width", value: Math.round(width) },
    font: {
      fontFiles,
      loadSystemFonts: fontFiles.length === 0 || NEEDS_OTHER_FONTS.test(drawing.svg),
      defaultFontFamily: "DejaVu Sans",
      sansSerifFamily: "DejaVu Sans",
    },
  });
}

/** The font files beside us; none where a bundler left them out, and the machine's fonts have to do. */
function shippedFonts(): string[] {
  try {
    const require = createRequire(import.meta.url);
    return ["DejaVuSans", "DejaVuSans-Bold"].map((name) => require.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`));
  } catch {
    return [];
  }
}

async function loadResvg(): Promise<typeof import("@resvg/resvg-js")> {
  try {
    return await import("@resvg/resvg-js");
  } catch (cause) {
    throw new PlotError("toPng", {
      given: "no @resvg/resvg-js for this system",
      expected: "its platform package, which npm installs as an optional dependency",
      fix: "run `npm install @resvg/resvg-js` on this machine, or use toSvg()",
      cause,
    });
  }
}
