import type { Table } from "../table/table.ts";

/** A table that is read in pieces, again and again: more rows than memory holds. */
export interface TableSource {
  /** Number of rows of one way through. */
  readonly rows: number;
  /** A new way through, piece by piece. */
  chunks(): AsyncIterable<Table>;
  /** Rows to learn from, chosen at random. @defaultValue the first ones */
  sample?(rows: number): Promise<Table>;
}
