import * as tf from "@tensorflow/tfjs-core";
import type { Batch, DataSource, PassStart } from "./dataSource.ts";
import type { MetricRow } from "./recorder.ts";

/** Where a fit is, and the tensors of its batch: what callbacks read and write. */
export abstract class LoopState<X = unknown, Y = unknown> {
  /** The loader of the running pass. */
  dl: DataSource<X, Y> | null = null;
  /** What the model made of `xb`; kept until the batch ends. */
  pred: tf.Tensor | null = null;
  /** The plain loss of the batch, a scalar: what gets recorded. */
  loss: tf.Tensor | null = null;
  /** What gradients are taken of; callbacks may add penalties or scale it. */
  lossGrad: tf.Scalar | null = null;
  nEpoch = 1;
  epoch = 0;
  /** Batches in the running pass. */
  nIter = 0;
  /** Place in the running pass. */
  iter = 0;
  /** Training batches since the fit began. */
  trainIter = 0;
  /** Place in the fit, 0…1. */
  pctTrain = 0;
  training = false;
  finalRecord: MetricRow = [];
  /** Where the next training pass starts; set when a run is resumed. */
  passStart: PassStart | null = null;
  /** Seed of the running training pass. */
  passSeed = 0;

  readonly #owned = new Set<tf.Tensor>();
  #xb: readonly tf.Tensor[] = [];
  #yb: readonly tf.Tensor[] = [];

  /** Inputs of the batch. Assigned tensors are the learner's: it frees them when the batch ends. */
  get xb(): readonly tf.Tensor[] {
    return this.#xb;
  }

  set xb(tensors: readonly tf.Tensor[]) {
    this.#own(tensors);
    this.#xb = tensors;
  }

  /** Targets of the batch; assigned tensors are the learner's. */
  get yb(): readonly tf.Tensor[] {
    return this.#yb;
  }

  set yb(tensors: readonly tf.Tensor[]) {
    this.#own(tensors);
    this.#yb = tensors;
  }

  /** The input if there is one, else all of them. */
  get x(): tf.Tensor | readonly tf.Tensor[] {
    return single(this.#xb);
  }

  /** The target if there is one, else all of them. */
  get y(): tf.Tensor | readonly tf.Tensor[] {
    return single(this.#yb);
  }

  get batchSize(): number {
    return this.#xb[0]?.shape[0] ?? 0;
  }

  /** Makes `batch` the current one; it stays its owner's. */
  protected takeBatch(batch: Batch): void {
    this.#xb = batch.xb.map((x) => x.data);
    this.#yb = batch.yb.map((y) => y.data);
  }

  /** Frees what the batch left behind. */
  protected freeBatch(): void {
    for (const tensor of this.#owned) tensor.dispose();
    this.#owned.clear();
    tf.dispose([this.pred, this.loss, this.lossGrad].filter((t) => t !== null));
    this.pred = null;
    this.loss = null;
    this.lossGrad = null;
    this.#xb = [];
    this.#yb = [];
  }

  /**
   * Makes room for a pass within the running one.
   * @returns a function that goes back to the batch of now
   */
  setBatchAside(): () => void {
    const { pred, loss, lossGrad } = this;
    const [xb, yb, owned] = [this.#xb, this.#yb, [...this.#owned]];
    this.#owned.clear();
    Object.assign(this, { pred: null, loss: null, lossGrad: null });
    return () => {
      this.freeBatch();
      Object.assign(this, { pred, loss, lossGrad });
      [this.#xb, this.#yb] = [xb, yb];
      for (const tensor of owned) this.#owned.add(tensor);
    };
  }

  #own(tensors: readonly tf.Tensor[]): void {
    for (const tensor of tensors) this.#owned.add(tf.keep(tensor));
  }
}

function single(tensors: readonly tf.Tensor[]): tf.Tensor | readonly tf.Tensor[] {
  const [first, ...more] = tensors;
  return first !== undefined && more.length === 0 ? first : tensors;
}
