import { titleColors } from "../colors.ts";
import { type Drawing, svgDocument, svgText } from "../drawing.ts";
import { pngUri } from "../pixels/pngUri.ts";
import { fitForShowing } from "../pixels/resample.ts";
import { wrapText } from "../text/wrapText.ts";
import { colorTable } from "./colormap.ts";
import type { HeatMapOptions } from "./heatMap.ts";

const MARGIN = 10;

/** A heat map as one picture with a pixel per cell: no gaps, no axes, and small however many cells there are. */
export async function drawRaster(options: HeatMapOptions): Promise<Drawing> {
  const { values, colormap = "blues", origin = "top", title } = options;
  const [rows, columns] = [values.length, values[0]!.length];
  const { width = 480, height = 160 } = options;
  const [low, high] = options.domain ?? range(values);
  const colors = await colorTable(colormap);
  const data = new Uint8ClampedArray(rows * columns * 4);
  values.forEach((row, r) => {
    const y = origin === "bottom" ? rows - 1 - r : r;
    for (let x = 0; x < columns; x++) {
      const value = row[x]!;
      if (!Number.isFinite(value)) continue;
      const at = high > low ? Math.round(Math.max(0, Math.min(1, (value - low) / (high - low))) * 255) : 0;
      data.set([...colors[at]!, 255], (y * columns + x) * 4);
    }
  });
  const uri = await pngUri(fitForShowing({ width: columns, height: rows, channels: 4, data }, width, height));
  const fill = titleColors[options.titleColor ?? "default"];
  const lines = title === undefined ? [] : wrapText(title, { width, fontSize: 13, maxLines: 2 });
  const text = lines.map((line, i) =>
    svgText(line, { x: MARGIN + width / 2, y: MARGIN + 12 + i * 17, fontSize: 13, anchor: "middle", fill }),
  );
  const top = MARGIN + lines.length * 17 + (lines.length > 0 ? 3 : 0);
  const frame = `x="${MARGIN}" y="${top}" width="${width}" height="${height}"`;
  const picture = `<image ${frame} preserveAspectRatio="none" href="${uri}"/>`;
  return svgDocument(text.join("") + picture, width + 2 * MARGIN, top + height + MARGIN);
}

function range(values: HeatMapOptions["values"]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const row of values) {
    for (let i = 0; i < row.length; i++) {
      if (!Number.isFinite(row[i])) continue;
      low = Math.min(low, row[i]!);
      high = Math.max(high, row[i]!);
    }
  }
  return [low, high];
}
