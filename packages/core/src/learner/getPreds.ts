import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../backend/index.ts";
import { OptionError } from "../errors.ts";
import { Callback } from "./callback.ts";
import type { CallbackLike } from "./callbackList.ts";
import type { DataSource } from "./dataSource.ts";
import { HostTensor } from "./hostTensor.ts";
import type { Learner } from "./learner.ts";
import { lossParts } from "./lossParts.ts";
import { withValidation } from "./validate.ts";

export interface GetPredsOptions<X = unknown, Y = unknown> {
  /** Which of the learner's loaders. @defaultValue 1, validation */
  dsIdx?: number;
  /** A loader of its own instead. */
  dl?: DataSource<X, Y>;
  /** Also the inputs, as the model saw them. @defaultValue false */
  withInput?: boolean;
  /** Also the loss's decoding, such as class indices. @defaultValue false */
  withDecoded?: boolean;
  /** Also one loss per item. @defaultValue false */
  withLoss?: boolean;
  /** Applied to the model's outputs. @defaultValue the loss's activation, such as softmax */
  act?: (pred: tf.Tensor) => tf.Tensor;
  /** True within a running fit. @defaultValue false */
  inner?: boolean;
  /** Puts results in the order of the data set, whatever the loader's. @defaultValue true */
  reorder?: boolean;
  cbs?: readonly CallbackLike[];
}

/** Predictions of a whole loader, read back: plain numbers, nothing to dispose. */
export interface Predictions {
  /** After the activation, `[N, ...]`. */
  preds: HostTensor;
  /** `null` if the loader has no targets; one per target otherwise. */
  targs: HostTensor | null;
  /** All targets, for models with several. */
  allTargs: readonly HostTensor[];
  inputs: readonly HostTensor[] | null;
  decoded: HostTensor | null;
  losses: HostTensor | null;
}

/** Collects what a validation pass predicts, one read-back per batch. */
export class GatherPredsCallback extends Callback {
  readonly preds: HostTensor[] = [];
  readonly targs: HostTensor[][] = [];
  readonly inputs: HostTensor[][] = [];
  readonly losses: HostTensor[] = [];
  readonly #withInput: boolean;
  readonly #withLoss: boolean;

  constructor({ withInput = false, withLoss = false }: { withInput?: boolean; withLoss?: boolean } = {}) {
    super();
    this.#withInput = withInput;
    this.#withLoss = withLoss;
  }

  override async afterBatch(): Promise<void> {
    const { learn } = this;
    const { pred, loss, xb, yb, batchSize } = learn;
    if (pred === null) return;
    this.preds.push(await HostTensor.read(pred));
    await collect(this.targs, yb);
    if (this.#withInput) await collect(this.inputs, xb);
    if (this.#withLoss && loss !== null) {
      const perItem = tf.tidy(() =>
        loss.size === batchSize ? tf.reshape(loss, [-1]) : tf.mean(tf.reshape(loss, [batchSize, -1]), 1),
      );
      this.losses.push(await HostTensor.read(perItem));
      perItem.dispose();
    }
  }
}

async function collect(lists: HostTensor[][], tensors: readonly tf.Tensor[]): Promise<void> {
  for (const [i, tensor] of tensors.entries()) {
    lists[i] ??= [];
    lists[i].push(await HostTensor.read(tensor));
  }
}

/** Predictions of a whole loader. */
export async function getPreds(learn: Learner, options: GetPredsOptions = {}): Promise<Predictions> {
  await useBackend();
  const {
    dsIdx = 1,
    withInput = false,
    withDecoded = false,
    withLoss = false,
    inner = false,
    reorder = true,
  } = options;
  const given = options.dl;
  const dl = given
    ? given.dropLast
      ? given.with({ dropLast: false })
      : given
    : learn.dls.get(dsIdx).with({ shuffle: false, dropLast: false });
  if (dl.itemCount === 0) {
    throw new OptionError("Learner.getPreds", { given: "a loader without items", expected: "at least one item" });
  }
  const gather = new GatherPredsCallback({ withInput, withLoss });
  const pass = (): Promise<void> =>
    withValidation(learn, () => learn.validateEpoch(dl), [...(options.cbs ?? []), gather], inner);
  await (withLoss ? learn.withLossNotReduced(pass) : pass());
  const order = reorder ? dl.order : null;
  const inOrder = (parts: HostTensor[]): HostTensor => {
    const joined = HostTensor.concat(parts);
    return order === null || order.length !== joined.length ? joined : joined.take(argsort(order));
  };
  const raw = inOrder(gather.preds);
  const { activation, decodes } = lossParts(learn.lossFunc);
  const preds = await onDevice(raw, options.act ?? activation);
  const allTargs = gather.targs.map(inOrder);
  return {
    preds,
    targs: allTargs[0] ?? null,
    allTargs,
    inputs: withInput ? gather.inputs.map(inOrder) : null,
    decoded: withDecoded ? await onDevice(preds, decodes) : null,
    losses: withLoss && gather.losses.length > 0 ? inOrder(gather.losses) : null,
  };
}

async function onDevice(host: HostTensor, op: (x: tf.Tensor) => tf.Tensor): Promise<HostTensor> {
  const result = tf.tidy(() => op(host.toTensor()));
  const read = await HostTensor.read(result);
  result.dispose();
  return read;
}

/** Positions that sort `order` ascending. */
function argsort(order: readonly number[]): number[] {
  return order.map((_, i) => i).sort((a, b) => order[a]! - order[b]!);
}
