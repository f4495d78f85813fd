import type { TopLevelSpec } from "vega-lite";
import { titleColors } from "../colors.ts";
import type { Drawing } from "../drawing.ts";
import { Figure } from "../figure.ts";
import { PlotError } from "../plotError.ts";
import { drawVegaLite } from "../render/vega.ts";
import { cleanText } from "../text/escape.ts";
import { textWidth } from "../text/textWidth.ts";
import { axisTitle, type ChartLabels, checkSize, formatNumber, placeName, vegaTitle } from "./chartText.ts";
import { type Colormap, colorRange } from "./colormap.ts";
import { drawRaster } from "./raster.ts";

export interface HeatMapOptions extends ChartLabels {
  /** Rows of equal length, `[rows, columns]`; a value that is not finite leaves its cell empty. */
  values: ReadonlyArray<ArrayLike<number>>;
  /** Names of the columns. */
  xLabels?: readonly string[] | undefined;
  /** Names of the rows. */
  yLabels?: readonly string[] | undefined;
  /** Defaults to "blues". */
  colormap?: Colormap | undefined;
  /** Whether each cell says its value, or how. Defaults to false. */
  annotate?: (boolean | ((value: number) => string)) | undefined;
  /** Where the first row is. Defaults to "top". */
  origin?: "top" | "bottom" | undefined;
  /** Whether to draw names and axes; without them the cells are plain pixels, any number of them. Defaults to true. */
  axes?: boolean | undefined;
  /** Whether the title tells of something right or wrong. Defaults to "default". */
  titleColor?: "default" | "good" | "bad" | undefined;
  /** Values of the first and last color. Defaults to the smallest and largest value. */
  domain?: readonly [number, number] | undefined;
}

const MAX_NAMED_CELLS = 10_000;

/**
 * A matrix as colors: a confusion matrix with its counts, or activations over time without axes.
 * @throws {@link PlotError} if the matrix is empty or ragged, or names do not match its size
 */
export function heatMap(options: HeatMapOptions): Figure<HeatMapOptions> {
  const where = "heatMap";
  const { values, xLabels, yLabels } = options;
  checkSize(where, options);
  const rows = values.length;
  const columns = values[0]?.length ?? 0;
  if (rows === 0 || columns === 0) {
    throw new PlotError(where, { given: `a matrix of ${rows}x${columns}`, expected: "one or more rows and columns" });
  }
  values.forEach((row, i) => {
    if (row.length !== columns) {
      throw new PlotError(where, { given: `${row.length} values in row ${i}`, expected: `${columns}, as in row 0` });
    }
  });
  for (const [name, labels, size] of [["xLabels", xLabels, columns] as const, ["yLabels", yLabels, rows] as const]) {
    if (labels !== undefined && labels.length !== size) {
      throw new PlotError(where, { given: `${labels.length} ${name}`, expected: `${size}, one for each` });
    }
  }
  return new Figure({ kind: where, data: options, draw, toText });
}

function toText({ title, values, xLabels, yLabels }: HeatMapOptions): string {
  const columns = values[0]!.length;
  const head = `${title === undefined ? "" : `${title}: `}${values.length} rows, ${columns} columns`;
  if (values.length > 30 || columns > 30) return head;
  const cells = values.map((row, i) => [yLabels?.[i] ?? String(i), ...Array.from(row, (value) => formatNumber(value))]);
  cells.unshift(["", ...Array.from({ length: columns }, (_, i) => xLabels?.[i] ?? String(i))]);
  return [head, ...cells.map((row) => row.join("\t"))].join("\n");
}

async function draw(options: HeatMapOptions): Promise<Drawing> {
  const { values, axes = true } = options;
  if (!axes || values.length * values[0]!.length > MAX_NAMED_CELLS) return drawRaster(options);
  const flat = values.flatMap((row) => Array.from(row)).filter(Number.isFinite);
  const smallest = flat.reduce((a, b) => Math.min(a, b), Infinity);
  const largest = flat.reduce((a, b) => Math.max(a, b), -Infinity);
  const domain = options.domain ?? (smallest < largest ? [smallest, largest] : [smallest, smallest + 1]);
  const write = writer(options.annotate ?? false);
  const cells = values.flatMap((row, y) =>
    Array.from(row, (value, x) => {
      const finite = Number.isFinite(value);
      return {
        x,
        y,
        value: finite ? value : null,
        text: finite ? cleanText(write(value)) : "",
        onDark: value > largest / 2,
      };
    }),
  );
  const longest = Math.max(...cells.map(({ text }) => textWidth(text, 11)));
  const size = Math.ceil(Math.max(cellSize(Math.max(values.length, values[0]!.length)), Math.min(longest + 8, 80)));
  const x = axis(options.xLabels, options.xLabel, values[0]!.length, -90);
  const y = axis(options.yLabels, options.yLabel, values.length, 0);
  const color = {
    field: "value",
    type: "quantitative",
    scale: { ...colorRange(options.colormap ?? "blues"), ...(flat.length > 0 && { domain }) },
    legend: null,
  };
  const layer: unknown[] = [{ mark: { type: "rect" }, encoding: { color } }];
  if (options.annotate) {
    layer.push({
      mark: { type: "text", fontSize: 11, baseline: "middle" },
      encoding: {
        text: { field: "text", type: "nominal" },
        color: { condition: { test: "datum.onDark", value: "white" }, value: "black" },
      },
    });
  }
  const text = vegaTitle(options.title);
  return drawVegaLite({
    ...(text === undefined ? {} : { title: { text, color: titleColors[options.titleColor ?? "default"] } }),
    width: options.width ?? { step: size },
    height: options.height ?? { step: size },
    data: { values: cells },
    encoding: {
      x: { field: "x", ...x },
      y: { field: "y", ...y, sort: options.origin === "bottom" ? "descending" : "ascending" },
    },
    layer,
  } as unknown as TopLevelSpec);
}

function writer(annotate: boolean | ((value: number) => string)): (value: number) => string {
  if (typeof annotate === "function") return annotate;
  return annotate ? (value) => formatNumber(value) : () => "";
}

function cellSize(cells: number): number {
  return Math.max(14, Math.min(56, 420 / cells));
}

/** An axis of names, or of numbers where there are none; many numbers are thinned. */
function axis(labels: readonly string[] | undefined, title: string | undefined, size: number, angle: number): object {
  const every = labels === undefined ? Math.ceil(size / 20) : 1;
  return {
    type: "ordinal",
    scale: { padding: 0 },
    axis: {
      title: axisTitle(title),
      labelAngle: labels === undefined ? 0 : angle,
      labelExpr: labels === undefined ? "datum.value" : placeName(labels.map(cleanText)),
      values: Array.from({ length: size }, (_, i) => i).filter((i) => i % every === 0),
      labelLimit: 200,
      labelPadding: 6,
      labelOverlap: false,
      grid: false,
      domain: false,
      ticks: false,
    },
  };
}
