import { FileFormatError, StateError } from "../errors.ts";
import { type MetricConfig, metricFromConfig, metricRegistry, metricToConfig } from "../metrics/index.ts";
import type { Registry } from "../registry.ts";
import type { Callback } from "./callback.ts";
import {
  type CallbackConfig,
  callbackFromConfig,
  callbackRegistry,
  callbackToConfig,
  changesPredictions,
} from "./callbackRegistry.ts";
import type { Learner } from "./learner.ts";
import type { LearnerOptions } from "./learnerOptions.ts";
import { oneGroup, paramSplitters, splitterName } from "./paramSplitters.ts";

/** What a learner has beside data, model and loss, by registered names. */
export interface ExportedParts {
  readonly metrics: readonly MetricConfig[];
  readonly callbacks: readonly CallbackConfig[];
  readonly splitter: string;
  /** Groups before this one are frozen. */
  readonly frozenIdx: number;
}

/**
 * Parts of the learner that have a name in a registry; says which are left out.
 * @throws {@link StateError} for a callback without which the model would predict something else
 */
export function partsToConfig(learn: Learner): ExportedParts {
  const left: string[] = [];
  const metrics = learn.metrics.flatMap((metric) => {
    const config = metricToConfig(metric);
    if (config === null) left.push(`the metric "${metric.name}" (name it with \`metricRegistry.add\`)`);
    return config ?? [];
  });
  const callbacks = learn.cbs.flatMap((cb) => {
    const config = callbackToConfig(cb);
    if (config === null) left.push(leaveOut(cb));
    return config ?? [];
  });
  const splitter = splitterName(learn.splitter);
  if (splitter === undefined) left.push("the splitter (name it with `paramSplitters.add`)");
  if (left.length > 0) console.warn(`Learner.export leaves out ${left.join(", ")}.`);
  const frozenIdx = splitter === undefined ? 0 : (learn.opt?.frozenIdx ?? 0);
  return { metrics, callbacks, splitter: splitter ?? "oneGroup", frozenIdx };
}

function leaveOut(cb: Callback): string {
  if (!changesPredictions(cb)) return `the callback ${cb.constructor.name}`;
  throw new StateError("Learner.export", {
    given: `${cb.constructor.name}, which changes what the model gets or predicts and is not registered`,
    expected: "callbacks that the file can name",
    fix: "register its class with `addCallback`, or take it off with `learn.removeCb` before you export",
  });
}

/**
 * Options for a learner from what `partsToConfig` wrote. What is not registered here is left out, with a warning,
 * unless predictions depend on it.
 * @throws {@link FileFormatError} for something else, {@link OptionError} for a callback that predictions need
 */
export function partsFromConfig(file: string, config: unknown): { options: LearnerOptions; frozenIdx: number } {
  if (!isParts(config)) {
    throw new FileFormatError(file, {
      given: "a damaged list of metrics and callbacks",
      expected: "a file of `learn.export`, as it was written",
      fix: "export the learner again",
    });
  }
  const { metrics, callbacks, splitter, frozenIdx } = config;
  const isHere = isRegistered(paramSplitters, splitter);
  return {
    options: {
      metrics: metrics.filter(({ name }) => isRegistered(metricRegistry, name)).map(metricFromConfig),
      cbs: callbacks
        .filter(({ name, essential }) => essential || isRegistered(callbackRegistry, name))
        .map(callbackFromConfig),
      defaultCbs: false,
      splitter: isHere ? paramSplitters.get(splitter) : oneGroup,
    },
    frozenIdx: isHere ? frozenIdx : 0,
  };
}

function isRegistered(registry: Registry<unknown>, name: string): boolean {
  if (registry.has(name)) return true;
  console.warn(
    `The ${registry.kind} "${name}" is not registered here and is left out: import the package that defines it.`,
  );
  return false;
}

function isParts(config: unknown): config is ExportedParts {
  const { metrics, callbacks, splitter, frozenIdx } = (config ?? {}) as { [K in keyof ExportedParts]?: unknown };
  const isNamed = (row: unknown): boolean => typeof (row as { name?: unknown } | null)?.name === "string";
  return (
    Array.isArray(metrics) &&
    metrics.every(isNamed) &&
    Array.isArray(callbacks) &&
    callbacks.every(isNamed) &&
    typeof splitter === "string" &&
    Number.isSafeInteger(frozenIdx) &&
    (frozenIdx as number) >= 0
  );
}
