import type { Figure } from "@layerwise/plot";
import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import type { DataSource } from "./dataSource.ts";
import { getPreds } from "./getPreds.ts";
import type { Learner } from "./learner.ts";

export interface ShowResultsOptions<X = unknown, Y = unknown> {
  /** @defaultValue 1, validation */
  dsIdx?: number;
  /** A loader of its own instead. */
  dl?: DataSource<X, Y>;
  /** Samples shown. @defaultValue 9 */
  maxN?: number;
  /** Random samples instead of the first. @defaultValue true */
  shuffle?: boolean;
  /** True within a running fit: fires no fit events. @defaultValue false */
  inner?: boolean;
}

/** Samples with their targets and what the model says, as a picture. */
export async function showResults(learn: Learner, options: ShowResultsOptions = {}): Promise<Figure> {
  checkOptions("Learner.showResults", options, { dsIdx: true, dl: true, maxN: true, shuffle: true, inner: true });
  const { dsIdx = 1, maxN = 9, shuffle = true, inner = false } = options;
  const source = (options.dl ?? learn.dls.get(dsIdx)).with({ shuffle, dropLast: false });
  const batch = await source.oneBatch();
  try {
    const dl = oneBatchSource(source, batch);
    const { decoded } = await getPreds(learn, { dl, withDecoded: true, reorder: false, inner });
    const tensor = decoded?.toTensor() ?? tf.tensor([]);
    try {
      return await source.showResults(batch, tensor, { maxN });
    } finally {
      tensor.dispose();
    }
  } finally {
    batch.dispose();
  }
}

/** A loader that yields one batch that stays its owner's. */
function oneBatchSource(source: DataSource, batch: Awaited<ReturnType<DataSource["oneBatch"]>>): DataSource {
  const lent = { xb: batch.xb, yb: batch.yb, dispose: () => {} };
  async function* once(): AsyncIterableIterator<typeof lent> {
    yield lent;
  }
  const view: DataSource = Object.create(source, {
    length: { value: 1 },
    itemCount: { value: batch.xb[0]?.shape[0] ?? 0 },
    dropLast: { value: false },
    order: { value: null },
    iterate: { value: once },
    [Symbol.asyncIterator]: { value: once },
  });
  return view;
}
