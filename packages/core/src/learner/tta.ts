import { checkOptions, type KnownOptions } from "../checkOptions.ts";
import { OptionError } from "../errors.ts";
import type { DataSource } from "./dataSource.ts";
import { getPreds, type Predictions } from "./getPreds.ts";
import { HostTensor } from "./hostTensor.ts";
import type { Learner } from "./learner.ts";
import { withValidation } from "./validate.ts";

export interface TtaOptions<X = unknown, Y = unknown> {
  /** @defaultValue 1, validation */
  dsIdx?: number;
  /** A loader of its own instead. */
  dl?: DataSource<X, Y>;
  /** Passes with the training transforms. @defaultValue 4 */
  n?: number;
  /** Instead of the loader's own item transforms. */
  itemTfms?: readonly unknown[];
  /** Instead of the loader's own batch transforms. */
  batchTfms?: readonly unknown[];
  /** Weight of the predictions without augmentation; `null` leaves it to you: see `augmented` and `plain`. @defaultValue 0.25 */
  beta?: number | null;
  /** Largest instead of mean. @defaultValue false */
  useMax?: boolean;
}

/** What `getPreds` gives, `preds` mixed from both parts; with `beta: null` they are the augmented ones. */
export interface TtaPredictions extends Predictions {
  /** Mean (or largest) over the passes with the training transforms. */
  augmented: HostTensor;
  /** With the validation transforms. */
  plain: HostTensor;
}

const TTA: KnownOptions<TtaOptions> = {
  dsIdx: true,
  dl: true,
  n: true,
  itemTfms: true,
  batchTfms: true,
  beta: true,
  useMax: true,
};

/** Test-time augmentation: predictions for several augmented versions of each item, averaged. */
export async function tta(learn: Learner, options: TtaOptions = {}): Promise<TtaPredictions> {
  checkOptions("Learner.tta", options, TTA);
  const { dsIdx = 1, n = 4, beta = 0.25, useMax = false, itemTfms, batchTfms } = options;
  if (!Number.isInteger(n) || n < 1)
    throw new OptionError("Learner.tta", { given: `n ${n}`, expected: "at least one pass" });
  const base = (options.dl ?? learn.dls.get(dsIdx)).with({
    shuffle: false,
    dropLast: false,
    ...(itemTfms ? { itemTfms } : {}),
    ...(batchTfms ? { batchTfms } : {}),
  });
  const passes: HostTensor[] = [];
  const plain = await asOneFit(learn, async () => {
    for (learn.epoch = 0; learn.epoch < n; learn.epoch++) {
      passes.push((await getPreds(learn, { dl: base.with({ splitIdx: 0 }), inner: true })).preds);
    }
    return getPreds(learn, { dl: base.with({ splitIdx: 1 }), inner: true });
  });
  const augmented = combine(
    passes,
    useMax ? (xs) => Math.max(...xs) : (xs) => xs.reduce((a, b) => a + b, 0) / xs.length,
  );
  const mix = useMax ? (a: number, p: number) => Math.max(a, p) : (a: number, p: number) => a + (beta ?? 0) * (p - a);
  const preds = combine([augmented, plain.preds], ([a = 0, p = 0]) => mix(a, p));
  return { ...plain, preds, augmented, plain: plain.preds };
}

/** All passes together are one fit of one epoch to callbacks, as far as those take part that are not for training only. */
async function asOneFit<T>(learn: Learner, body: () => Promise<T>): Promise<T> {
  const run = async (): Promise<T> => {
    await learn.event("beforeFit");
    await learn.event("beforeEpoch");
    const result = await body();
    await learn.event("afterFit");
    return result;
  };
  try {
    return await withValidation(learn, run, [], true);
  } finally {
    for (const cb of learn.cbs) cb.cleanUp?.();
  }
}

function combine(parts: readonly HostTensor[], op: (values: readonly number[]) => number): HostTensor {
  const [first] = parts as [HostTensor, ...HostTensor[]];
  const values = Float32Array.from(first.values, (_, i) => op(parts.map((p) => p.values[i] ?? 0)));
  return new HostTensor(first.shape, values);
}
