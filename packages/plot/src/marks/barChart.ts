import type { TopLevelSpec } from "vega-lite";
import { categoryColors } from "../colors.ts";
import type { Drawing } from "../drawing.ts";
import { Figure } from "../figure.ts";
import { PlotError } from "../plotError.ts";
import { drawVegaLite } from "../render/vega.ts";
import { cleanText } from "../text/escape.ts";
import {
  axisTitle,
  type ChartLabels,
  checkSize,
  extremeFormat,
  formatNumber,
  placeName,
  vegaTitle,
} from "./chartText.ts";

export interface BarChartOptions extends ChartLabels {
  /** A name for each bar, in drawing order. */
  labels: readonly string[];
  /** A value for each bar; one that is not finite leaves its place empty. */
  values: readonly number[];
  /** Whether the bars lie, which suits long names. Defaults to false. */
  horizontal?: boolean | undefined;
}

/**
 * A bar for each named value, from zero.
 * @throws {@link PlotError} if there is no finite value, or names and values differ in number
 */
export function barChart(options: BarChartOptions): Figure<BarChartOptions> {
  const where = "barChart";
  const { labels, values } = options;
  checkSize(where, options);
  if (labels.length !== values.length) {
    const given = `${labels.length} labels and ${values.length} values`;
    throw new PlotError(where, { given, expected: "one label per value" });
  }
  if (!values.some(Number.isFinite)) {
    throw new PlotError(where, {
      given: `${values.length} values, none finite`,
      expected: "one or more finite values",
    });
  }
  return new Figure({ kind: where, data: options, draw, toText });
}

function toText({ title, labels, values }: BarChartOptions): string {
  const bars = labels.map((label, i) => `${label}: ${formatNumber(values[i]!)}`);
  return [...(title === undefined ? [] : [title]), ...bars].join("\n");
}

async function draw({ labels, values, horizontal = false, ...options }: BarChartOptions): Promise<Drawing> {
  const bars = values.map((value, i) => ({ place: i, value: Number.isFinite(value) ? value : null }));
  const names = labels.map(cleanText);
  const category = {
    field: "place",
    type: "ordinal",
    axis: {
      title: axisTitle(horizontal ? options.yLabel : options.xLabel),
      labelExpr: placeName(names),
      labelAngle: horizontal || labelsFit(names, options.width) ? 0 : -90,
      labelLimit: 200,
      labelOverlap: false,
      ticks: false,
    },
  };
  const amount = {
    field: "value",
    type: "quantitative",
    axis: { title: axisTitle(horizontal ? options.xLabel : options.yLabel), tickCount: 6, ...extremeFormat(values) },
  };
  const title = vegaTitle(options.title);
  return drawVegaLite({
    ...(title === undefined ? {} : { title }),
    width: options.width ?? (horizontal ? 400 : { step: Math.max(20, Math.min(60, 480 / labels.length)) }),
    height: options.height ?? (horizontal ? { step: 22 } : 280),
    data: { values: bars },
    mark: { type: "bar", color: categoryColors[0]! },
    encoding: horizontal ? { y: category, x: amount } : { x: category, y: amount },
  } as unknown as TopLevelSpec);
}

/** Whether names can stand upright below their bars. */
function labelsFit(names: readonly string[], width = 480): boolean {
  const room = Math.max(20, Math.min(60, width / names.length));
  return names.every((name) => name.length * 7 <= room);
}
