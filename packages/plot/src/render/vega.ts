import type { TopLevelSpec } from "vega-lite";
import { type Drawing, FONT_FAMILY, INK } from "../drawing.ts";
import { textWidth } from "../text/textWidth.ts";

const CONFIG: TopLevelSpec["config"] = {
  aria: false, // a description on every mark would make the file three times as large
  background: "white",
  font: FONT_FAMILY,
  padding: 10,
  view: { stroke: "transparent" },
  title: { fontSize: 14, fontWeight: "bold", color: INK, offset: 10, anchor: "middle" },
  axis: {
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: "normal",
    titlePadding: 8,
    labelColor: INK,
    titleColor: INK,
    gridColor: "#E4E4E4",
    domainColor: "#777777",
    tickColor: "#777777",
  },
  legend: { labelFontSize: 11, titleFontSize: 12, labelColor: INK, labelLimit: 240, symbolStrokeWidth: 2.5 },
};

/** Draws a Vega-Lite spec without a DOM. The libraries are loaded at the first chart: they take a third of a second. */
export async function drawVegaLite(spec: TopLevelSpec): Promise<Drawing> {
  const [vega, { compile }] = await Promise.all([loadVega(), import("vega-lite")]);
  const compiled = compile({ ...spec, config: CONFIG } as TopLevelSpec).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: "none", logLevel: vega.Error });
  try {
    const svg = await view.toSVG();
    const [, width, height] = /<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg)!;
    return { svg, width: Number(width), height: Number(height) };
  } finally {
    view.finalize();
  }
}

interface TextItem {
  fontSize?: number | undefined;
  fontWeight?: string | number | undefined;
}

interface TextMetrics {
  width: (item: TextItem, text: unknown) => number;
  estimateWidth: unknown;
}

/** Vega guesses 0.8 em per character where there is no canvas; with the font's own widths, margins come out right. */
async function loadVega(): Promise<typeof import("vega")> {
  const vega = await import("vega");
  const metrics = (vega as unknown as { textMetrics: TextMetrics }).textMetrics;
  if (metrics.width === metrics.estimateWidth) {
    metrics.width = ({ fontSize = 11, fontWeight }, text) =>
      textWidth(String(text ?? ""), fontSize, fontWeight === "bold" || Number(fontWeight) >= 600);
  }
  return vega;
}
