import { useBackend } from "../backend/index.ts";
import { checkOptions } from "../checkOptions.ts";
import { StateError } from "../errors.ts";
import type { CallbackLike } from "./callbackList.ts";
import type { DataSource } from "./dataSource.ts";
import type { Learner } from "./learner.ts";
import type { MetricRow } from "./recorder.ts";

export interface ValidateOptions<X = unknown, Y = unknown> {
  /** Which of the learner's loaders. @defaultValue 1, validation */
  dsIdx?: number;
  /** A loader of its own instead. */
  dl?: DataSource<X, Y>;
  /** Callbacks for this pass only. */
  cbs?: readonly CallbackLike[];
}

/**
 * Runs `body` between `beforeFit` and `afterFit` without rows, bars and training callbacks. The recorder's history,
 * the batch and the modes of the model are put back afterwards, so looking at a model does not change it.
 * @param inner - true within a running fit, at any event: fires no fit events
 */
export async function withValidation<T>(
  learn: Learner,
  body: () => T | Promise<T>,
  cbs: readonly CallbackLike[] = [],
  inner = false,
): Promise<T> {
  const { training, epoch, nEpoch, trainIter, pctTrain, dl, iter, nIter, recorder } = learn;
  const history = recorder?.history();
  const { hps, metricNames } = recorder ?? {};
  const trainOnly = learn.cbs.filter((cb) => cb.trainOnly);
  const modes = learn.model.modules().map((module) => [module, module.training] as const);
  const restoreBatch = learn.setBatchAside();
  const run = async (): Promise<T> => {
    if (!inner) {
      await learn.event("beforeFit");
      await learn.event("beforeEpoch");
    }
    const result = await body();
    if (!inner) {
      await learn.event("afterEpoch");
      await learn.event("afterFit");
    }
    return result;
  };
  try {
    return await learn.withRemovedCbs(trainOnly, () =>
      learn.withNoMbar(() => learn.withNoLogging(() => learn.withAddedCbs(cbs, run))),
    );
  } finally {
    if (!inner) for (const cb of learn.cbs) cb.cleanUp?.();
    restoreBatch();
    Object.assign(learn, { training, epoch, nEpoch, trainIter, pctTrain, dl, iter, nIter });
    if (recorder && history) {
      recorder.setHistory(history);
      Object.assign(recorder, { hps, metricNames });
    }
    if (training) for (const [module, mode] of modes) module.train(mode); // parents first, so each ends in its own mode
  }
}

/** One pass without training. @returns validation loss, then the metrics */
export async function validate(learn: Learner, options: ValidateOptions = {}): Promise<MetricRow> {
  checkOptions("Learner.validate", options, { dsIdx: true, dl: true, cbs: true });
  const { dsIdx = 1, dl, cbs = [] } = options;
  await useBackend();
  const loader = dl ?? learn.dls.get(dsIdx);
  if (learn.recorder === undefined) {
    throw new StateError("Learner.validate", {
      given: "a learner without a Recorder",
      expected: "the callback that computes losses and metrics",
      fix: "keep the default callbacks, or add `new Recorder()`; `getPreds` needs none",
    });
  }
  if (loader.itemCount === 0) {
    throw new StateError("Learner.validate", {
      given: "a loader without items",
      expected: "at least one item",
      fix: "give the splitter a larger validation part, or pass another loader as `dl`",
    });
  }
  await withValidation(learn, () => learn.validateEpoch(loader), cbs);
  return learn.finalRecord.slice(-1 - learn.metrics.length); // training columns, if any, come before
}
