import { checkOptions, OptionError } from "@layerwise/core";
import { addCallback, Callback, CancelFitError } from "@layerwise/core/learner";
import * as tf from "@tensorflow/tfjs-core";

export interface TerminateOnNaNOptions {
  /** Batches between two looks at the losses; each look waits for the device once. @defaultValue 10 */
  every?: number;
}

/** The first batch whose loss was not a finite number. */
export interface NotFiniteLoss {
  epoch: number;
  batch: number;
  training: boolean;
  loss: number;
  /** Learning rate of the last group at that batch. */
  lr: number;
}

interface WaitingLoss extends Omit<NotFiniteLoss, "loss"> {
  loss: tf.Tensor;
}

/**
 * Ends the fit when a loss is NaN or infinite, and says where and why it may be. Losses wait on the device and are
 * read together every few batches and at the end of each pass, so up to `every` more batches may run (and stand in
 * `recorder.losses`), but no epoch with such a loss gets a row of results.
 */
export class TerminateOnNaNCallback extends Callback {
  static override readonly cbName: string = "terminateOnNaN";
  override readonly order = -9;
  override readonly trainOnly = true;
  readonly every: number;
  /** What ended the latest fit, `null` if nothing did. */
  found: NotFiniteLoss | null = null;
  #waiting: WaitingLoss[] = [];

  constructor(options: TerminateOnNaNOptions = {}) {
    super();
    checkOptions("TerminateOnNaNCallback", options, { every: true });
    const { every = 10 } = options;
    if (!(every >= 1))
      throw new OptionError("TerminateOnNaNCallback", { given: `every ${every}`, expected: "1 or more" });
    this.every = every;
  }

  override beforeFit(): void {
    this.cleanUp();
    this.found = null;
  }

  override afterBatch(): void | Promise<void> {
    const { loss, epoch, iter, training, opt } = this.learn;
    if (loss === null) return;
    const lr = opt?.hypers.at(-1)?.lr ?? Number.NaN;
    this.#waiting.push({ epoch, batch: iter, training, lr, loss: tf.keep(tf.tidy(() => tf.mean(loss))) });
    if (this.#waiting.length >= this.every) return this.#check();
  }

  override afterTrain(): Promise<void> {
    return this.#check();
  }

  override afterValidate(): Promise<void> {
    return this.#check();
  }

  override afterEpoch(): Promise<void> {
    return this.#check();
  }

  override cleanUp(): void {
    tf.dispose(this.#waiting.map(({ loss }) => loss));
    this.#waiting = [];
  }

  async #check(): Promise<void> {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    const stacked = tf.stack(waiting.map(({ loss }) => loss));
    tf.dispose(waiting.map(({ loss }) => loss));
    const losses = await stacked.data();
    stacked.dispose();
    const at = losses.findIndex((loss) => !Number.isFinite(loss));
    if (at < 0) return;
    const found = { ...(waiting[at] as WaitingLoss), loss: losses[at] ?? Number.NaN };
    this.found = found;
    console.warn(explain(found));
    throw new CancelFitError("the loss is not a finite number");
  }
}

addCallback(TerminateOnNaNCallback, ["every"]);

function explain({ epoch, batch, training, loss, lr }: NotFiniteLoss): string {
  const causes = [
    `a learning rate that is too high (it was ${Number(lr.toPrecision(4))}; \`learn.lrFind()\` suggests one)`,
    "NaN or infinite numbers in inputs or targets",
    "a loss or layer of your own that divides by 0 or takes the logarithm of 0",
  ];
  return (
    `The loss is ${loss} in ${training ? "training" : "validation"} batch ${batch} of epoch ${epoch}: the fit ends here. ` +
    `Likely causes: ${causes.join("; ")}. The weights may be spoiled: make a new learner or load saved weights.`
  );
}
