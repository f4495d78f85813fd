import { PlotError } from "../plotError.ts";
import { cleanText } from "../text/escape.ts";

/** What every chart with axes can say. */
export interface ChartLabels {
  title?: string | undefined;
  xLabel?: string | undefined;
  yLabel?: string | undefined;
  /** Width of the plotting area in CSS pixels. */
  width?: number | undefined;
  /** Height of the plotting area in CSS pixels. */
  height?: number | undefined;
}

/** A title as Vega-Lite takes it: one string per line, or nothing. */
export function vegaTitle(title: string | undefined): string[] | undefined {
  return title === undefined || title === "" ? undefined : cleanText(title).split("\n");
}

/** An axis title as Vega-Lite takes it; null keeps it from inventing one. */
export function axisTitle(label: string | undefined): string | null {
  return label === undefined || label === "" ? null : cleanText(label);
}

/** A Vega expression that names the bars or cells, whose data are places 0, 1, 2, … */
export function placeName(names: readonly string[]): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16)}`; // what Vega's parser stumbles over
  return `${JSON.stringify(names).replace(/[\u2028\u2029]/g, escaped)}[datum.value]`;
}

/** @throws {@link PlotError} if the plotting area has no size or an absurd one */
export function checkSize(where: string, { width, height }: ChartLabels): void {
  for (const [name, value] of [["width", width] as const, ["height", height] as const]) {
    if (value !== undefined && !(value >= 16 && value <= 8192)) {
      throw new PlotError(where, { given: `${name} ${value}`, expected: "16 to 8192 pixels" });
    }
  }
}

/** A number for a label: whole numbers as they are, others with at most `digits` significant digits. */
export function formatNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return String(value);
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? String(value) : String(Number(value.toPrecision(digits)));
}

/** An axis format for numbers whose zeros nobody wants to count; the ordinary ones keep Vega's own. */
export function extremeFormat(values: readonly number[]): { format?: string } {
  const largest = values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);
  return largest > 0 && (largest < 1e-4 || largest >= 1e7) ? { format: ".3~e" } : {};
}
