import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../backend/index.ts";
import { checkOptions, type KnownOptions } from "../checkOptions.ts";
import { OptionError, StateError } from "../errors.ts";
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
  /** Callbacks for this pass only. */
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

/** What a model makes of one item. */
export interface PredictedItem {
  /** After the activation, without the batch axis. */
  pred: HostTensor;
  /** Empty if the loader has no targets. */
  targs: readonly HostTensor[];
  inputs: readonly HostTensor[] | null;
  decoded: HostTensor | null;
  loss: number | null;
}

interface GatherOptions {
  withInput?: boolean;
  withLoss?: boolean;
  /** Applied to the model's outputs before they are read. */
  act?: ((pred: tf.Tensor) => tf.Tensor) | undefined;
  /** Applied to what `act` gives, for `decoded`. */
  decodes?: ((activated: tf.Tensor) => tf.Tensor) | undefined;
}

/** Collects what a validation pass predicts, batch by batch, one read-back each. */
export class GatherPredsCallback extends Callback {
  readonly preds: HostTensor[] = [];
  readonly decoded: HostTensor[] = [];
  /** By target, then batch; so are `inputs`. */
  readonly targs: HostTensor[][] = [];
  readonly inputs: HostTensor[][] = [];
  readonly losses: HostTensor[] = [];
  readonly #options: GatherOptions;

  constructor(options: GatherOptions = {}) {
    super();
    this.#options = options;
  }

  override async afterBatch(): Promise<void> {
    const { pred, loss, xb, yb, batchSize } = this.learn;
    const { withInput = false, withLoss = false, act, decodes } = this.#options;
    if (pred === null) return;
    if (act === undefined && !(pred instanceof tf.Tensor)) {
      throw new StateError("Learner.getPreds", {
        given: "a model that returns several tensors",
        expected: "one tensor, the prediction",
        fix: "pass `act: (output) => ...` that makes one of them, or pick it in a callback's `afterPred`",
      });
    }
    const activated = tf.tidy(() => (act === undefined ? tf.clone(pred) : act(pred)));
    this.preds.push(await HostTensor.read(activated));
    if (decodes) await readOnce(this.decoded, () => decodes(activated));
    activated.dispose();
    await collect(this.targs, yb);
    if (withInput) await collect(this.inputs, xb);
    if (withLoss && loss !== null) {
      await readOnce(this.losses, () =>
        loss.size === batchSize ? tf.reshape(loss, [-1]) : tf.mean(tf.reshape(loss, [batchSize, -1]), 1),
      );
    }
  }
}

async function readOnce(list: HostTensor[], make: () => tf.Tensor): Promise<void> {
  const tensor = tf.tidy(make);
  list.push(await HostTensor.read(tensor));
  tensor.dispose();
}

async function collect(lists: HostTensor[][], tensors: readonly tf.Tensor[]): Promise<void> {
  for (const [i, tensor] of tensors.entries()) {
    lists[i] ??= [];
    lists[i].push(await HostTensor.read(tensor));
  }
}

const GET_PREDS: KnownOptions<GetPredsOptions> = {
  dsIdx: true,
  dl: true,
  withInput: true,
  withDecoded: true,
  withLoss: true,
  act: true,
  inner: true,
  reorder: true,
  cbs: true,
};

/** One pass over the loader. @returns what came by, and the data set's index of each row if results are to be sorted */
async function gatherPass(
  learn: Learner,
  options: GetPredsOptions,
): Promise<{ gather: GatherPredsCallback; order: readonly number[] | null }> {
  checkOptions("Learner.getPreds", options, GET_PREDS);
  await useBackend();
  const {
    dsIdx = 1,
    withInput = false,
    withLoss = false,
    withDecoded = false,
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
  const { activation, decodes } = lossParts(learn.lossFunc);
  const act = options.act ?? (typeof learn.lossFunc === "function" ? undefined : activation);
  const gather = new GatherPredsCallback({ withInput, withLoss, act, decodes: withDecoded ? decodes : undefined });
  const pass = (): Promise<void> =>
    withValidation(learn, () => learn.validateEpoch(dl), [...(options.cbs ?? []), gather], inner);
  await (withLoss ? learn.withLossNotReduced(pass) : pass());
  return { gather, order: reorder ? dl.order : null };
}

/** Predictions of a whole loader. @throws {@link ShapeError} if items differ in size; `getPredItems` takes them */
export async function getPreds(learn: Learner, options: GetPredsOptions = {}): Promise<Predictions> {
  const { gather, order } = await gatherPass(learn, options);
  const inOrder = (parts: HostTensor[]): HostTensor => {
    const joined = HostTensor.concat(parts);
    return order === null || order.length !== joined.length ? joined : joined.take(argsort(order));
  };
  const allTargs = gather.targs.map(inOrder);
  return {
    preds: inOrder(gather.preds),
    targs: allTargs[0] ?? null,
    allTargs,
    inputs: options.withInput ? gather.inputs.map(inOrder) : null,
    decoded: options.withDecoded ? inOrder(gather.decoded) : null,
    losses: options.withLoss && gather.losses.length > 0 ? inOrder(gather.losses) : null,
  };
}

/** Predictions of a whole loader, item by item: each may have a size of its own. */
export async function getPredItems(learn: Learner, options: GetPredsOptions = {}): Promise<PredictedItem[]> {
  const { gather, order } = await gatherPass(learn, options);
  const rows = (parts: readonly HostTensor[]): HostTensor[] =>
    parts.flatMap((part) => Array.from({ length: part.length }, (_, i) => part.row(i)));
  const [targs, inputs] = [gather.targs.map(rows), gather.inputs.map(rows)];
  const [decoded, losses] = [rows(gather.decoded), rows(gather.losses)];
  const items = rows(gather.preds).map((pred, i) => ({
    pred,
    targs: targs.flatMap((each) => each[i] ?? []),
    inputs: options.withInput ? inputs.flatMap((each) => each[i] ?? []) : null,
    decoded: decoded[i] ?? null,
    loss: losses[i]?.values[0] ?? null,
  }));
  return order === null || order.length !== items.length ? items : argsort(order).map((i) => items[i]!);
}

/** Positions that sort `order` ascending. */
function argsort(order: readonly number[]): number[] {
  return order.map((_, i) => i).sort((a, b) => order[a]! - order[b]!);
}
