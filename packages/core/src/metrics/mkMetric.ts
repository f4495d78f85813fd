import { checkOptions, type KnownOptions } from "../checkOptions.ts";
import { OptionError } from "../errors.ts";
import { AvgMetric, type MetricFunc } from "./avgMetric.ts";
import { Metric } from "./metric.ts";

const factoryMark: unique symbol = Symbol.for("layerwise.metricFactory");

/** Makes a new metric from options, all of them optional: `f1Score()`, `f1Score({ average: "macro" })`. */
export type MetricFactory<Options extends object = object> = ((options?: Options) => Metric) & {
  readonly [factoryMark]: true;
};

/** The same with options of which some have to be given: `fBeta({ beta: 2 })`. */
export type MetricMaker<Options extends object> = ((options: Options) => Metric) & { readonly [factoryMark]: true };

/** What a list of metrics may hold: a function, a metric, a metric class, or a factory with its default options. */
export type MetricLike = MetricFunc | Metric | (new () => Metric) | MetricFactory<never>;

/**
 * A factory from `make`, which gets the options or `{}`. A list of metrics may name it without calling it.
 * @param known - what to call it in messages, and its options; others are then refused
 */
export function metricFactory<Options extends object>(
  make: (options: Options) => Metric,
  known?: { readonly name: string; readonly options: KnownOptions<NoInfer<Options>> },
): MetricFactory<Options> {
  const factory = (options?: Options) => {
    if (known && options !== undefined) checkOptions(known.name, options, known.options);
    const metric = make(options ?? ({} as Options));
    origins.set(metric, { from: marked, args: { ...options } });
    return metric;
  };
  const marked = Object.assign(factory, { [factoryMark]: true as const });
  return marked;
}

/** What made a metric, and with which options: enough to make it again. */
export interface MetricOrigin {
  readonly from: unknown;
  readonly args: Readonly<Record<string, unknown>>;
}

const origins = new WeakMap<Metric, MetricOrigin>();

/** The function, factory or class that a metric comes from. */
export function originOf(metric: Metric): MetricOrigin {
  const known = origins.get(metric);
  if (known) return known;
  if (metric.constructor !== AvgMetric) return { from: metric.constructor, args: {} };
  const { func, name } = metric as AvgMetric;
  return { from: func, args: name === new AvgMetric(func).name ? {} : { name } };
}

/** A metric from what `originOf` found, or from anything else that a list of metrics may hold. */
export function metricFrom({ from, args }: { from: MetricLike; args: Readonly<Record<string, unknown>> }): Metric {
  if (typeof from !== "function" || from.prototype instanceof Metric) return mkMetric(from);
  if (factoryMark in from) return (from as MetricFactory)(args);
  return new AvgMetric(from as MetricFunc, args);
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
