import { checkOptions, type KnownOptions, randomState, setRandomState } from "@layerwise/core";
import { Callback, type CallbackLike, type DataSource, type Predictions } from "@layerwise/core/learner";

export interface FetchPredsOptions {
  /** Which of the learner's loaders. @defaultValue 1, validation */
  dsIdx?: number;
  /** A loader of its own instead. */
  dl?: DataSource;
  /** Also the inputs, as the model saw them. @defaultValue false */
  withInput?: boolean;
  /** Also the loss's decoding, such as class indices. @defaultValue false */
  withDecoded?: boolean;
  /** Callbacks that stay out of the prediction pass, beside those that always do. */
  cbs?: readonly CallbackLike[];
  /** Puts results in the order of the data set. @defaultValue true */
  reorder?: boolean;
}

const FETCH_PREDS: KnownOptions<FetchPredsOptions> = {
  dsIdx: true,
  dl: true,
  withInput: true,
  withDecoded: true,
  cbs: true,
  reorder: true,
};

/**
 * Predicts after each validation, so that a callback or a person can see predictions change from epoch to epoch. The
 * random state is put back: training goes on as it would have without.
 */
export class FetchPredsCallback extends Callback {
  static override readonly cbName: string = "fetchPreds";
  override readonly trainOnly = true;
  override readonly removeOnFetch = true;
  /** Of the latest epoch. */
  preds: Predictions | null = null;
  readonly #options: FetchPredsOptions;

  constructor(options: FetchPredsOptions = {}) {
    super();
    checkOptions("FetchPredsCallback", options, FETCH_PREDS);
    this.#options = options;
  }

  override async afterValidate(): Promise<void> {
    const { learn } = this;
    const { cbs = [], ...options } = this.#options;
    const left = [...learn.cbs.filter((cb) => cb.removeOnFetch), ...cbs];
    const random = randomState();
    try {
      this.preds = await learn.withRemovedCbs(left, () => learn.getPreds({ ...options, inner: true }));
    } finally {
      setRandomState(random);
    }
  }
}
