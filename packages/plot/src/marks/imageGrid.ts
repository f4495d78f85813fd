import { categoryRgb, rgbToCss, titleColors } from "../colors.ts";
import { type Drawing, round, svgDocument, svgText } from "../drawing.ts";
import { Figure } from "../figure.ts";
import { blendMask, checkMask, codesInMask, type Mask } from "../pixels/mask.ts";
import { checkPixels, type GrayColormap, type Pixels, toRgba } from "../pixels/pixels.ts";
import { pngUri } from "../pixels/pngUri.ts";
import { fitForShowing } from "../pixels/resample.ts";
import { PlotError } from "../plotError.ts";
import { textWidth } from "../text/textWidth.ts";
import { ellipsize, wrapText } from "../text/wrapText.ts";
import { type Box, drawBoxes, drawPoints, type PointXY } from "./overlays.ts";

/** One picture of a grid, and what is drawn over it. */
export interface ImageCell {
  image: Pixels;
  /** Text above the picture; it wraps, and `\n` breaks a line. */
  title?: string | undefined;
  /** Whether the title tells of something right or wrong. Defaults to "default". */
  titleColor?: "default" | "good" | "bad" | undefined;
  /** Class indices, in colors over the picture, which becomes gray. */
  mask?: Mask | undefined;
  /** Places in pixels of the picture, drawn as red dots; one that is not finite is left out. */
  points?: readonly PointXY[] | undefined;
  /** Boxes in pixels of the picture; one whose label is `#na#` is left out. */
  boxes?: readonly Box[] | undefined;
  /** How one channel becomes gray. Defaults to "gray". */
  colormap?: GrayColormap | undefined;
}

export interface ImageGridOptions {
  /** Pictures side by side. Defaults to a grid as nearly square as can be. */
  cols?: number | undefined;
  /** Heads of the columns, such as Input, Target, Prediction; also sets `cols`. */
  columnTitles?: readonly string[] | undefined;
  /** Text above the grid. */
  title?: string | undefined;
  /** Longer side of a picture in CSS pixels. Defaults to 144. */
  cellSize?: number | undefined;
}

export interface ImageGridData extends ImageGridOptions {
  cells: readonly ImageCell[];
}

const GAP = 14;
const MARGIN = 14;
const FONT_SIZE = 12;
const LINE = 15;
const HEAD = 24;

/**
 * Pictures in rows and columns, with titles, masks, points and boxes.
 * @throws {@link PlotError} if there is no picture, or one is malformed
 */
export function imageGrid(cells: readonly ImageCell[], options: ImageGridOptions = {}): Figure<ImageGridData> {
  const where = "imageGrid";
  if (cells.length === 0) throw new PlotError(where, { given: "no pictures", expected: "one or more" });
  const { cols, cellSize } = options;
  if (cols !== undefined && !(Number.isInteger(cols) && cols > 0)) {
    throw new PlotError(where, { given: `cols ${cols}`, expected: "a whole number above 0" });
  }
  if (cellSize !== undefined && !(cellSize >= 16 && cellSize <= 4096)) {
    throw new PlotError(where, { given: `cellSize ${cellSize}`, expected: "16 to 4096 pixels" });
  }
  for (const { image, mask } of cells) {
    checkPixels(where, image);
    if (mask !== undefined) checkMask(where, mask, image);
  }
  const toText = () => {
    const titles = cells.flatMap(({ title }) => (title === undefined ? [] : [title.replaceAll("\n", " ")]));
    const head = `${options.title ?? "images"}: ${cells.length}`;
    return titles.length === 0 ? head : `${head} (${titles.join("; ")})`;
  };
  return new Figure({ kind: where, data: { ...options, cells }, draw, toText });
}

/** Rows are `floor(sqrt(n))`, as many columns as that takes. */
function defaultColumns(count: number): number {
  return Math.ceil(count / Math.max(1, Math.floor(Math.sqrt(count))));
}

async function draw({ cells, columnTitles, title, cellSize = 144, ...options }: ImageGridData): Promise<Drawing> {
  const cols = Math.min(options.cols ?? columnTitles?.length ?? defaultColumns(cells.length), cells.length);
  const width = 2 * MARGIN + cols * cellSize + (cols - 1) * GAP;
  const parts: string[] = [];
  let y = MARGIN;
  for (const line of title === undefined
    ? []
    : wrapText(title, { width: width - 2 * MARGIN, fontSize: 14, bold: true })) {
    parts.push(svgText(line, { x: width / 2, y: y + 13, fontSize: 14, anchor: "middle", bold: true }));
    y += 20;
  }
  if (title !== undefined) y += 4;
  if (columnTitles !== undefined) {
    columnTitles.slice(0, cols).forEach((head, column) => {
      const x = columnX(column, cellSize) + cellSize / 2;
      const line = ellipsize(head, { width: cellSize + GAP - 6, fontSize: 13, bold: true });
      parts.push(svgText(line, { x, y: y + 13, fontSize: 13, anchor: "middle", bold: true }));
    });
    y += HEAD;
  }
  for (let start = 0; start < cells.length; start += cols) {
    const row = cells.slice(start, start + cols);
    const titles = row.map((cell) => wrapTitle(cell.title, cellSize));
    const sizes = row.map(({ image }) => fit(image, cellSize));
    const titleHeight = Math.max(...titles.map((lines) => lines.length)) * LINE;
    const rowHeight = Math.max(...sizes.map(({ height }) => height));
    for (const [column, cell] of row.entries()) {
      const size = sizes[column]!;
      const left = columnX(column, cellSize);
      const fill = titleColors[cell.titleColor ?? "default"];
      titles[column]!.forEach((line, i, lines) => {
        const baseline = y + titleHeight - (lines.length - i - 1) * LINE - 4;
        parts.push(svgText(line, { x: left + cellSize / 2, y: baseline, fontSize: FONT_SIZE, anchor: "middle", fill }));
      });
      parts.push(await drawCell(cell, left + (cellSize - size.width) / 2, y + titleHeight, size));
    }
    y += titleHeight + rowHeight + GAP;
  }
  const legend = drawLegend(cells, y, width);
  return svgDocument(parts.join("") + legend.svg, width, y - GAP + MARGIN + legend.height);
}

function columnX(column: number, cellSize: number): number {
  return MARGIN + column * (cellSize + GAP);
}

function wrapTitle(title: string | undefined, cellSize: number): string[] {
  if (title === undefined || title === "") return [];
  return wrapText(title, { width: cellSize + 6, fontSize: FONT_SIZE, maxLines: 4 });
}

interface Size {
  width: number;
  height: number;
}

/** The size at which the longer side is `cellSize`; never thinner than a pixel. */
function fit({ width, height }: Pixels, cellSize: number): Size {
  const scale = cellSize / Math.max(width, height);
  return { width: Math.max(1, width * scale), height: Math.max(1, height * scale) };
}

async function drawCell({ image, mask, points, boxes, colormap }: ImageCell, x: number, y: number, size: Size) {
  const rgba = toRgba(image, colormap);
  if (mask !== undefined) blendMask(rgba, mask);
  const { width, height } = size;
  const frame = `width="${round(width)}" height="${round(height)}"`;
  const uri = await pngUri(fitForShowing(rgba, width, height));
  const picture = `<image ${frame} preserveAspectRatio="none" href="${uri}"/>`;
  const scale = { x: width / image.width, y: height / image.height };
  const over = drawBoxes(boxes ?? [], scale, size) + drawPoints(points ?? [], scale);
  return `<svg x="${round(x)}" y="${round(y)}" ${frame}>${picture}${over}</svg>`;
}

const LEGEND_LIMIT = 24;

/** Colors and names of the mask classes that occur in the grid. */
function drawLegend(cells: readonly ImageCell[], top: number, width: number): { svg: string; height: number } {
  const names = new Map<number, string>();
  for (const { mask } of cells) {
    if (mask?.codes === undefined) continue;
    for (const code of codesInMask(mask)) names.set(code, mask.codes[code] ?? String(code));
  }
  if (names.size === 0) return { svg: "", height: 0 };
  const entries = [...names].sort(([a], [b]) => a - b).slice(0, LEGEND_LIMIT);
  const longest = Math.max(...entries.map(([, name]) => textWidth(name, 11)));
  const entryWidth = Math.min(width - 2 * MARGIN, longest + 30);
  const perRow = Math.max(1, Math.floor((width - 2 * MARGIN) / entryWidth));
  const svg = entries.map(([code, name], i) => {
    const x = MARGIN + (i % perRow) * entryWidth;
    const y = top + Math.floor(i / perRow) * 18;
    const line = ellipsize(name, { width: entryWidth - 28, fontSize: 11 });
    const swatch = `<rect x="${x}" y="${y}" width="12" height="12" fill="${rgbToCss(categoryRgb(code))}"/>`;
    return swatch + svgText(line, { x: x + 17, y: y + 10, fontSize: 11 });
  });
  return { svg: svg.join(""), height: Math.ceil(entries.length / perRow) * 18 + 6 };
}
