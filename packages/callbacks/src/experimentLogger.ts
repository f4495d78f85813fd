import { Callback, type JsonValue } from "@layerwise/core/learner";

/** A fit as it begins. */
export interface RunInfo {
  nEpoch: number;
  model: string;
  parameters: number;
  loss: string;
  columns: readonly string[];
  /** Settings of the learner as plain data: `learn.gatherArgs()`. */
  config: Readonly<Record<string, JsonValue>>;
}

/** One training batch. */
export interface BatchRecord {
  trainIter: number;
  /** Place in the fit in epochs, with a fraction. */
  epoch: number;
  smoothLoss: number;
  /** The loss of this batch alone. */
  rawLoss: number;
  /** Items of the batch by the seconds it took, forward to step. */
  samplesPerSecond: number;
  /** Hyper-parameters by group: `hypers[0].lr`. */
  hypers: readonly Readonly<Record<string, number>>[];
}

/** One epoch: every column of the results but the time. */
export type EpochRecord = Readonly<Record<string, number | null>>;

/**
 * Base of callbacks that send a fit's numbers to a file or a service. Batches are handed over when the recorder reads
 * their losses, a few at a time: logging never makes the device wait.
 */
export abstract class ExperimentLogger extends Callback {
  override readonly order: number = 51; // the Recorder (50) has the numbers
  override readonly trainOnly = true;
  override readonly removeOnFetch = true;
  #waiting: Omit<BatchRecord, "smoothLoss" | "rawLoss">[] = [];
  #sent = 0;
  #started = 0;

  protected onStart?(info: RunInfo): void | Promise<void>;
  protected onBatch?(record: BatchRecord): void | Promise<void>;
  protected onEpoch?(record: EpochRecord): void | Promise<void>;
  protected onEnd?(): void | Promise<void>;

  override async beforeFit(): Promise<void> {
    const { nEpoch, model, lossFunc, recorder } = this.learn;
    this.#waiting = [];
    this.#sent = 0;
    await this.onStart?.({
      nEpoch,
      model: model.constructor.name,
      parameters: model.parameters().reduce((sum, { value }) => sum + value.size, 0),
      loss: lossFunc.name,
      columns: recorder?.metricNames ?? [],
      config: this.learn.gatherArgs(),
    });
  }

  override beforeEpoch(): void {
    if (this.#waiting.length === 0) this.#sent = this.learn.recorder?.losses.length ?? 0; // a resumed fit has some already
  }

  override beforeBatch(): void {
    this.#started = performance.now();
  }

  override afterBatch(): void | Promise<void> {
    const { training, opt, trainIter, epoch, iter, nIter, yb, batchSize } = this.learn;
    if (!training || yb.length === 0) return;
    this.#waiting.push({
      trainIter,
      epoch: epoch + (iter + 1) / nIter,
      samplesPerSecond: (1000 * batchSize) / Math.max(performance.now() - this.#started, 1e-3),
      hypers: (opt?.hypers ?? []).map((h) => ({ ...h })),
    });
    return this.#send();
  }

  override async afterEpoch(): Promise<void> {
    await this.#send();
    const { recorder } = this.learn;
    const row = recorder?.values.at(-1);
    if (recorder === undefined || row === undefined) return;
    const names = recorder.metricNames.slice(1, 1 + row.length);
    await this.onEpoch?.({
      epoch: this.learn.epoch,
      ...Object.fromEntries(names.map((name, i) => [name, row[i] ?? null])),
    });
  }

  override async afterFit(): Promise<void> {
    await this.#send();
    await this.onEnd?.();
  }

  /** Batches whose loss is known by now. */
  async #send(): Promise<void> {
    const { recorder } = this.learn;
    if (recorder === undefined) return;
    const { losses, beta } = recorder;
    const meanAt = (i: number): number => (i < 0 ? 0 : (losses[i] ?? Number.NaN) * (1 - beta ** (i + 1)));
    while (this.#sent < losses.length) {
      const at = this.#sent;
      const record = this.#waiting.shift();
      const smoothLoss = losses[at];
      this.#sent += 1;
      if (record === undefined || smoothLoss === undefined) continue;
      const rawLoss = (meanAt(at) - beta * meanAt(at - 1)) / (1 - beta); // what smoothing made of it, undone
      await this.onBatch?.({ ...record, smoothLoss, rawLoss });
    }
  }
}
