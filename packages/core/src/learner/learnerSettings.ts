import { type HyperValue, LrSlice, type OptimizerConfig, optFuncFromConfig, optimizers } from "../optim/index.ts";
import { callbackToConfig } from "./callbackRegistry.ts";
import type { JsonValue } from "./dataSource.ts";
import { defaults } from "./defaults.ts";
import type { Learner } from "./learner.ts";
import type { LearnerOptions } from "./learnerOptions.ts";

/** How a learner trains, as plain data. */
export function settingsToConfig(learn: Learner): JsonValue {
  const { lr, wd, moms, wdBnBias, trainBn } = learn;
  const rate = lr instanceof LrSlice ? { start: lr.start ?? null, stop: lr.stop } : lr;
  return { lr: rate, wd, moms, wdBnBias, trainBn, optimizer: optimizerConfig(learn) as JsonValue };
}

/** What a learner is made of, as plain data, for logs and reports. */
export function gatherArgs(learn: Learner): Record<string, JsonValue> {
  const { model, lossFunc, cbs, metrics, dls } = learn;
  return {
    model: (model.arch as JsonValue | undefined) ?? model.constructor.name,
    loss: typeof lossFunc === "function" ? lossFunc.name : (lossFunc.toConfig() as unknown as JsonValue),
    ...(settingsToConfig(learn) as Record<string, JsonValue>),
    bs: dls.train.bs,
    items: dls.train.itemCount,
    metrics: metrics.map(({ name }) => name),
    callbacks: cbs.map((cb) => ({ name: cb.name, args: callbackToConfig(cb)?.args ?? {} })),
  };
}

/** Of the optimizer, or of one made to be asked: a learner that never trained has none. */
function optimizerConfig({ opt, optFunc, splitter, model }: Learner): OptimizerConfig | null {
  const asked = opt ?? optFunc(splitter(model), { lr: defaults.lr });
  if (opt === null) asked.dispose();
  return asked.config ?? null;
}

/** Options for a new learner; what is missing or of another kind keeps its default. */
export function settingsFromConfig(config: unknown): LearnerOptions {
  const { lr, wd, moms, wdBnBias, trainBn, optimizer } = (config ?? {}) as Record<string, unknown>;
  const rate = rateFrom(lr);
  return {
    ...(rate === undefined ? {} : { lr: rate }),
    ...(isNumber(wd) ? { wd } : {}),
    ...(isNumbers(moms) && moms.length === 3 ? { moms: moms as [number, number, number] } : {}),
    ...(typeof wdBnBias === "boolean" ? { wdBnBias } : {}),
    ...(typeof trainBn === "boolean" ? { trainBn } : {}),
    ...(isOptimizer(optimizer) ? optimizerFrom(optimizer) : {}),
  };
}

function rateFrom(lr: unknown): HyperValue | undefined {
  if (isNumber(lr) || (isNumbers(lr) && lr.length > 0)) return lr;
  const { start, stop } = (lr ?? {}) as { start?: unknown; stop?: unknown };
  return isNumber(stop) ? new LrSlice(isNumber(start) ? start : undefined, stop) : undefined;
}

/** Prediction does not need the optimizer, so an unknown one is no reason to stop. */
function optimizerFrom(config: OptimizerConfig): LearnerOptions {
  if (optimizers.has(config.name)) return { optFunc: optFuncFromConfig(config) };
  console.warn(`The optimizer "${config.name}" is not registered here; further training would use the default one.`);
  return {};
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isNumber);
}

function isOptimizer(value: unknown): value is OptimizerConfig {
  const { name, args } = (value ?? {}) as { name?: unknown; args?: unknown };
  return typeof name === "string" && typeof args === "object" && args !== null;
}
