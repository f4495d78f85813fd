import { basename, join } from "node:path";
import { DataError } from "@layerwise/core";
import {
  type CategorizeOptions,
  type Category,
  ColReader,
  type ColumnKey,
  type CsvOptions,
  categoryBlock,
  colSplitter,
  type DataLoaders,
  Frame,
  getImageFiles,
  grandparentSplitter,
  multiCategoryBlock,
  parentLabel,
  readCsv,
  regexLabeller,
  regressionBlock,
  type TransformBlock,
  TransformError,
} from "@layerwise/data";
import { imageBlock } from "../blocks.ts";
import type { ImageItem } from "../image/imageItem.ts";
import { type ImageLoadersOptions, loadersOf, type RandomSplitOptions, splitterOf } from "./imageLoadersOptions.ts";

export interface FromFolderOptions<V extends string = string> extends ImageLoadersOptions {
  /** Folder of the training pictures. @defaultValue "train" */
  train?: string;
  /** Folder of the validation pictures. @defaultValue "valid" */
  valid?: string;
  /** Splits all pictures at random instead, this part for validation. */
  validPct?: number | undefined;
  /** An integer for a random split that is always the same. */
  seed?: number | undefined;
  /** The classes. @defaultValue the names of the folders */
  vocab?: readonly V[];
}

export interface FromFunctionOptions extends ImageLoadersOptions, RandomSplitOptions {}

export interface FromListsOptions<Y> extends ImageLoadersOptions, RandomSplitOptions {
  /** What the labels are. @defaultValue found from the labels */
  yBlock?: TransformBlock<never, Y>;
}

export interface FromDfOptions extends ImageLoadersOptions, RandomSplitOptions {
  /** Column of the file names. @defaultValue 0 */
  fnCol?: ColumnKey;
  /** Folder in `path` that the files lie in. */
  folder?: string;
  /** What file names lack, such as ".jpg". */
  suff?: string;
  /** Column, or columns, of the labels. @defaultValue 1 */
  labelCol?: ColumnKey | readonly ColumnKey[];
  /** What separates several labels in one column. */
  labelDelim?: string | undefined;
  /** What the labels are. @defaultValue one class, or several classes with several columns or `labelDelim` */
  yBlock?: TransformBlock<never, unknown> | undefined;
  /** Column that is true for validation rows. @defaultValue none: a random split */
  validCol?: ColumnKey | undefined;
}

export interface FromCsvOptions extends FromDfOptions {
  /** Name of the file in the folder. @defaultValue "labels.csv" */
  csvFname?: string;
  /** How the file is written. */
  csv?: CsvOptions;
}

/** Target type that labels of type `L` give. */
export type TargetOfLabel<L> = L extends readonly (infer V extends Category)[] ? V[] : L;

/**
 * Loaders of labeled pictures, for the usual layouts on disk. Everything else is a `DataBlock`: each of these is a short
 * one.
 */
export class ImageDataLoaders {
  /** Labels are the folders that pictures lie in: `train/cat/1.jpg`, `valid/cat/2.jpg`, or any with `validPct`. */
  static async fromFolder<const V extends string = string>(
    path: string,
    options: FromFolderOptions<V> = {},
  ): Promise<DataLoaders<ImageItem, V>> {
    const { train = "train", valid = "valid", validPct, seed, vocab, ...rest } = options;
    const isRandom = validPct !== undefined;
    const items = isRandom ? await getImageFiles(path) : await filesOfSplits(path, [train, valid]);
    const splitter = isRandom
      ? splitterOf({ validPct, seed })
      : grandparentSplitter({ trainName: train, validName: valid });
    const blocks = [imageBlock(imageOptions(rest)), classBlock(vocab)] as const;
    return loadersOf({ blocks, items, splitter, getY: parentLabel }, { path, ...rest });
  }

  /** `labelFunc` gets the whole path of each file. */
  static async fromPathFunc<L>(
    path: string,
    fnames: readonly string[],
    labelFunc: (path: string) => L,
    { validPct, seed, ...options }: FromFunctionOptions = {},
  ): Promise<DataLoaders<ImageItem, TargetOfLabel<L>>> {
    requireFiles("fromPathFunc", fnames);
    const labels = fnames.map((file) => labelOf(file, labelFunc));
    return ImageDataLoaders.#fromPairs(path, fnames, labels, { ...splitOptions(validPct, seed), ...options });
  }

  /** `labelFunc` gets the name of each file, without its folder. */
  static async fromNameFunc<L>(
    path: string,
    fnames: readonly string[],
    labelFunc: (name: string) => L,
    options: FromFunctionOptions = {},
  ): Promise<DataLoaders<ImageItem, TargetOfLabel<L>>> {
    return ImageDataLoaders.fromPathFunc(path, fnames, (file) => labelFunc(basename(file)), options);
  }

  /** The label is the group of a pattern found in the path. */
  static async fromPathRe(
    path: string,
    fnames: readonly string[],
    pat: RegExp | string,
    options: FromFunctionOptions = {},
  ): Promise<DataLoaders<ImageItem, string>> {
    return ImageDataLoaders.fromPathFunc(path, fnames, regexLabeller(pat), options);
  }

  /** The label is the group of a pattern found in the name of the file: `/^(.+)_\d+\.jpg$/`. */
  static async fromNameRe(
    path: string,
    fnames: readonly string[],
    pat: RegExp | string,
    options: FromFunctionOptions = {},
  ): Promise<DataLoaders<ImageItem, string>> {
    return ImageDataLoaders.fromNameFunc(path, fnames, regexLabeller(pat), options);
  }

  /**
   * Labels in a list beside the files. Lists of labels mean several classes per picture, numbers with a fraction a
   * regression, everything else one class; `yBlock` says otherwise.
   */
  static async fromLists<L, Y = TargetOfLabel<L>>(
    path: string,
    fnames: readonly string[],
    labels: readonly L[],
    options: FromListsOptions<Y> = {},
  ): Promise<DataLoaders<ImageItem, Y>> {
    requireFiles("fromLists", fnames);
    if (labels.length !== fnames.length) {
      throw new DataError("fromLists", {
        given: `${labels.length} labels for ${fnames.length} files`,
        expected: "one label per file",
      });
    }
    return ImageDataLoaders.#fromPairs(path, fnames, labels, options);
  }

  /** File names and labels in the columns of a table, or in the fields of objects. */
  static async fromDf(
    df: Frame | readonly object[],
    options: FromDfOptions & { labelDelim: string; yBlock?: undefined },
  ): Promise<DataLoaders<ImageItem, string[]>>;
  static async fromDf<Y>(
    df: Frame | readonly object[],
    options: FromDfOptions & { yBlock: TransformBlock<never, Y> },
  ): Promise<DataLoaders<ImageItem, Y>>;
  static async fromDf(
    df: Frame | readonly object[],
    options?: FromDfOptions & { labelCol?: ColumnKey },
  ): Promise<DataLoaders<ImageItem, string>>;
  static async fromDf(df: Frame | readonly object[], options?: FromDfOptions): Promise<DataLoaders<ImageItem, unknown>>;
  static async fromDf(
    df: Frame | readonly object[],
    options: FromDfOptions = {},
  ): Promise<DataLoaders<ImageItem, unknown>> {
    const {
      path = ".",
      fnCol = 0,
      folder = "",
      suff = "",
      labelCol = 1,
      labelDelim,
      yBlock,
      validCol,
      ...rest
    } = options;
    const { validPct, seed, ...others } = rest;
    const frame = df instanceof Frame ? df : Frame.fromRows(df as readonly Record<string, never>[]);
    for (const column of [fnCol, labelCol, validCol ?? []].flat()) frame.position(column);
    const isMulti = labelDelim !== undefined || (Array.isArray(labelCol) && labelCol.length > 1);
    const target = yBlock ?? (isMulti ? multiCategoryBlock() : categoryBlock());
    return loadersOf(
      {
        blocks: [imageBlock(imageOptions(others)), target] as const,
        items: frame.rows(),
        splitter: validCol === undefined ? splitterOf(splitOptions(validPct, seed)) : colSplitter(validCol),
        getX: new ColReader(fnCol, { folder: join(path, folder), suffix: suff }),
        getY: new ColReader(labelCol, labelDelim === undefined ? {} : { labelDelim }),
      },
      { path, ...others },
    );
  }

  /** Like `fromDf`, from a CSV file in the folder: `labels.csv` with a header line, file name and label. */
  static async fromCsv(
    path: string,
    options: FromCsvOptions & { labelDelim: string; yBlock?: undefined },
  ): Promise<DataLoaders<ImageItem, string[]>>;
  static async fromCsv(
    path: string,
    options?: FromCsvOptions & { labelCol?: ColumnKey; yBlock?: undefined },
  ): Promise<DataLoaders<ImageItem, string>>;
  static async fromCsv(path: string, options?: FromCsvOptions): Promise<DataLoaders<ImageItem, unknown>>;
  static async fromCsv(
    path: string,
    { csvFname = "labels.csv", csv, ...options }: FromCsvOptions = {},
  ): Promise<DataLoaders<ImageItem, unknown>> {
    return ImageDataLoaders.fromDf(await readCsv(join(path, csvFname), csv), { path, ...options } as FromDfOptions);
  }

  static #fromPairs<L, Y>(
    path: string,
    fnames: readonly string[],
    labels: readonly L[],
    { validPct, seed, yBlock, ...options }: FromListsOptions<Y>,
  ): Promise<DataLoaders<ImageItem, Y>> {
    const target = yBlock ?? (blockFor(labels) as TransformBlock<never, Y>);
    return loadersOf(
      {
        blocks: [imageBlock(imageOptions(options)), target] as const,
        items: fnames.map((file, i) => ({ path: file, label: labels[i]! })),
        splitter: splitterOf(splitOptions(validPct, seed)),
        getX: ({ path }) => path,
        getY: ({ label }) => label,
      },
      { path, ...options },
    );
  }
}

/** What the user's function says, with the file's name in its errors. */
function labelOf<L>(file: string, labelFunc: (path: string) => L): L {
  try {
    return labelFunc(file);
  } catch (cause) {
    throw new TransformError(labelFunc.name || "the label function", file, cause);
  }
}

function imageOptions({ bw = false, autoOrient = false }: ImageLoadersOptions): { bw: boolean; autoOrient: boolean } {
  return { bw, autoOrient };
}

function splitOptions(validPct: number | undefined, seed: number | undefined): RandomSplitOptions {
  return { ...(validPct === undefined ? {} : { validPct }), seed };
}

function classBlock<V extends string>(vocab: readonly V[] | undefined): TransformBlock<V, V> {
  const options: CategorizeOptions<V> = vocab === undefined ? {} : { vocab };
  return categoryBlock(options);
}

async function filesOfSplits(path: string, folders: readonly string[]): Promise<string[]> {
  try {
    return await getImageFiles(path, { folders });
  } catch (error) {
    if (!(error instanceof DataError) || error.cause !== undefined) throw error;
    const { given, expected, fix } = error;
    throw new DataError("fromFolder", {
      given,
      expected,
      fix: `${fix}; name the folders with \`train\` and \`valid\`, or split at random with \`validPct: 0.2\``,
    });
  }
}

function requireFiles(where: string, fnames: readonly string[]): void {
  if (fnames.length > 0) return;
  throw new DataError(where, {
    given: "no files",
    expected: "paths of pictures",
    fix: "use `await getImageFiles(path)`",
  });
}

function blockFor(labels: readonly unknown[]): TransformBlock<never, unknown> {
  if (labels.some(Array.isArray)) return multiCategoryBlock() as TransformBlock<never, unknown>;
  const isRegression = labels.some((label) => typeof label === "number" && !Number.isInteger(label));
  return isRegression ? regressionBlock() : (categoryBlock<Category>() as TransformBlock<never, unknown>);
}
