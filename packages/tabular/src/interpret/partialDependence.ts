import { checkOptions, OptionError } from "@layerwise/core";
import type { Learner } from "@layerwise/core/learner";
import type { Category } from "@layerwise/data";
import { barChart, type Figure, lineChart } from "@layerwise/plot";
import type { TabDataLoader } from "../loaders/tabDataLoader.ts";
import { TabularDataset } from "../loaders/tabularDataset.ts";
import { Column } from "../table/column.ts";
import type { TableRow } from "../table/table.ts";
import { TabularTable } from "../tabularTable.ts";

export interface PartialDependenceOptions {
  /** Values to try. @defaultValue 20 evenly spread over the column, or all of its categories */
  grid?: readonly (number | Category)[];
  /** Which output. @defaultValue the last: the class that is meant by "yes", or the only number */
  output?: number;
  /** Most rows to average over; the first of the split. @defaultValue 1000 */
  maxRows?: number;
  /** Which of the learner's loaders. @defaultValue 1, validation */
  dsIdx?: number;
}

/** What the model says on average if a column has one value in all rows. */
export interface PartialDependence {
  readonly column: string;
  readonly values: readonly (number | Category)[];
  /** What is averaged: the probability of a class, or the number. */
  readonly output: string;
  /** Mean prediction for each value. */
  readonly means: readonly number[];
  readonly figure: Figure;
}

/**
 * How the prediction depends on one column, all else being equal: each value is put into all rows, and the predictions
 * are averaged.
 * @see Friedman 2001, "Greedy function approximation", section 8.2
 * @throws {@link OptionError} for a column that is no input
 */
export async function partialDependence<Y>(
  learn: Learner<TableRow, Y>,
  column: string,
  options: PartialDependenceOptions = {},
): Promise<PartialDependence> {
  checkOptions("partialDependence", options, { grid: true, output: true, maxRows: true, dsIdx: true });
  const { maxRows = 1000, dsIdx = 1 } = options;
  const dl = learn.dls.get(dsIdx).with({ shuffle: false, dropLast: false }) as TabDataLoader<Y>;
  const { to } = dl.dataset;
  const rows = to.rows(Uint32Array.from({ length: Math.min(maxRows, to.length) }, (_, i) => i));
  const values = options.grid ?? gridOf(rows, column);
  const means: number[] = [];
  let output = options.output ?? 0;
  const encoded = to.processing.encodeColumn(column, Column.from(values));
  for (const at of values.keys()) {
    const filled = encoded.take(new Uint32Array(rows.length).fill(at));
    const table = TabularTable.of<Y>(to.processing, rows.table.with(column, filled));
    const { preds } = await learn.getPreds({ dl: dl.withDataset(new TabularDataset(table, { splitIdx: 1 })) });
    const width = preds.values.length / rows.length;
    output = options.output ?? width - 1;
    let sum = 0;
    for (let i = 0; i < rows.length; i++) sum += preds.values[i * width + output]!;
    means.push(sum / rows.length);
  }
  const { vocab, yNames } = to;
  const name = vocab ? `probability of ${vocab[output]}` : `mean ${yNames[output] ?? "prediction"}`;
  return { column, values, means, output: name, figure: draw(column, values, means, name) };
}

function gridOf(to: TabularTable<unknown>, column: string): (number | Category)[] {
  if (to.catNames.includes(column)) return [...to.classes[column]!].slice(1);
  if (!to.contNames.includes(column)) {
    throw new OptionError("partialDependence", {
      given: `the column "${column}"`,
      expected: `an input: ${[...to.catNames, ...to.contNames].join(", ")}`,
    });
  }
  const values = to.processing
    .decode(to.table.select([column]))
    .column(column)
    .toNumbers(column);
  const sorted = Float64Array.from(values).sort();
  const [low, high] = [sorted[0]!, sorted.at(-1)!];
  return Array.from({ length: 20 }, (_, i) => low + ((high - low) * i) / 19);
}

function draw(
  column: string,
  values: readonly (number | Category)[],
  means: readonly number[],
  output: string,
): Figure {
  const title = `Partial dependence of ${column}`;
  if (values.every((value) => typeof value === "number")) {
    const series = [{ name: output, x: values as number[], y: [...means], points: true }];
    return lineChart({ series, xLabel: column, yLabel: output, title });
  }
  return barChart({ labels: values.map(String), values: means, horizontal: true, xLabel: output, title });
}
