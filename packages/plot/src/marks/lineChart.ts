import type { TopLevelSpec } from "vega-lite";
import { categoryColors, categoryRgb, rgbToCss } from "../colors.ts";
import type { Drawing } from "../drawing.ts";
import { Figure } from "../figure.ts";
import { PlotError } from "../plotError.ts";
import { drawVegaLite } from "../render/vega.ts";
import { cleanText } from "../text/escape.ts";
import { axisTitle, type ChartLabels, checkSize, extremeFormat, formatNumber, vegaTitle } from "./chartText.ts";
import { logTicks } from "./logTicks.ts";
import { type AxisScale, type Series, toSegments } from "./segments.ts";

/** A labelled dot on a line chart. */
export interface LineMark {
  x: number;
  y: number;
  label: string;
}

export interface LineChartOptions extends ChartLabels {
  series: readonly Series[];
  /** Defaults to "linear". On a log axis, values of zero or less leave a gap. */
  xScale?: AxisScale | undefined;
  /** Defaults to "linear". */
  yScale?: AxisScale | undefined;
  /** From and to, instead of the range of the values. */
  xDomain?: readonly [number, number] | undefined;
  /** From and to, instead of the range of the values. */
  yDomain?: readonly [number, number] | undefined;
  /** Labelled dots, named in a legend. */
  marks?: readonly LineMark[] | undefined;
  /** Places of gray dotted vertical lines. */
  vLines?: readonly number[] | undefined;
}

/**
 * Lines over a common x axis.
 * @throws {@link PlotError} if no series has a value that can be drawn, or x and y differ in length
 */
export function lineChart(options: LineChartOptions): Figure<LineChartOptions> {
  const where = "lineChart";
  const { series, xScale = "linear", yScale = "linear" } = options;
  checkSize(where, options);
  for (const { name, x, y } of series) {
    if (x !== undefined && x.length !== y.length) {
      throw new PlotError(where, {
        given: `series "${name}" with ${x.length} x and ${y.length} y values`,
        expected: "as many x as y values",
      });
    }
  }
  if (new Set(series.map(({ name }) => name)).size < series.length) {
    const given = `series ${series.map(({ name }) => `"${name}"`).join(", ")}`;
    throw new PlotError(where, { given, expected: "a different name for each series" });
  }
  if (!series.some((one) => toSegments(one, xScale, yScale).length > 0)) {
    throw new PlotError(where, {
      given: `${series.length} series without a value that can be drawn`,
      expected: `one or more finite values${yScale === "log" || xScale === "log" ? ", above 0 on a log axis" : ""}`,
    });
  }
  return new Figure({ kind: where, data: options, draw, toText });
}

function toText({ title, series, marks = [] }: LineChartOptions): string {
  const lines = series.map(({ name, y }) => {
    const finite = y.filter(Number.isFinite);
    const [low, high] = [
      finite.reduce((a, b) => Math.min(a, b), Infinity),
      finite.reduce((a, b) => Math.max(a, b), -Infinity),
    ];
    const range = finite.length === 0 ? "none finite" : `${formatNumber(low)} to ${formatNumber(high)}`;
    const last = finite.length === 0 ? "" : `, last ${formatNumber(finite.at(-1)!)}`;
    return `${name === "" ? "values" : name}: ${y.length} values, ${range}${last}`;
  });
  const labelled = marks.map(({ label, x, y }) => `${label}: (${formatNumber(x)}, ${formatNumber(y)})`);
  return [...(title === undefined ? [] : [title]), ...lines, ...labelled].join("\n");
}

async function draw(options: LineChartOptions): Promise<Drawing> {
  const { series, marks = [], vLines = [], xScale = "linear", yScale = "linear", width = 480, height = 300 } = options;
  const names = series.map(({ name }) => cleanText(name));
  const points = series.flatMap((one) => toSegments({ ...one, name: cleanText(one.name) }, xScale, yScale));
  const usable = (value: number, scale: AxisScale) => Number.isFinite(value) && (scale === "linear" || value > 0);
  const drawnMarks = marks.filter(({ x, y }) => usable(x, xScale) && usable(y, yScale));
  const rules = vLines.filter((x) => usable(x, xScale));
  const xs = [...points.map(({ x }) => x), ...drawnMarks.map(({ x }) => x), ...rules];
  const ys = [...points.map(({ y }) => y), ...drawnMarks.map(({ y }) => y)];
  const x = { field: "x", type: "quantitative", ...axis(xs, xScale, options.xLabel, options.xDomain) };
  const y = { field: "y", type: "quantitative", ...axis(ys, yScale, options.yLabel, options.yDomain) };
  const color = {
    field: "series",
    type: "nominal",
    sort: null,
    scale: { domain: names, range: names.map((_, i) => rgbToCss(categoryRgb(i))) },
    legend: names.length > 1 ? { title: null } : null,
  };
  const dots = points.filter(({ dot }) => dot);
  const clip = options.xDomain !== undefined || options.yDomain !== undefined;
  const layer: unknown[] = [
    { data: { values: rules.map((value) => ({ x: value })) }, mark: RULE, encoding: { x } },
    {
      data: { values: points },
      mark: { type: "line", strokeWidth: 1.8, clip },
      encoding: { x, y, color, detail: { field: "segment" }, order: { value: null } },
    },
    {
      data: { values: dots },
      mark: { type: "circle", size: 36, opacity: 1, clip },
      encoding: { x, y, color: { ...color, legend: null } },
    },
  ];
  if (drawnMarks.length > 0) layer.push(markLayer(drawnMarks, x, y));
  const title = vegaTitle(options.title);
  return drawVegaLite({
    width,
    height,
    ...(title === undefined ? {} : { title }),
    layer,
    resolve: { scale: { color: "independent", shape: "independent" } },
  } as unknown as TopLevelSpec);
}

const RULE = { type: "rule", color: "#888888", strokeDash: [2, 3] };

// Powers far from 1 are read faster as 1e-5 than as 0.00001.
const LOG_LABEL =
  "datum.value < 0.01 || datum.value >= 1e5 ? replace(format(datum.value, '~e'), '+', '') : format(datum.value, '~g')";

function axis(values: number[], scale: AxisScale, label: string | undefined, domain?: readonly [number, number]) {
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const range = domain ?? (low === high ? around(low, scale) : undefined);
  const ticks =
    scale === "log"
      ? { values: logTicks(...(range ?? [low, high])), labelExpr: LOG_LABEL }
      : { tickCount: 6, ...extremeFormat(range ?? [low, high]) };
  return {
    axis: { title: axisTitle(label), ...ticks },
    scale: {
      type: scale,
      nice: scale === "linear" && range === undefined,
      ...(scale === "linear" && { zero: false }),
      ...(range && { domain: range }),
    },
  };
}

/** A range for a line that has none of its own. */
function around(value: number, scale: AxisScale): [number, number] {
  if (scale === "log") return [value / 2, value * 2];
  const margin = value === 0 ? 1 : Math.abs(value) * 0.1;
  return [value - margin, value + margin];
}

/** Dots told apart by color and by shape; the palette is taken from its second color on, the first being the line's. */
function markLayer(marks: readonly LineMark[], x: object, y: object): unknown {
  const labels = [...new Set(marks.map(({ label }) => cleanText(label)))];
  const legend = { title: null };
  const scale = {
    domain: labels,
    range: labels.map((_, i) => categoryColors[1 + ((i + 2) % (categoryColors.length - 1))]),
  };
  return {
    data: { values: marks.map((mark) => ({ ...mark, label: cleanText(mark.label) })) },
    mark: { type: "point", filled: true, size: 90, opacity: 1, stroke: "white", strokeWidth: 1 },
    encoding: {
      x,
      y,
      color: { field: "label", type: "nominal", sort: null, scale, legend },
      shape: { field: "label", type: "nominal", sort: null, scale: { domain: labels }, legend },
    },
  };
}
