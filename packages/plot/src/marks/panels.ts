import { type Drawing, placeDrawing, svgDocument, svgText } from "../drawing.ts";
import { Figure } from "../figure.ts";
import { PlotError } from "../plotError.ts";
import { wrapText } from "../text/wrapText.ts";

export interface PanelsOptions {
  /** Figures side by side. Defaults to all of them, at most 3. */
  cols?: number | undefined;
  /** Text above them all. */
  title?: string | undefined;
}

export interface PanelsData extends PanelsOptions {
  figures: readonly Figure[];
}

/**
 * Figures beside and below each other, as one figure.
 * @throws {@link PlotError} if there is none, or `cols` is not a whole number above 0
 */
export function panels(figures: readonly Figure[], options: PanelsOptions = {}): Figure<PanelsData> {
  const where = "panels";
  const { cols } = options;
  if (figures.length === 0) throw new PlotError(where, { given: "no figures", expected: "one or more" });
  if (cols !== undefined && !(Number.isInteger(cols) && cols > 0)) {
    throw new PlotError(where, { given: `cols ${cols}`, expected: "a whole number above 0" });
  }
  const toText = () => {
    const texts = figures.map((figure) => figure.toText());
    return [...(options.title === undefined ? [] : [options.title]), ...texts].join("\n\n");
  };
  return new Figure({ kind: where, data: { ...options, figures }, draw, toText });
}

async function draw({ figures, cols = Math.min(3, figures.length), title }: PanelsData): Promise<Drawing> {
  const drawings = await Promise.all(figures.map((figure) => figure.draw()));
  const perRow = Math.min(cols, drawings.length);
  const widths = Array.from({ length: perRow }, (_, column) =>
    Math.max(...drawings.filter((_, i) => i % perRow === column).map(({ width }) => width)),
  );
  const width = widths.reduce((a, b) => a + b, 0);
  const parts: string[] = [];
  let y = 0;
  for (const line of title === undefined ? [] : wrapText(title, { width: width - 20, fontSize: 15, bold: true })) {
    parts.push(svgText(line, { x: width / 2, y: y + 24, fontSize: 15, anchor: "middle", bold: true }));
    y += 22;
  }
  if (title !== undefined) y += 10;
  for (let start = 0; start < drawings.length; start += perRow) {
    const row = drawings.slice(start, start + perRow);
    let x = 0;
    row.forEach((drawing, column) => {
      parts.push(placeDrawing(drawing, x, y, `p${start + column}-`));
      x += widths[column]!;
    });
    y += Math.max(...row.map(({ height }) => height));
  }
  return svgDocument(parts.join(""), width, y);
}
