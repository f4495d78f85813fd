import { dirname } from "node:path";
import { DataError, OptionError } from "@layerwise/core";
import { regressionBlock } from "@layerwise/data";
import {
  Categorify,
  type ReadTableOptions,
  readTable,
  Table,
  type TableLike,
  TabularDataLoaders,
  type TabularLoadersOptions,
} from "@layerwise/tabular";

export interface CollabFromDfOptions extends TabularLoadersOptions {
  /** Column of who rates. @defaultValue the first column */
  userName?: string;
  /** Column of what is rated. @defaultValue the second column */
  itemName?: string;
  /** Column of the ratings, which are numbers. @defaultValue the third column */
  ratingName?: string;
  /** Part of the ratings that validates, 0…1. @defaultValue 0.2 */
  validPct?: number;
  /** Positions of the rows that validate, instead of a random part. */
  validIdx?: readonly number[];
  /** An integer for a random split that is always the same. */
  seed?: number;
}

export interface CollabFromCsvOptions extends CollabFromDfOptions {
  /** How the file is written. */
  csv?: ReadTableOptions;
}

/** Loaders of ratings: batches of ids, int32 `[N, 2]` (user, item), and ratings, float32 `[N, 1]`. */
export class CollabDataLoaders {
  /**
   * Loaders of a table in memory, a row per rating; other columns are ignored. Users and items that appear only in
   * validation, or later, share the number 0, `#na#`.
   * @throws {@link DataError} for columns that are not there, no rows, or ratings that are no numbers
   */
  static async fromDf(
    ratings: TableLike,
    { userName, itemName, ratingName, ...options }: CollabFromDfOptions = {},
  ): Promise<TabularDataLoaders<number>> {
    const table = Table.from(ratings);
    const [user, item, rating] = [userName, itemName, ratingName].map((name, i) => name ?? table.names[i]);
    if (user === undefined || item === undefined || rating === undefined) {
      throw new DataError("CollabDataLoaders", {
        given: `${table.names.length} columns${table.names.length > 0 ? ` (${table.names.join(", ")})` : ""}`,
        expected: "three: users, items and ratings",
      });
    }
    if (new Set([user, item, rating]).size < 3) {
      throw new OptionError("CollabDataLoaders", {
        given: `users in "${user}", items in "${item}", ratings in "${rating}"`,
        expected: "three different columns",
        fix: "name all of `userName`, `itemName` and `ratingName`",
      });
    }
    return TabularDataLoaders.fromDf<number>(table, {
      ...options,
      catNames: [user, item],
      contNames: [],
      yNames: rating,
      procs: [Categorify],
      yBlock: regressionBlock() as never,
      withCont: false,
    });
  }

  /** Loaders of a CSV file, a row per rating. Files are kept beside it unless `path` says otherwise. */
  static async fromCsv(
    file: string,
    { csv, ...options }: CollabFromCsvOptions = {},
  ): Promise<TabularDataLoaders<number>> {
    return CollabDataLoaders.fromDf(await readTable(file, csv), { path: dirname(file), ...options });
  }
}
