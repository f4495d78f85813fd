import type { Figure } from "@layerwise/plot";
import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { OptionError, StateError } from "../errors.ts";
import { AvgLoss, type Metric } from "../metrics/index.ts";
import { Callback } from "./callback.ts";
import { formatTime } from "./formatTime.ts";
import type { LogRow } from "./logger.ts";
import { type PlotLossOptions, plotLoss, plotSched } from "./recorderPlots.ts";

/** Batches whose losses may wait on the device before they are read, all at once. */
const MAX_PENDING = 64;

export interface RecorderOptions {
  /** Whether rows end in the epoch's time. @defaultValue true */
  addTime?: boolean;
  /** Whether metrics are also computed on training batches. @defaultValue false */
  trainMetrics?: boolean;
  /** Whether metrics are computed in validation. @defaultValue true */
  validMetrics?: boolean;
  /** Smoothing of the training loss, 0…1. @defaultValue 0.98 */
  beta?: number;
}

/** What a checkpoint keeps of the recorder. */
export interface RecorderState {
  lrs: number[];
  losses: number[];
  iters: number[];
  values: (number | null)[][];
  smooth: { value: number; count: number };
}

/** A number per metric and epoch; `null` where a half of the epoch was skipped or saw nothing. */
export type MetricRow = (number | null)[];

/** Records learning rates, losses and metrics. Numbers only: losses stay on the device until a few are read at once. */
export class Recorder extends Callback {
  static override readonly cbName: string = "recorder";
  override readonly order = 50;
  override readonly removeOnFetch = true;
  /** Learning rate of the last group, per training batch. */
  lrs: number[] = [];
  /** Smoothed training loss, per training batch; complete after `flush`. */
  losses: number[] = [];
  /** Training batches seen at the end of each epoch. */
  iters: number[] = [];
  /** Per epoch: training loss, validation loss, metrics. */
  values: MetricRow[] = [];
  /** Hyper-parameters as scheduled, per training batch; filled by `ParamScheduler`. */
  hps: Record<string, number[]> = {};
  metricNames: string[] = [];
  /** The latest epoch as it was logged, a cell per name in `metricNames`. */
  lastRow: LogRow = [];
  readonly addTime: boolean;
  readonly trainMetrics: boolean;
  readonly validMetrics: boolean;
  readonly beta: number;
  #smooth = { value: 0, count: 0 };
  #pending: tf.Tensor[] = [];
  #validLoss = new AvgLoss();
  #started = 0;
  #train: MetricRow | null = null;
  #valid: MetricRow | null = null;
  #isCut = { train: false, valid: false };

  constructor(options: RecorderOptions = {}) {
    super();
    checkOptions("Recorder", options, { addTime: true, trainMetrics: true, validMetrics: true, beta: true });
    const { addTime = true, trainMetrics = false, validMetrics = true, beta = 0.98 } = options;
    if (!(beta >= 0 && beta < 1)) {
      throw new OptionError("Recorder", { given: `beta ${beta}`, expected: "a number from 0 up to but not 1" });
    }
    this.addTime = addTime;
    this.trainMetrics = trainMetrics;
    this.validMetrics = validMetrics;
    this.beta = beta;
  }

  /** The last batch loss, smoothed and debiased; as of the latest `flush`. */
  get smoothLoss(): number {
    const { value, count } = this.#smooth;
    return count === 0 ? 0 : value / (1 - this.beta ** count);
  }

  /** The latest epoch's value of a column. @throws {@link StateError} before the first epoch or for an unknown name */
  last(name: string): number | null {
    const at = this.metricNames.indexOf(name) - 1;
    const row = this.values.at(-1);
    if (at < 0 || row === undefined || at >= row.length) {
      throw new StateError("Recorder.last", {
        given: `"${name}" after ${this.values.length} epochs`,
        expected: `one of ${this.metricNames.slice(1, this.addTime ? -1 : undefined).join(", ")}, after an epoch`,
      });
    }
    return row[at] ?? null;
  }

  override beforeFit(): void {
    this.lrs = [];
    this.losses = [];
    this.iters = [];
    this.values = [];
    this.#smooth = { value: 0, count: 0 };
    this.#dropPending();
    const { addTime, trainMetrics, validMetrics } = this;
    const names = this.learn.metrics.map((m) => m.name);
    const columns =
      trainMetrics && validMetrics
        ? ["train_loss", ...names.map((n) => `train_${n}`), "valid_loss", ...names.map((n) => `valid_${n}`)]
        : validMetrics
          ? ["train_loss", "valid_loss", ...names]
          : ["train_loss", ...names];
    this.metricNames = ["epoch", ...columns, ...(addTime ? ["time"] : [])];
  }

  override beforeEpoch(): void {
    this.#train = null;
    this.#valid = null;
    this.#isCut = { train: false, valid: false };
    this.#started = performance.now();
  }

  override beforeTrain(): void {
    for (const metric of this.#trainMetrics()) metric.reset();
  }

  override beforeValidate(): void {
    this.#validLoss.reset();
    for (const metric of this.#validMetrics()) metric.reset();
  }

  override afterBatch(): void | Promise<void> {
    const { learn } = this;
    const { pred, loss } = learn;
    if (learn.yb.length === 0 || pred === null || loss === null) return;
    const input = {
      pred,
      yb: learn.yb,
      loss,
      lossFunc: learn.lossFunc,
      training: learn.training,
      batchSize: learn.batchSize,
    };
    if (!learn.training) {
      this.#validLoss.accumulate(input);
      for (const metric of this.#validMetrics()) metric.accumulate(input);
      return;
    }
    for (const metric of this.#trainMetrics()) metric.accumulate(input);
    this.lrs.push(learn.opt?.hypers.at(-1)?.lr ?? 0);
    this.#pending.push(tf.keep(tf.tidy(() => tf.mean(loss))));
    if (this.#pending.length >= MAX_PENDING) return this.flush();
  }

  /** Reads the losses that still wait on the device, in one transfer. */
  async flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const waiting = this.#pending;
    this.#pending = [];
    const stacked = tf.stack(waiting);
    tf.dispose(waiting);
    const { beta } = this;
    for (const loss of await stacked.data()) {
      this.#smooth.value = beta * this.#smooth.value + (1 - beta) * loss;
      this.#smooth.count += 1;
      this.losses.push(this.smoothLoss);
    }
    stacked.dispose();
  }

  override async afterTrain(): Promise<void> {
    await this.flush();
    const row = [this.#smooth.count > 0 ? this.smoothLoss : null, ...(await values(this.#trainMetrics()))];
    if (!this.#isCut.train) this.#train = row;
  }

  override async afterValidate(): Promise<void> {
    const withLoss = this.validMetrics ? [this.#validLoss, ...this.#validMetrics()] : [];
    const row = await values(withLoss);
    if (!this.#isCut.valid) this.#valid = row;
  }

  override afterCancelTrain(): void {
    this.#isCut.train = true;
  }

  override afterCancelValidate(): void {
    this.#isCut.valid = true;
  }

  override async afterEpoch(): Promise<void> {
    const learn = this.learn;
    await this.flush();
    const { addTime, trainMetrics, validMetrics } = this;
    const nMetrics = learn.metrics.length;
    const nothing = (n: number): MetricRow => new Array<null>(n).fill(null);
    const train = this.#train ?? nothing(1 + (trainMetrics ? nMetrics : 0));
    const valid = validMetrics ? (this.#valid ?? nothing(1 + nMetrics)) : trainMetrics ? [] : nothing(nMetrics);
    const row = [...train, ...valid];
    learn.finalRecord = row;
    this.values.push(row);
    this.iters.push(this.losses.length);
    const time = addTime ? [formatTime((performance.now() - this.#started) / 1000)] : [];
    this.lastRow = [learn.epoch, ...row, ...time];
    learn.logger(this.lastRow);
  }

  override afterFit(): Promise<void> {
    return this.flush();
  }

  override cleanUp(): void {
    this.#dropPending();
    this.#validLoss.reset();
    for (const metric of this.learn.metrics) metric.reset();
  }

  history(): RecorderState {
    const { lrs, losses, iters, values } = this;
    return { lrs: [...lrs], losses: [...losses], iters: [...iters], values: [...values], smooth: { ...this.#smooth } };
  }

  setHistory({ lrs, losses, iters, values, smooth }: RecorderState): void {
    Object.assign(this, { lrs, losses, iters, values });
    this.#smooth = { ...smooth };
  }

  /** Training and validation loss against training batches. */
  plotLoss(options: PlotLossOptions = {}): Figure {
    return plotLoss(this, options);
  }

  /** One panel per scheduled hyper-parameter. */
  plotSched(keys: readonly string[] = Object.keys(this.hps)): Figure {
    return plotSched(this, keys);
  }

  #trainMetrics(): Metric[] {
    return this.trainMetrics ? this.learn.metrics : [];
  }

  #validMetrics(): Metric[] {
    return this.validMetrics ? this.learn.metrics : [];
  }

  #dropPending(): void {
    tf.dispose(this.#pending);
    this.#pending = [];
  }
}

async function values(metrics: readonly Metric[]): Promise<MetricRow> {
  const row: MetricRow = [];
  for (const metric of metrics) {
    row.push(await metric.value());
    metric.reset();
  }
  return row;
}
