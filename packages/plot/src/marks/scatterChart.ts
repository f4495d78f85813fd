import type { TopLevelSpec } from "vega-lite";
import { categoryColors } from "../colors.ts";
import type { Drawing } from "../drawing.ts";
import { Figure } from "../figure.ts";
import { PlotError } from "../plotError.ts";
import { drawVegaLite } from "../render/vega.ts";
import { cleanText } from "../text/escape.ts";
import { axisTitle, type ChartLabels, checkSize, extremeFormat, formatNumber, vegaTitle } from "./chartText.ts";

export interface ScatterChartOptions extends ChartLabels {
  x: readonly number[];
  y: readonly number[];
  /** A name beside each dot; an empty one leaves the dot alone. */
  labels?: readonly string[] | undefined;
}

/**
 * A dot for each pair of numbers; pairs that are not finite are left out.
 * @throws {@link PlotError} if x, y and labels differ in number, or no pair is finite
 */
export function scatterChart(options: ScatterChartOptions): Figure<ScatterChartOptions> {
  const where = "scatterChart";
  const { x, y, labels } = options;
  checkSize(where, options);
  if (x.length !== y.length || (labels !== undefined && labels.length !== x.length)) {
    const names = labels === undefined ? "" : ` and ${labels.length} labels`;
    throw new PlotError(where, { given: `${x.length} x, ${y.length} y${names}`, expected: "as many of each" });
  }
  if (dotsOf(options).length === 0) {
    throw new PlotError(where, { given: `${x.length} dots, none finite`, expected: "one or more finite pairs" });
  }
  return new Figure({ kind: where, data: options, draw, toText });
}

function dotsOf({ x, y, labels }: ScatterChartOptions): { x: number; y: number; label: string }[] {
  return x
    .map((value, i) => ({ x: value, y: y[i]!, label: cleanText(labels?.[i] ?? "") }))
    .filter((dot) => Number.isFinite(dot.x) && Number.isFinite(dot.y));
}

function toText(options: ScatterChartOptions): string {
  const dots = dotsOf(options).map(
    ({ x, y, label }) => `${label === "" ? "" : `${label}: `}(${formatNumber(x)}, ${formatNumber(y)})`,
  );
  return [...(options.title === undefined ? [] : [options.title]), ...dots].join("\n");
}

async function draw(options: ScatterChartOptions): Promise<Drawing> {
  const { width = 640, height = 480 } = options;
  const dots = dotsOf(options);
  const position = (field: "x" | "y", label: string | undefined) => ({
    field,
    type: "quantitative",
    axis: { title: axisTitle(label), tickCount: 6, ...extremeFormat(dots.map((dot) => dot[field])) },
    scale: { zero: false, nice: true, padding: 12 },
  });
  const encoding = { x: position("x", options.xLabel), y: position("y", options.yLabel) };
  const title = vegaTitle(options.title);
  return drawVegaLite({
    width,
    height,
    ...(title === undefined ? {} : { title }),
    data: { values: dots },
    layer: [
      { mark: { type: "circle", size: 36, opacity: 0.8, color: categoryColors[0]! }, encoding },
      {
        transform: [{ filter: "datum.label !== ''" }],
        mark: { type: "text", align: "left", dx: 6, fontSize: 10, limit: 180 },
        encoding: { ...encoding, text: { field: "label", type: "nominal" } },
      },
    ],
  } as unknown as TopLevelSpec);
}
