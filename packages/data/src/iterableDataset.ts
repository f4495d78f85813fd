import { checkOptions, checkWhole, DataError, type KnownOptions, OptionError, StateError } from "@layerwise/core";
import { type Dataset, listDataset } from "./dataset.ts";
import { describeItem } from "./describe.ts";
import { Frame } from "./frame.ts";

/** Samples that come one after the other: any (async) iterable, or the generator function that makes one per pass. */
export type SampleStream =
  | Iterable<unknown>
  | AsyncIterable<unknown>
  | (() => Iterable<unknown> | AsyncIterable<unknown>);

/** What a loader takes: a data set, a list of samples, or samples that can only be gone through in order. */
export type DatasetLike = Dataset | readonly unknown[] | SampleStream;

/** What is known of samples that come one after the other. */
export interface IterableDatasetOptions
  extends Pick<Dataset, "nInp" | "vocab" | "c" | "lossFunc" | "splitIdx" | "decode"> {
  /** Samples in one pass. @defaultValue the iterable's own `length` or `size`, else unknown */
  length?: number;
}

const OPTIONS: KnownOptions<IterableDatasetOptions> = {
  ...{ length: true, nInp: true, vocab: true, c: true, lossFunc: true, splitIdx: true, decode: true },
};

/**
 * A data set without positions: rows of a database, lines of a huge file, samples made up as they are needed. It may be
 * endless. Each pass goes through it anew, so a generator is given as its function: `iterableDataset(readRows)`.
 * @throws {@link OptionError} for a generator that was started already, which only one pass could go through
 */
export function iterableDataset(source: SampleStream, options: IterableDatasetOptions = {}): Dataset {
  checkOptions("iterableDataset", options, OPTIONS);
  const { length, ...known } = options;
  if (length !== undefined && length !== Number.POSITIVE_INFINITY) checkWhole("iterableDataset", "length", length, 0);
  requireRepeatable(source);
  const iterate = () => {
    const iterable = typeof source === "function" ? source() : source;
    if (Symbol.asyncIterator in iterable) return iterable[Symbol.asyncIterator]();
    if (Symbol.iterator in iterable) return iterable[Symbol.iterator]();
    throw new DataError("iterableDataset", {
      given: `${describeItem(iterable)} from the function`,
      expected: "an iterable, as a generator function gives",
    });
  };
  return { ...known, length: length ?? ownLength(source) ?? Number.POSITIVE_INFINITY, iterate, get: noPositions };
}

/** The data set that a loader works on. */
export function toDataset(source: DatasetLike): Dataset {
  if (Array.isArray(source)) return listDataset(source);
  if (source instanceof Frame) return listDataset(source.rows());
  if (typeof source === "function") return iterableDataset(source);
  if (typeof source === "object" && source !== null) {
    if ("get" in source && "length" in source) return source as Dataset;
    if (Symbol.asyncIterator in source || Symbol.iterator in source) return iterableDataset(source as SampleStream);
  }
  throw new OptionError("DataLoader", {
    given: `${describeItem(source)} as data set`,
    expected: "a list of samples, an iterable of them, or something with `length` and `get(i)`",
  });
}

function requireRepeatable(source: SampleStream): void {
  if (typeof source === "function") return;
  if (typeof source !== "object" || source === null || !(Symbol.asyncIterator in source || Symbol.iterator in source)) {
    throw new OptionError("iterableDataset", {
      given: `${describeItem(source)} as the samples`,
      expected: "an iterable, or a generator function",
      fix: "give something that `for await (const sample of samples)` can go through",
    });
  }
  const open: () => unknown =
    Symbol.asyncIterator in source ? () => source[Symbol.asyncIterator]() : () => source[Symbol.iterator]();
  const isStarted = open() === source;
  if (!isStarted) return;
  throw new OptionError("iterableDataset", {
    given: "a generator, which can be gone through once",
    expected: "something that each pass can go through anew",
    fix: "give the generator function itself, without calling it",
  });
}

function ownLength(source: SampleStream): number | undefined {
  if (typeof source === "function") return undefined;
  const { length, size } = source as { length?: unknown; size?: unknown };
  return [length, size].find((count) => typeof count === "number");
}

function noPositions(i: number): never {
  throw new StateError("iterableDataset", {
    given: `a question for sample ${i}`,
    expected: "samples to be gone through in order: they have no positions",
    fix: "give what transforms would learn from the samples (`vocab`, `mean`) as options, or collect the samples in a list",
  });
}
