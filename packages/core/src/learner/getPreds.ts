import type * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../backend/index.ts";
import { checkOptions, type KnownOptions } from "../checkOptions.ts";
import { OptionError } from "../errors.ts";
import type { CallbackLike } from "./callbackList.ts";
import type { DataSource } from "./dataSource.ts";
import { GATHER_OPTIONS, type GatherOptions, GatherPredsCallback } from "./gatherPreds.ts";
import { HostTensor } from "./hostTensor.ts";
import type { Learner } from "./learner.ts";
import { lossParts } from "./lossParts.ts";
import { withValidation } from "./validate.ts";

export interface GetPredsOptions<X = unknown, Y = unknown> extends GatherOptions {
  /** Which of the learner's loaders. @defaultValue 1, validation */
  dsIdx?: number;
  /** A loader of its own instead. */
  dl?: DataSource<X, Y>;
  /** Also the loss's decoding, such as class indices. @defaultValue false */
  withDecoded?: boolean;
  /** Applied to the model's outputs. @defaultValue the loss's activation, such as softmax */
  act?: (pred: tf.Tensor) => tf.Tensor;
  /** Axis along which batches are joined; only items along the first one can be sorted. @defaultValue 0 */
  concatDim?: number;
  /** True within a running fit: fires no fit events, and leaves the Recorder alone. @defaultValue false */
  inner?: boolean;
  /** Puts results in the order of the data set, whatever the loader's. @defaultValue true */
  reorder?: boolean;
  /** Callbacks for this pass only. */
  cbs?: readonly CallbackLike[];
}

/** Predictions of a whole loader, read back: plain numbers, nothing to dispose. */
export interface Predictions {
  /** After the activation, `[N, ...]`; empty, `[0]`, with `withPreds: false`. */
  preds: HostTensor;
  /** The first target; `null` if the loader has none, or with `withTargs: false`. */
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

const GET_PREDS: KnownOptions<GetPredsOptions> = {
  ...GATHER_OPTIONS,
  dsIdx: true,
  dl: true,
  withDecoded: true,
  act: true,
  concatDim: true,
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
  const { dsIdx = 1, act: ownAct, withDecoded = false, inner = false, reorder = true, cbs = [] } = options;
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
  const act = ownAct ?? (typeof learn.lossFunc === "function" ? undefined : activation);
  const gather = new GatherPredsCallback({
    ...pick(options, GATHER_OPTIONS),
    act,
    decodes: withDecoded ? decodes : undefined,
  });
  const pass = (): Promise<void> => withValidation(learn, () => learn.validateEpoch(dl), [...cbs, gather], inner);
  const apart = inner ? learn.cbs.filter((cb) => cb.removeOnFetch) : []; // the running pass still needs their numbers
  await learn.withRemovedCbs(apart, () => (options.withLoss ? learn.withLossNotReduced(pass) : pass()));
  return { gather, order: reorder ? dl.order : null };
}

/** Predictions of a whole loader. @throws {@link ShapeError} if items differ in size; `getPredItems` takes them */
export async function getPreds(learn: Learner, options: GetPredsOptions = {}): Promise<Predictions> {
  const { gather, order } = await gatherPass(learn, options);
  const axis = options.concatDim ?? 0;
  const inOrder = (parts: HostTensor[], along = 0): HostTensor => {
    const joined = HostTensor.concat(parts, along);
    return along !== 0 || order === null || order.length !== joined.length ? joined : joined.take(argsort(order));
  };
  const allTargs = gather.targs.map((parts) => inOrder(parts, axis));
  return {
    preds: inOrder(gather.preds, axis),
    targs: allTargs[0] ?? null,
    allTargs,
    inputs: options.withInput ? gather.inputs.map((parts) => inOrder(parts, axis)) : null,
    decoded: options.withDecoded ? inOrder(gather.decoded, axis) : null,
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

/** The options that are among the known ones, and set. */
function pick<O extends object>(
  options: O,
  known: Readonly<Record<string, true>>,
): Pick<O, keyof GatherOptions & keyof O> {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => Object.hasOwn(known, name) && value !== undefined),
  ) as Pick<O, keyof GatherOptions & keyof O>;
}
