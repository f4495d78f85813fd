import { OptionError } from "../errors.ts";
import { AvgMetric, type MetricFunc } from "./avgMetric.ts";
import { Metric } from "./metric.ts";

const factoryMark: unique symbol = Symbol.for("layerwise.metricFactory");

/** Makes a new metric from options, all of them optional: `f1Score()`, `f1Score({ average: "macro" })`. */
export type MetricFactory<Options extends object = object> = ((options?: Options) => Metric) & {
  readonly [factoryMark]: true;
};

/** What a list of metrics may hold: a function, a metric, a metric class, or a factory with its default options. */
export type MetricLike = MetricFunc | Metric | (new () => Metric) | MetricFactory<never>;

/** A factory from `make`, which gets the options or `{}`. A list of metrics may name it without calling it. */
export function metricFactory<Options extends object>(make: (options: Options) => Metric): MetricFactory<Options> {
  const factory = (options?: Options) => make(options ?? ({} as Options));
  return Object.assign(factory, { [factoryMark]: true as const });
}

/** A metric from anything a list of metrics may hold; functions are averaged over the data. */
export function mkMetric(metric: MetricLike): Metric {
  if (metric instanceof Metric) return metric;
  if (typeof metric !== "function") {
    throw new OptionError("metrics", {
      given: `${typeof metric}`,
      expected: "a function of predictions and targets, a Metric, a metric class or a factory such as `f1Score`",
    });
  }
  if (metric.prototype instanceof Metric) return new (metric as new () => Metric)();
  if (factoryMark in metric) return (metric as MetricFactory)();
  return new AvgMetric(metric as MetricFunc);
}
