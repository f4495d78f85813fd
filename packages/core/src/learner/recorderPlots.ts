import { type Figure, lineChart, panels } from "@layerwise/plot";
import { checkOptions } from "../checkOptions.ts";
import { OptionError, StateError } from "../errors.ts";
import type { Recorder } from "./recorder.ts";

export interface PlotLossOptions {
  /** Batches left out at the start. @defaultValue 5 */
  skipStart?: number;
  /** @defaultValue true */
  withValid?: boolean;
  /** Both axes logarithmic. @defaultValue false */
  log?: boolean;
  /** Dotted lines where epochs end. @defaultValue false */
  showEpochs?: boolean;
}

/** Training and validation loss against training batches. */
export function plotLoss({ losses, iters, values, metricNames }: Recorder, options: PlotLossOptions): Figure {
  checkOptions("Recorder.plotLoss", options, { skipStart: true, withValid: true, log: true, showEpochs: true });
  const { skipStart = 5, withValid = true, log = false, showEpochs = false } = options;
  if (losses.length <= skipStart) {
    throw new StateError("Recorder.plotLoss", {
      given: `${losses.length} recorded batches`,
      expected: `more than skipStart (${skipStart})`,
      fix: "call it after `fit`, or pass `{ skipStart: 0 }`",
    });
  }
  const x = losses.map((_, i) => i).slice(skipStart);
  const series = [{ name: "train", x, y: losses.slice(skipStart) }];
  const column = metricNames.indexOf("valid_loss") - 1;
  if (withValid && column >= 0) {
    const points = iters
      .map((iter, epoch) => ({ x: iter, y: values[epoch]?.[column] }))
      .filter((p): p is { x: number; y: number } => p.x >= skipStart && typeof p.y === "number");
    if (points.length > 0) series.push({ name: "valid", x: points.map((p) => p.x), y: points.map((p) => p.y) });
  }
  const scale = log ? "log" : "linear";
  return lineChart({
    series,
    xLabel: "steps",
    yLabel: "loss",
    xScale: scale,
    yScale: scale,
    ...(showEpochs ? { vLines: iters } : {}),
  });
}

/** One panel per scheduled hyper-parameter. */
export function plotSched({ hps }: Recorder, keys: readonly string[]): Figure {
  if (keys.length === 0) {
    throw new StateError("Recorder.plotSched", {
      given: "no scheduled hyper-parameter",
      expected: "a fit with a schedule, such as `fitOneCycle`",
    });
  }
  const unknown = keys.find((key) => hps[key] === undefined);
  if (unknown !== undefined) {
    throw new OptionError("Recorder.plotSched", {
      given: `"${unknown}"`,
      expected: `one of ${Object.keys(hps).join(", ") || "the scheduled hyper-parameters; nothing was scheduled"}`,
    });
  }
  const charts = keys.map((key) => {
    const y = hps[key] ?? [];
    return lineChart({ series: [{ name: key, x: y.map((_, i) => i), y }], xLabel: "steps", yLabel: key });
  });
  return panels(charts, { cols: Math.min(2, charts.length) });
}
