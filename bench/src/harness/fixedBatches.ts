import type { Batch, DataSource, DataSources, JsonValue } from "@layerwise/core/learner";
import type { TypedTensor } from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** One batch, made once. */
export interface FixedBatch {
  xb: readonly TypedTensor[];
  yb: readonly TypedTensor[];
}

/** A loader that gives the same batch again and again, so that nothing but the training step takes time. */
export class FixedBatches implements DataSource {
  readonly shuffle = false;
  readonly dropLast = false;
  readonly order = null;
  readonly lossFunc = undefined;
  readonly c = undefined;
  readonly vocab = undefined;
  readonly length: number;
  readonly #batch: FixedBatch;

  constructor(batch: FixedBatch, length: number) {
    this.#batch = batch;
    this.length = length;
  }

  get bs(): number {
    return this.#batch.yb[0]?.shape[0] ?? 0;
  }

  get itemCount(): number {
    return this.bs * this.length;
  }

  get nInp(): number {
    return this.#batch.xb.length;
  }

  async *iterate({ startBatch = 0 }: { startBatch?: number } = {}): AsyncIterableIterator<Batch> {
    for (let i = startBatch; i < this.length; i++) yield this.#copy();
  }

  [Symbol.asyncIterator](): AsyncIterator<Batch> {
    return this.iterate();
  }

  async oneBatch(): Promise<Batch> {
    return this.#copy();
  }

  with(): this {
    return this;
  }

  decodeBatch(): Promise<never> {
    throw new Error("FixedBatches: random numbers cannot be decoded");
  }

  showBatch(): Promise<never> {
    return this.decodeBatch();
  }

  showResults(): Promise<never> {
    return this.decodeBatch();
  }

  /** Whoever takes a batch disposes it; the copy shares the numbers. */
  #copy(): Batch {
    const [xb, yb] = [this.#batch.xb, this.#batch.yb].map((tensors) =>
      tensors.map((t) => t.with(tf.clone(t.data))),
    ) as [TypedTensor[], TypedTensor[]];
    return { xb, yb, dispose: () => [...xb, ...yb].forEach((t) => void t.dispose()) };
  }
}

/** `steps` training batches in each epoch and nothing to validate on. */
export function fixedDls(batch: FixedBatch, steps: number): DataSources {
  const loaders = [new FixedBatches(batch, steps), new FixedBatches(batch, 0)] as const;
  return {
    train: loaders[0],
    valid: loaders[1],
    length: 2,
    path: ".",
    nInp: batch.xb.length,
    c: undefined,
    vocab: undefined,
    lossFunc: undefined,
    get: (index) => loaders[index === 0 ? 0 : 1],
    testDl: () => loaders[1],
    toConfig: (): JsonValue => ({}),
  };
}
