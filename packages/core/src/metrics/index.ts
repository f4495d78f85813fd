export { accuracy, errorRate } from "./accuracy.ts";
export {
  AvgLoss,
  AvgMetric,
  AvgSmoothLoss,
  type AvgSmoothLossOptions,
  BatchMean,
  type MetricFunc,
  metricFunc,
} from "./avgMetric.ts";
export { Metric, type MetricInput, ValueMetric } from "./metric.ts";
export { type MetricFactory, type MetricLike, metricFactory, mkMetric } from "./mkMetric.ts";
