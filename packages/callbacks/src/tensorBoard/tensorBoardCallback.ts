import { join, resolve } from "node:path";
import { checkOptions, OptionError, randomState, setRandomState } from "@layerwise/core";
import { type BatchRecord, type EpochRecord, ExperimentLogger } from "../experimentLogger.ts";
import { EventWriter } from "./eventWriter.ts";
import { histogramValue, imageValue, type SummaryValue, scalarValue } from "./summary.ts";

export interface TensorBoardOptions {
  /** Folder below the learner's path, for `tensorboard --logdir`. @defaultValue "runs/" and the time the fit begins */
  logDir?: string;
  /** Also a picture of some validation items with targets and predictions, after each epoch. @defaultValue true */
  logPreds?: boolean;
  /** Items in that picture. @defaultValue 9 */
  nPreds?: number;
  /** Also a histogram of every parameter, after each epoch; reads all weights back. @defaultValue false */
  logWeights?: boolean;
}

/**
 * Writes losses, hyper-parameters, metrics and predictions for TensorBoard, without TensorFlow. Curves are named as
 * fastai names them: `train_loss`, `lr_0`, `valid_loss`, ...
 * @see https://www.tensorflow.org/tensorboard
 */
export class TensorBoardCallback extends ExperimentLogger {
  static override readonly cbName: string = "tensorBoard";
  readonly logDir: string | undefined;
  readonly logPreds: boolean;
  readonly nPreds: number;
  readonly logWeights: boolean;
  #writer: EventWriter | null = null;

  constructor(options: TensorBoardOptions = {}) {
    super();
    checkOptions("TensorBoardCallback", options, { logDir: true, logPreds: true, nPreds: true, logWeights: true });
    const { logDir, logPreds = true, nPreds = 9, logWeights = false } = options;
    if (!Number.isInteger(nPreds) || nPreds < 1) {
      throw new OptionError("TensorBoardCallback", { given: `nPreds ${nPreds}`, expected: "a whole number from 1" });
    }
    this.logDir = logDir;
    this.logPreds = logPreds;
    this.nPreds = nPreds;
    this.logWeights = logWeights;
  }

  /** The file of the latest fit, `null` before the first. */
  get path(): string | null {
    return this.#writer?.path ?? null;
  }

  protected override onStart(): Promise<void> {
    const time = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
    this.#writer = new EventWriter(resolve(this.learn.path, this.logDir ?? join("runs", time)));
    return this.#writer.flush();
  }

  protected override onBatch({ trainIter, smoothLoss, hypers }: BatchRecord): void | Promise<void> {
    const rates = hypers.flatMap((group, i) =>
      Object.entries(group).map(([name, value]) => scalarValue(`${name}_${i}`, value)),
    );
    this.#writer?.add(trainIter, [scalarValue("train_loss", smoothLoss), ...rates]);
    if (this.#writer?.isFull) return this.#writer.flush();
  }

  protected override async onEpoch({ epoch: _epoch, train_loss: _plotted, ...columns }: EpochRecord): Promise<void> {
    const writer = this.#writer;
    if (writer === null) return;
    const values: SummaryValue[] = Object.entries(columns).flatMap(([name, value]) =>
      value === null ? [] : [scalarValue(name, value)],
    );
    if (this.logWeights) {
      for (const [name, parameter] of this.learn.model.namedParameters()) {
        values.push(histogramValue(name, await parameter.value.data()));
      }
    }
    if (this.logPreds && this.learn.dls.valid.itemCount > 0)
      values.push(imageValue("Sample results", await this.#results()));
    writer.add(this.learn.trainIter, values);
    await writer.flush();
  }

  protected override async onEnd(): Promise<void> {
    await this.#writer?.flush();
  }

  /** Training goes on as it would have without: the random state is put back. */
  async #results(): Promise<Uint8Array> {
    const random = randomState();
    try {
      const figure = await this.learn.showResults({ maxN: this.nPreds, shuffle: false, inner: true });
      return await figure.toPng();
    } finally {
      setRandomState(random);
    }
  }
}
