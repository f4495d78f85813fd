import { readFile } from "node:fs/promises";
import { DataError } from "@layerwise/core";
import { closest } from "fastest-levenshtein";
import { type CsvOptions, parseCsvColumns } from "./frameCsv.ts";

/** One value of a table; `null` is a missing one. */
export type Cell = string | number | boolean | null;

/** A column by name, or by position from 0. */
export type ColumnKey = string | number;

/**
 * A small table in memory, column by column: what a CSV file of labels becomes.
 * Its rows are the items of a data set: `getItems: () => frame.rows()`.
 */
export class Frame {
  readonly columns: readonly string[];
  /** Number of rows. */
  readonly length: number;
  readonly #data: readonly (readonly Cell[])[];

  /** @throws {@link DataError} if columns differ in length or a name comes twice */
  constructor(columns: readonly string[], data: readonly (readonly Cell[])[]) {
    const length = data[0]?.length ?? 0;
    if (columns.length !== data.length) {
      throw new DataError("Frame", {
        given: `${columns.length} names for ${data.length} columns`,
        expected: "as many names as columns",
      });
    }
    const uneven = data.findIndex((column) => column.length !== length);
    if (uneven > 0) {
      throw new DataError("Frame", {
        given: `${data[uneven]!.length} values in column "${columns[uneven]}", ${length} in "${columns[0]}"`,
        expected: "columns of one length",
      });
    }
    const twice = columns.find((name, i) => columns.indexOf(name) !== i);
    if (twice !== undefined) {
      throw new DataError("Frame", {
        given: `two columns named "${twice}"`,
        expected: "a name of its own for each column",
      });
    }
    this.columns = columns;
    this.length = length;
    this.#data = data;
  }

  /** A table from objects; columns in order of first appearance, a key that a row lacks is missing there. */
  static fromRows(rows: readonly Readonly<Record<string, Cell>>[]): Frame {
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    return new Frame(
      columns,
      columns.map((name) => rows.map((row) => row[name] ?? null)),
    );
  }

  /** A table from named columns: `Frame.fromColumns({ name: ["a", "b"], label: [1, 0] })`. */
  static fromColumns(columns: Readonly<Record<string, readonly Cell[]>>): Frame {
    return new Frame(Object.keys(columns), Object.values(columns));
  }

  /** @throws {@link DataError} for an unknown column, with the nearest known name */
  position(column: ColumnKey): number {
    const found = typeof column === "number" ? column : this.columns.indexOf(column);
    if (Number.isInteger(found) && found >= 0 && found < this.columns.length) return found;
    throw unknownColumn("Frame", column, this.columns);
  }

  /** Values of one column, top to bottom. */
  column(column: ColumnKey): readonly Cell[] {
    return this.#data[this.position(column)]!;
  }

  cell(row: number, column: ColumnKey): Cell {
    return this.column(column)[row] ?? null;
  }

  row(index: number): Row {
    if (Number.isInteger(index) && index >= 0 && index < this.length) return new Row(this, index);
    throw new DataError("Frame.row", { given: `row ${index}`, expected: `0…${this.length - 1}` });
  }

  rows(): Row[] {
    return Array.from({ length: this.length }, (_, i) => new Row(this, i));
  }

  [Symbol.iterator](): IterableIterator<Row> {
    return this.rows()[Symbol.iterator]();
  }

  /** The rows at `indices`, in that order. */
  select(indices: readonly number[]): Frame {
    for (const i of indices) this.row(i);
    return new Frame(
      this.columns,
      this.#data.map((column) => indices.map((i) => column[i]!)),
    );
  }

  /** The table with one column more, or with that column replaced. */
  withColumn(name: string, values: readonly Cell[]): Frame {
    const at = this.columns.indexOf(name);
    if (at < 0) return new Frame([...this.columns, name], [...this.#data, values]);
    return new Frame(this.columns, this.#data.with(at, values));
  }
}

/** One row of a {@link Frame}; a view, it copies nothing. */
export class Row {
  readonly frame: Frame;
  readonly index: number;

  constructor(frame: Frame, index: number) {
    this.frame = frame;
    this.index = index;
  }

  get(column: ColumnKey): Cell {
    return this.frame.cell(this.index, column);
  }

  toObject(): Record<string, Cell> {
    return Object.fromEntries(this.frame.columns.map((name, i) => [name, this.get(i)]));
  }

  toString(): string {
    return `row ${this.index} ${JSON.stringify(this.toObject())}`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** Something with named or numbered fields: a {@link Row}, a plain object, an array. */
export type RowLike = Row | object | readonly unknown[];

/**
 * One field of a row: by name, or by position (which counts an object's keys in their order).
 * @throws {@link DataError} if `row` has no fields or not this one
 */
export function readField(row: unknown, column: ColumnKey, where = "readField"): unknown {
  if (row instanceof Row) return row.get(column);
  if (typeof row !== "object" || row === null) {
    throw new DataError(where, {
      given: `${typeof row} ${JSON.stringify(row)}`,
      expected: "a row: of a Frame, a plain object or an array",
      fix: "read the table with `readCsv` and use its `rows()` as items",
    });
  }
  if (typeof column === "number") {
    const values: readonly unknown[] = Array.isArray(row) ? row : Object.values(row);
    if (Number.isInteger(column) && column >= 0 && column < values.length) return values[column];
  } else if (column in row) {
    return (row as Record<string, unknown>)[column];
  }
  throw unknownColumn(where, column, Object.keys(row));
}

/**
 * Reads a CSV file with a header line; numbers and booleans are recognized column by column.
 * @throws {@link DataError} if the file is missing, or a line has too many or too few fields (named by its number)
 */
export async function readCsv(path: string, options: CsvOptions = {}): Promise<Frame> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new DataError("readCsv", { given: `"${path}", which cannot be read`, expected: "a CSV file", cause });
  }
  return parseCsv(text, { name: path, ...options });
}

/** Like {@link readCsv}, for text that is already in memory. */
export function parseCsv(text: string, options: CsvOptions = {}): Frame {
  const { columns, data } = parseCsvColumns(text, options);
  return new Frame(columns, data);
}

function unknownColumn(where: string, column: ColumnKey, known: readonly string[]): DataError {
  const near = typeof column === "string" && known.length > 0 ? closest(column, [...known]) : undefined;
  return new DataError(where, {
    given: typeof column === "number" ? `column ${column} of ${known.length}` : `column "${column}"`,
    expected: known.length === 0 ? "a table with columns" : `one of ${known.map((name) => `"${name}"`).join(", ")}`,
    ...(near === undefined ? {} : { fix: `perhaps "${near}" is meant` }),
  });
}
