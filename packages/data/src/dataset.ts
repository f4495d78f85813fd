import type { MaybePromise } from "./maybePromise.ts";
import type { PipelineDecodeOptions } from "./pipeline.ts";
import type { TransformContext } from "./transformContext.ts";
import { Tuple } from "./tuple.ts";

/**
 * What a loader takes samples from. {@link Datasets} and {@link TfmdLists} are; so is anything with a length and a
 * `get`. What `get` gives is one element, or a {@link Tuple} of inputs and targets.
 */
export interface Dataset {
  /** Samples; `Infinity` where nobody knows how many will come. */
  readonly length: number;
  /** @param ctx - the split, and the generator that random transforms draw from */
  get(i: number, ctx: TransformContext): MaybePromise<unknown>;
  /** For samples without positions, instead of `get`: a new way through all of them. */
  iterate?(): Iterator<unknown> | AsyncIterator<unknown>;
  /** For messages: what sample `i` is made from. */
  readonly items?: readonly unknown[];
  /** 0 for training data, 1 for validation. @defaultValue null */
  readonly splitIdx?: number | null;
  /** @defaultValue all elements of a sample but the last, at least 1 */
  readonly nInp?: number;
  readonly vocab?: unknown;
  readonly c?: unknown;
  readonly lossFunc?: unknown;
  /** Undoes the transforms of a sample, for a person. Of a prediction, later elements may be missing. */
  decode?(sample: Tuple, options?: PipelineDecodeOptions): MaybePromise<unknown>;
  /** The transforms over new items. */
  testSet?(items: readonly unknown[], options?: TestSetRequest): Dataset;
  newEmpty?(): Dataset;
  /** Its transforms as plain data, for an export file. */
  toConfig?(): object;
}

/** What `testSet` is asked for. */
export interface TestSetRequest {
  withLabels?: boolean;
  rmTypeTfms?: number | readonly number[] | undefined;
}

/** A list of samples in memory, as a data set. */
export function listDataset(samples: readonly unknown[]): Dataset {
  const [first] = samples;
  return {
    length: samples.length,
    get: (i) => samples[i],
    nInp: first instanceof Tuple ? Math.max(1, first.length - 1) : 1,
  };
}
