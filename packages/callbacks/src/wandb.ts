import { checkOptions, OptionError } from "@layerwise/core";
import { type BatchRecord, type EpochRecord, ExperimentLogger, type RunInfo } from "./experimentLogger.ts";

/** A run of Weights & Biases, or of any service with the same two calls. */
export interface ExperimentRun {
  /** Takes numbers by name; those of later calls come later. */
  log(values: Readonly<Record<string, number>>): unknown;
  /** Where settings of the run go, if it takes them. */
  readonly config?: { update?(settings: Readonly<Record<string, unknown>>): unknown };
}

export interface WandbOptions {
  /** A run that has begun; it stays yours to finish. */
  run: ExperimentRun;
}

/**
 * Sends settings, losses, hyper-parameters and metrics to a run of Weights & Biases: pass the run of the client that
 * you use. Names are fastai's: `train_loss`, `raw_loss`, `lr_0`, `epoch`, ...
 * @see https://docs.wandb.ai
 */
export class WandbCallback extends ExperimentLogger {
  static override readonly cbName: string = "wandb";
  readonly #run: ExperimentRun;

  /** @throws {@link OptionError} for a run without `log` */
  constructor(options: WandbOptions) {
    super();
    checkOptions("WandbCallback", options, { run: true });
    if (typeof options?.run?.log !== "function") {
      throw new OptionError("WandbCallback", {
        given: "no `run` with a function `log`",
        expected: "a run that has begun",
        fix: "start one with your client, and pass `{ run }`",
      });
    }
    this.#run = options.run;
  }

  protected override async onStart({ config, columns: _columns, ...info }: RunInfo): Promise<void> {
    await this.#run.config?.update?.({ ...info, ...config });
  }

  protected override async onBatch({
    epoch,
    smoothLoss,
    rawLoss,
    samplesPerSecond,
    hypers,
  }: BatchRecord): Promise<void> {
    const rates = hypers.flatMap((group, i) => Object.entries(group).map(([name, value]) => [`${name}_${i}`, value]));
    const numbers = { epoch, train_loss: smoothLoss, raw_loss: rawLoss, samples_per_sec: samplesPerSecond };
    await this.#run.log({ ...numbers, ...Object.fromEntries(rates) });
  }

  protected override async onEpoch({ epoch: _epoch, train_loss: _sent, ...columns }: EpochRecord): Promise<void> {
    const known = Object.entries(columns).filter((entry): entry is [string, number] => entry[1] !== null);
    await this.#run.log(Object.fromEntries(known));
  }
}
