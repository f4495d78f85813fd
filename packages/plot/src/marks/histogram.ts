import type { TopLevelSpec } from "vega-lite";
import { categoryColors } from "../colors.ts";
import type { Drawing } from "../drawing.ts";
import { Figure } from "../figure.ts";
import { PlotError } from "../plotError.ts";
import { drawVegaLite } from "../render/vega.ts";
import { axisTitle, type ChartLabels, checkSize, extremeFormat, formatNumber, vegaTitle } from "./chartText.ts";

export interface HistogramOptions extends ChartLabels {
  /** What is counted; values that are not finite are left out. */
  values: ArrayLike<number>;
  /** Number of bins of equal width. Defaults to 30. */
  bins?: number | undefined;
}

/** The counts that are drawn, with the edges of the bins: one edge more than counts. */
export interface HistogramData extends ChartLabels {
  counts: readonly number[];
  edges: readonly number[];
  /** Values left out, being NaN or infinite. */
  skipped: number;
}

/**
 * How often values fall into bins of equal width.
 * @throws {@link PlotError} if no value is finite, or `bins` is not a whole number above 0
 */
export function histogram({ values, bins = 30, ...labels }: HistogramOptions): Figure<HistogramData> {
  const where = "histogram";
  checkSize(where, labels);
  if (!Number.isInteger(bins) || bins < 1 || bins > 10_000) {
    throw new PlotError(where, { given: `bins ${bins}`, expected: "a whole number from 1 to 10000" });
  }
  const finite = Array.from(values).filter(Number.isFinite);
  if (finite.length === 0) {
    throw new PlotError(where, {
      given: `${values.length} values, none finite`,
      expected: "one or more finite values",
    });
  }
  const data: HistogramData = { ...labels, ...count(finite, bins), skipped: values.length - finite.length };
  return new Figure({ kind: where, data, draw, toText });
}

function count(values: readonly number[], bins: number): { counts: number[]; edges: number[] } {
  let [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const counts = new Array<number>(bins).fill(0);
  const span = high - low;
  for (const value of values) counts[Math.min(bins - 1, Math.floor(((value - low) / span) * bins))]!++;
  const edges = Array.from({ length: bins + 1 }, (_, i) => low + (span * i) / bins);
  return { counts, edges };
}

function toText({ title, counts, edges, skipped }: HistogramData): string {
  const total = counts.reduce((a, b) => a + b, 0);
  const left = skipped === 0 ? "" : `, ${skipped} not finite`;
  const range = `${formatNumber(edges[0]!)} to ${formatNumber(edges.at(-1)!)}`;
  return `${title === undefined ? "" : `${title}: `}${total} values, ${range}, in ${counts.length} bins${left}`;
}

async function draw({ counts, edges, width = 480, height = 280, ...labels }: HistogramData): Promise<Drawing> {
  const title = vegaTitle(labels.title);
  return drawVegaLite({
    ...(title === undefined ? {} : { title }),
    width,
    height,
    data: { values: counts.map((n, i) => ({ from: edges[i], to: edges[i + 1], n, zero: 0 })) },
    mark: { type: "rect", color: categoryColors[0]!, stroke: "white", strokeWidth: counts.length > 100 ? 0 : 0.5 },
    encoding: {
      x: {
        field: "from",
        type: "quantitative",
        scale: { zero: false, nice: false },
        axis: { title: axisTitle(labels.xLabel), tickCount: 6, grid: false, ...extremeFormat(edges) },
      },
      x2: { field: "to" },
      y: {
        field: "n",
        type: "quantitative",
        axis: { title: axisTitle(labels.yLabel ?? "count"), tickCount: 6, tickMinStep: 1 },
      },
      y2: { field: "zero" },
    },
  } as unknown as TopLevelSpec);
}
