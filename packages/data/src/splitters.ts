import { readFile } from "node:fs/promises";
import { checkOptions, DataError, OptionError, Rng, rng } from "@layerwise/core";
import { Frame, readField } from "./frame.ts";

/** Positions of items, one list per subset: training, validation, and more if there are. */
export type Splits = number[][];

/** Decides which items train and which validate; what `DataBlock` takes. */
export type Splitter<T = unknown> = (items: readonly T[]) => Splits | Promise<Splits>;

/** A {@link Splitter} that goes by position alone and answers at once; it needs no more than the number of items. */
export type PositionSplitter = (items: ArrayLike<unknown>) => Splits;

/** Options of {@link randomSplitter}. */
export interface RandomSplitterOptions {
  /** Part of the items that validates, 0…1; the number of items is rounded down. @defaultValue 0.2 */
  validPct?: number;
  /** An integer for a split that is always the same; the same seed gives fastai's split. */
  seed?: number;
}

/** Splits at random. */
export function randomSplitter(options: RandomSplitterOptions = {}): PositionSplitter {
  checkOptions("randomSplitter", options, { validPct: true, seed: true });
  const { validPct = 0.2, seed } = options;
  if (!(validPct >= 0 && validPct <= 1)) {
    throw new OptionError("randomSplitter", { given: `validPct ${validPct}`, expected: "a part of the items, 0…1" });
  }
  return (items) => {
    const order = permutation(items.length, seed);
    const cut = Math.floor(validPct * items.length);
    return [order.slice(cut), order.slice(0, cut)];
  };
}

/** Options of {@link randomSubsetSplitter}. */
export interface RandomSubsetSplitterOptions {
  /** Part of the items that trains, between 0 and 1. */
  trainSize: number;
  /** Part of the items that validates, between 0 and 1. */
  validSize: number;
  /** An integer for a split that is always the same. */
  seed?: number;
}

/** Splits at random and leaves items out, for quick trials on a part of the data. */
export function randomSubsetSplitter(options: RandomSubsetSplitterOptions): PositionSplitter {
  checkOptions("randomSubsetSplitter", options, { trainSize: true, validSize: true, seed: true });
  const { trainSize, validSize, seed } = options;
  const open = (part: number) => part > 0 && part < 1;
  if (!open(trainSize) || !open(validSize) || trainSize + validSize > 1) {
    throw new OptionError("randomSubsetSplitter", {
      given: `trainSize ${trainSize}, validSize ${validSize}`,
      expected: "both between 0 and 1, together at most 1",
    });
  }
  return (items) => {
    const order = permutation(items.length, seed);
    const train = Math.floor(trainSize * items.length);
    return [order.slice(0, train), order.slice(train, train + Math.floor(validSize * items.length))];
  };
}

/** Validates on the items at `validIdx`, in that order, and trains on all others. */
export function indexSplitter(validIdx: readonly number[]): PositionSplitter {
  return (items) => {
    const wrong = validIdx.find((i) => !Number.isInteger(i) || i < 0 || i >= items.length);
    if (wrong !== undefined) {
      throw new DataError("indexSplitter", { given: `index ${wrong}`, expected: `0…${items.length - 1}` });
    }
    const valid = new Set(validIdx);
    return [positions(items.length, (i) => !valid.has(i)), [...validIdx]];
  };
}

/** Options of {@link endSplitter}. */
export interface EndSplitterOptions {
  /** Part of the items that validates, between 0 and 1. @defaultValue 0.2 */
  validPct?: number;
  /** Whether the last items validate, or the first. @defaultValue true */
  validLast?: boolean;
}

/** Splits at one point, for items in order of time. */
export function endSplitter(options: EndSplitterOptions = {}): PositionSplitter {
  checkOptions("endSplitter", options, { validPct: true, validLast: true });
  const { validPct = 0.2, validLast = true } = options;
  if (!(validPct > 0 && validPct < 1)) {
    throw new OptionError("endSplitter", {
      given: `validPct ${validPct}`,
      expected: "a part of the items, between 0 and 1",
    });
  }
  return ({ length }) => {
    const cut = Math.floor(validPct * length);
    const isValid = validLast ? (i: number) => i >= length - cut : (i: number) => i < cut;
    return [positions(length, (i) => !isValid(i)), positions(length, isValid)];
  };
}

/** Validates where `mask` is true. */
export function maskSplitter(mask: readonly boolean[]): PositionSplitter {
  return ({ length }) => {
    if (mask.length !== length) {
      throw new DataError("maskSplitter", {
        given: `a mask of ${mask.length}`,
        expected: `one entry per item, ${length}`,
      });
    }
    return [positions(length, (i) => !mask[i]), positions(length, (i) => mask[i]!)];
  };
}

/** Validates on the items for which `isValid` answers true. */
export function funcSplitter<T>(isValid: (item: T) => boolean): (items: readonly T[]) => Splits {
  return (items) => maskSplitter(items.map((item) => Boolean(isValid(item))))(items);
}

/** Options of {@link grandparentSplitter}. */
export interface GrandparentSplitterOptions {
  /** Folder or folders that train. @defaultValue "train" */
  trainName?: string | readonly string[];
  /** Folder or folders that validate. @defaultValue "valid" */
  validName?: string | readonly string[];
}

/**
 * Splits by the folder above the label's: `train/cat/1.jpg`, `valid/cat/2.jpg`. Files elsewhere are left out.
 * @throws {@link DataError} if no file lies in one of the folders, naming those that there are
 */
export function grandparentSplitter(options: GrandparentSplitterOptions = {}): (items: readonly string[]) => Splits {
  checkOptions("grandparentSplitter", options, { trainName: true, validName: true });
  const { trainName = "train", validName = "valid" } = options;
  return (items) => {
    const folders = items.map((path) => pathParts(path).at(-3));
    return [trainName, validName].map((name) => {
      const names = typeof name === "string" ? [name] : name;
      const found = names.flatMap((wanted) => positions(items.length, (i) => folders[i] === wanted));
      if (found.length > 0 || items.length === 0) return found;
      const known = [...new Set(folders)].slice(0, 10).map((folder) => (folder === undefined ? "none" : `"${folder}"`));
      throw new DataError("grandparentSplitter", {
        given: `items whose folder above the label's is ${known.join(", ")}`,
        expected: `some in ${names.map((wanted) => `"${wanted}"`).join(" or ")}`,
        fix: "name the folders with `trainName` and `validName`, or choose another splitter",
      });
    });
  };
}

/**
 * Validates on the files whose names are listed, one per line, in the text file `listFile`.
 * @throws {@link DataError} if the list cannot be read, or names none of the items
 */
export function fileSplitter(listFile: string): (items: readonly string[]) => Promise<Splits> {
  return async (items) => {
    const text = await readFile(listFile, "utf8").catch((cause: unknown) => {
      throw new DataError("fileSplitter", {
        given: `"${listFile}", which cannot be read`,
        expected: "a text file",
        cause,
      });
    });
    const names = new Set(text.split(/\r?\n/).filter((line) => line !== ""));
    const splits = funcSplitter<string>((path) => names.has(pathParts(path).at(-1)!))(items);
    if (splits[1]!.length > 0 || items.length === 0) return splits;
    throw new DataError("fileSplitter", {
      given: `"${listFile}" with ${names.size} names, none of which is an item's`,
      expected: `file names such as "${pathParts(items[0]!).at(-1)}", one per line`,
    });
  };
}

/**
 * Splits the rows of a table by one of its columns.
 * @param col - name or position of the column
 * @param on - the value, or values, of rows that validate; if not given, those that are true, or not 0 or empty
 */
export function colSplitter(
  col: string | number = "is_valid",
  on?: unknown,
): (items: readonly object[] | Frame) => Splits {
  const isValid = (value: unknown): boolean => {
    if (on === undefined) return Boolean(value);
    return Array.isArray(on) ? on.includes(value) : value === on;
  };
  return (items) => {
    const rows = items instanceof Frame ? items.rows() : items;
    return funcSplitter((row) => isValid(readField(row, col, "colSplitter")))(rows);
  };
}

/** 0…n-1 in random order, fastai's for the same seed; without one, from the shared generator. */
export function permutation(n: number, seed?: number): number[] {
  return (seed === undefined ? rng() : new Rng(seed)).permutation(n);
}

/** Folders and name of a path, whichever slash it is written with. */
export function pathParts(path: string): string[] {
  return path.split(/[\\/]+/);
}

function positions(length: number, wanted: (i: number) => boolean): number[] {
  return Array.from({ length }, (_, i) => i).filter(wanted);
}
