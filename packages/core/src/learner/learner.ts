import type { Figure } from "@layerwise/plot";
import { useBackend } from "../backend/index.ts";
import { checkOptions } from "../checkOptions.ts";
import { OptionError } from "../errors.ts";
import type { LossFunc } from "../losses/index.ts";
import { type Metric, type MetricLike, mkMetric } from "../metrics/index.ts";
import type { AnyModule } from "../nn/index.ts";
import { adam, type HyperValue, type OptFunc, type Optimizer } from "../optim/index.ts";
import { rng } from "../random.ts";
import { CallbackHost } from "./callbackHost.ts";
import { type CallbackLike, listed } from "./callbackList.ts";
import { checkParts, requireBatches } from "./checkParts.ts";
import { createOpt } from "./createOpt.ts";
import type { Batch, DataSource, DataSources, JsonValue, PassStart } from "./dataSource.ts";
import { defaults } from "./defaults.ts";
import { exportLearner } from "./export.ts";
import {
  FIT_OPTIONS,
  type FineTuneOptions,
  type FitFlatCosOptions,
  type FitOneCycleOptions,
  type FitSgdrOptions,
  fineTune,
  fitFlatCos,
  fitOneCycle,
  fitSgdr,
  withRate,
} from "./fit.ts";
import { type GetPredsOptions, getPredItems, getPreds, type PredictedItem, type Predictions } from "./getPreds.ts";
import { type FitOptions, LEARNER_OPTIONS, type LearnerOptions, type ParamSplitter } from "./learnerOptions.ts";
import { gatherArgs } from "./learnerSettings.ts";
import { type Logger, printRow } from "./logger.ts";
import { type LrFindOptions, type LrFindResult, lrFind } from "./lrFind.ts";
import { oneGroup } from "./paramSplitters.ts";
import { type Prediction, type PredictOptions, predict } from "./predict.ts";
import { ProgressCallback } from "./progress.ts";
import type { MetricRow } from "./recorder.ts";
import { prepareFit } from "./resume.ts";
import { type LoadModelOptions, loadWeights, type SaveModelOptions, saveWeights } from "./save.ts";
import { withLossNotReduced, withNoLogging, withNoMbar } from "./scopes.ts";
import { type ShowResultsOptions, showResults } from "./showResults.ts";
import { showTrainingLoop, summary } from "./summary.ts";
import { trainStep } from "./trainStep.ts";
import { type TtaOptions, type TtaPredictions, tta } from "./tta.ts";
import { type ValidateOptions, validate, withValidation } from "./validate.ts";

/**
 * Data, a model and a loss, and everything to train and use them. One loop; whatever it does beyond
 * forward, loss, gradient and step is a callback.
 */
export class Learner<X = unknown, Y = unknown> extends CallbackHost<X, Y> {
  dls: DataSources<X, Y>;
  model: AnyModule;
  lossFunc: LossFunc;
  optFunc: OptFunc;
  opt: Optimizer | null = null;
  lr: HyperValue;
  splitter: ParamSplitter;
  path: string;
  modelDir: string;
  wd: number | null;
  wdBnBias: boolean;
  trainBn: boolean;
  moms: readonly [number, number, number];
  /** Where rows of results go; the progress callback takes its place during a fit. */
  logger: Logger = printRow;
  /** False while nothing may draw progress. */
  createMbar = true;
  /** Fits begun so far; a checkpoint names the one it belongs to. */
  fitCount = 0;

  #metrics: Metric[] = [];

  /** @throws {@link OptionError} if neither the options nor the data name a loss */
  constructor(dls: DataSources<X, Y>, model: AnyModule, options: LearnerOptions = {}) {
    super();
    checkOptions("Learner", options, LEARNER_OPTIONS);
    const { metrics = [], moms = [0.95, 0.85, 0.95], wdBnBias = false, trainBn = true, defaultCbs = true } = options;
    checkParts(dls, model);
    const lossFunc = options.lossFunc ?? dls.lossFunc;
    if (lossFunc === undefined) {
      throw new OptionError("Learner", {
        given: "no loss",
        expected: "`lossFunc`, or data whose target block brings one",
        fix: "pass `lossFunc`, or use `categoryBlock`, `multiCategoryBlock` or `regressionBlock` for the target",
      });
    }
    this.dls = dls;
    this.model = model;
    this.lossFunc = lossFunc;
    this.optFunc = options.optFunc ?? adam;
    this.lr = options.lr ?? defaults.lr;
    this.splitter = options.splitter ?? oneGroup;
    this.metrics = Array.isArray(metrics) ? metrics : [metrics];
    this.path = options.path ?? dls.path;
    this.modelDir = options.modelDir ?? "models";
    this.wd = options.wd ?? null;
    this.wdBnBias = wdBnBias;
    this.trainBn = trainBn;
    this.moms = moms;
    if (defaultCbs) this.addCbs(defaults.callbacks.map((make) => make()));
    this.addCbs(options.cbs ?? []);
    this.eventSync("afterCreate");
  }

  // --- scopes: what holds while a function runs

  /** Runs `body` with rows going nowhere. */
  withNoLogging<T>(body: () => T | Promise<T>): Promise<T> {
    return withNoLogging(this as unknown as Learner, body);
  }

  /** Runs `body` while nothing may draw progress; rows are logged as plain text. */
  withNoMbar<T>(body: () => T | Promise<T>): Promise<T> {
    return withNoMbar(this as unknown as Learner, body);
  }

  /** Runs `body` without progress bars: rows are logged as plain text. */
  withNoBar<T>(body: () => T | Promise<T>): Promise<T> {
    return this.withRemovedCbs([ProgressCallback], body);
  }

  /** Runs `body` while the loss gives one value per item; a plain function is then called item by item. */
  withLossNotReduced<T>(body: () => T | Promise<T>): Promise<T> {
    return withLossNotReduced(this as unknown as Learner, body);
  }

  /** Runs `body` as a validation pass: no rows, no bars, no training callbacks. */
  withValidation<T>(body: () => T | Promise<T>, cbs: readonly CallbackLike[] = [], inner = false): Promise<T> {
    return withValidation(this as unknown as Learner, body, cbs, inner);
  }

  /** Computed after each epoch; functions and classes that are assigned become metrics. */
  get metrics(): Metric[] {
    return this.#metrics;
  }

  set metrics(metrics: readonly MetricLike[]) {
    for (const metric of this.#metrics) metric.reset();
    this.#metrics = metrics.map((metric) => mkMetric(metric));
  }

  // --- the loop

  /** Trains for `nEpoch` epochs. @throws {@link OptionError} for less than one epoch */
  async fit(nEpoch: number, lr?: HyperValue | FitOptions, more: FitOptions = {}): Promise<void> {
    const options = withRate<FitOptions>("lr", lr, more);
    checkOptions("Learner.fit", options, FIT_OPTIONS);
    if (!Number.isInteger(nEpoch) || nEpoch < 1) {
      throw new OptionError("Learner.fit", { given: `${nEpoch} epochs`, expected: "an integer of at least 1" });
    }
    requireBatches(this.dls.train);
    await useBackend();
    const prepared = await prepareFit(this as unknown as Learner, options);
    if (prepared.done) return;
    await this.withAddedCbs([...listed(options.cbs ?? []), ...prepared.cbs], async () => {
      if (options.resetOpt || this.opt === null) this.createOpt();
      const wd = options.wd ?? this.wd;
      if (wd !== null) this.opt?.setHyper("wd", wd);
      this.opt?.setHyper("lr", options.lr ?? this.lr);
      this.nEpoch = nEpoch;
      const { logger } = this;
      try {
        await this.during("fit", () => this.#epochs());
      } finally {
        this.logger = logger;
        this.training = false;
        this.model.eval();
        this.#cleanUp();
      }
    });
  }

  async #epochs(): Promise<void> {
    for (; this.epoch < this.nEpoch; this.epoch++) await this.during("epoch", () => this.#oneEpoch());
  }

  async #oneEpoch(): Promise<void> {
    this.dl = this.dls.train;
    await this.during("train", () => {
      const start = this.passStart ?? { seed: rng().uint32(), startBatch: 0 };
      this.passStart = null;
      this.passSeed = start.seed;
      return this.allBatches(start);
    });
    await this.validateEpoch(this.dls.valid);
  }

  /** The validation half of an epoch, on any loader. */
  async validateEpoch(dl: DataSource<X, Y>): Promise<void> {
    this.dl = dl;
    await this.during("validate", () => this.allBatches({ seed: rng().uint32() }));
  }

  /** Goes through the current loader once. */
  async allBatches(start: PassStart): Promise<void> {
    const dl = this.dl;
    if (dl === null) return;
    this.nIter = dl.length;
    this.iter = start.startBatch ?? 0;
    for await (const batch of dl.iterate(start)) {
      await this.oneBatch(this.iter, batch);
      this.iter += 1;
      await letOthersRun();
    }
  }

  /** One batch: forward, loss and, in training, gradient and step. Disposes the batch. */
  async oneBatch(iter: number, batch: Batch): Promise<void> {
    this.iter = iter;
    try {
      this.takeBatch(batch);
      await this.during("batch", () => trainStep(this as unknown as Learner));
    } finally {
      this.freeBatch();
      batch.dispose();
    }
  }

  // --- the optimizer

  /** Builds the optimizer over the model's parameter groups; a freeze that was in force stays. */
  createOpt(): Optimizer {
    return createOpt(this as unknown as Learner);
  }

  /** Trains only groups `n` and later; negative counts from the end. */
  freezeTo(n: number): void {
    const opt = this.opt ?? this.createOpt();
    opt.freezeTo(n);
    opt.clearState();
  }

  /** Trains only the last group. */
  freeze(): void {
    this.freezeTo(-1);
  }

  /** Trains everything. */
  unfreeze(): void {
    this.freezeTo(0);
  }

  // --- recipes, each in a file of its own

  /** Rate up, then down, momentum the other way round. `lr` is the highest rate. */
  fitOneCycle(nEpoch: number, lr?: HyperValue | FitOneCycleOptions, options?: FitOneCycleOptions): Promise<void> {
    return fitOneCycle(this as unknown as Learner, nEpoch, lr, options);
  }

  /** Full rate for most of the fit, then a cosine down. */
  fitFlatCos(nEpoch: number, lr?: HyperValue | FitFlatCosOptions, options?: FitFlatCosOptions): Promise<void> {
    return fitFlatCos(this as unknown as Learner, nEpoch, lr, options);
  }

  /** Cosine cycles with restarts; the first takes `cycleLen` epochs. */
  fitSgdr(
    nCycles: number,
    cycleLen: number,
    lr?: HyperValue | FitSgdrOptions,
    options?: FitSgdrOptions,
  ): Promise<void> {
    return fitSgdr(this as unknown as Learner, nCycles, cycleLen, lr, options);
  }

  /** One epoch for the head, then `epochs` for everything: the recipe for pretrained models. */
  fineTune(epochs: number, baseLr?: number | FineTuneOptions, options?: FineTuneOptions): Promise<void> {
    return fineTune(this as unknown as Learner, epochs, baseLr, options);
  }

  /** Tries rising rates and suggests one; leaves the learner as it was. */
  lrFind(options: LrFindOptions = {}): Promise<LrFindResult> {
    return lrFind(this as unknown as Learner, options);
  }

  /** One validation pass. @returns validation loss and metrics */
  validate(options: ValidateOptions<X, Y> = {}): Promise<MetricRow> {
    return validate(this as unknown as Learner, options as ValidateOptions);
  }

  /** Predictions of a whole loader, validation unless `dl` or `dsIdx` says otherwise, in the order of the data set. */
  getPreds(options: GetPredsOptions<X, Y> = {}): Promise<Predictions> {
    return getPreds(this as unknown as Learner, options as GetPredsOptions);
  }

  /** The same as a list of items, which may differ in size. */
  getPredItems(options: GetPredsOptions<X, Y> = {}): Promise<PredictedItem[]> {
    return getPredItems(this as unknown as Learner, options as GetPredsOptions);
  }

  /** The model's answer for one raw item, such as the path of a picture. */
  predict(item: unknown, options: PredictOptions = {}): Promise<Prediction<X, Y>> {
    return predict<X, Y>(this, item, options);
  }

  /** Predictions averaged over several augmented versions of each item. */
  tta(options: TtaOptions<X, Y> = {}): Promise<TtaPredictions> {
    return tta(this as unknown as Learner, options as TtaOptions);
  }

  /** Some items with their targets and the model's answers, as a picture. */
  showResults(options: ShowResultsOptions<X, Y> = {}): Promise<Figure> {
    return showResults(this as unknown as Learner, options as ShowResultsOptions);
  }

  /** Layers, output shapes and parameter counts, as a table for the terminal. */
  summary(): Promise<string> {
    return summary(this as unknown as Learner);
  }

  /** The events of a fit and the callbacks that listen to each, indented. */
  showTrainingLoop(): string {
    return showTrainingLoop(this as unknown as Learner);
  }

  /** What the learner is made of, as plain data: settings, loss, metrics, callbacks. */
  gatherArgs(): Record<string, JsonValue> {
    return gatherArgs(this as unknown as Learner);
  }

  /** Writes weights (and the optimizer's state) below `path/modelDir`. @returns the file's path */
  save(name: string, options: SaveModelOptions = {}): Promise<string> {
    return saveWeights(this as unknown as Learner, name, options);
  }

  /** Reads what `save` wrote. Checks everything before it changes anything. */
  load(name: string, options: LoadModelOptions = {}): Promise<this> {
    return loadWeights(this as unknown as Learner, name, options).then(() => this);
  }

  /** Writes one file to predict from: weights, architecture, transforms, vocabularies; no code. @returns its path */
  export(file = "export.safetensors"): Promise<string> {
    return exportLearner(this as unknown as Learner, file);
  }

  /** Frees the model and the optimizer. */
  dispose(): void {
    this.#cleanUp();
    this.opt?.dispose();
    this.opt = null;
    this.model.dispose();
    for (const metric of this.metrics) metric.reset();
  }

  #cleanUp(): void {
    for (const cb of this.cbs) cb.cleanUp?.();
    this.dl = null;
    this.passStart = null;
    this.freeBatch();
    this.opt?.zeroGrad();
  }
}

/** Backends that compute at once would keep file reading, timers and Ctrl-C waiting for the whole epoch. */
function letOthersRun(): Promise<void> {
  return new Promise((resolve) =>
    typeof setImmediate === "function" ? setImmediate(resolve) : setTimeout(resolve, 0),
  );
}
