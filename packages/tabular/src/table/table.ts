import { DataError, OptionError } from "@layerwise/core";
import { Frame } from "@layerwise/data";
import { table as drawTable, type Figure } from "@layerwise/plot";
import { cellText } from "./cellText.ts";
import { Column, type Value } from "./column.ts";
import { unknownColumn } from "./unknownColumn.ts";

/** A row of a table as an object. */
export type TableRow = Readonly<Record<string, Value>>;

/** What a table can be made of. */
export type TableLike = Table | Frame | readonly object[] | Readonly<Record<string, Column | readonly Value[]>>;

/** Columns of one length, by name, each in a typed array. Nothing changes a table: every method makes another. */
export class Table {
  readonly #columns: ReadonlyMap<string, Column>;
  /** Number of rows. */
  readonly length: number;

  /** @throws {@link DataError} if columns differ in length or a name comes twice */
  constructor(columns: Iterable<readonly [string, Column]>) {
    const found = new Map<string, Column>();
    let length: number | undefined;
    for (const [name, column] of columns) {
      if (found.has(name)) {
        throw new DataError("Table", { given: `two columns named "${name}"`, expected: "a name of its own for each" });
      }
      length ??= column.length;
      if (column.length !== length) {
        throw new DataError("Table", {
          given: `${column.length} values in "${name}", ${length} in the columns before it`,
          expected: "columns of one length",
        });
      }
      found.set(name, column);
    }
    this.#columns = found;
    this.length = length ?? 0;
  }

  /** A table of named lists: `Table.fromColumns({ age: [39, 50], sex: ["Male", "Female"] })`. */
  static fromColumns(columns: Readonly<Record<string, Column | readonly Value[]>>): Table {
    return new Table(
      Object.entries(columns).map(([name, values]) => [name, values instanceof Column ? values : Column.from(values)]),
    );
  }

  /** A table of objects; columns in order of first appearance, a field that a row lacks is missing there. */
  static fromRows(rows: readonly object[]): Table {
    const names = new Set<string>();
    for (const row of rows) {
      if (typeof row !== "object" || row === null || Array.isArray(row)) {
        throw new DataError("Table.fromRows", {
          given: `${Array.isArray(row) ? "a list" : typeof row} as a row`,
          expected: "an object with a field per column, such as { age: 39 }",
        });
      }
      for (const name of Object.keys(row)) names.add(name);
    }
    const at = (row: object, name: string) => (row as TableRow)[name];
    return new Table([...names].map((name) => [name, Column.from(rows.map((row) => at(row, name) ?? null))]));
  }

  /** A table of anything that has rows and columns. */
  static from(source: TableLike): Table {
    if (source instanceof Table) return source;
    if (source instanceof Frame)
      return new Table(source.columns.map((name) => [name, Column.from(source.column(name))]));
    if (Array.isArray(source)) return Table.fromRows(source);
    if (typeof source === "object" && source !== null) {
      return Table.fromColumns(source as Readonly<Record<string, Column | readonly Value[]>>);
    }
    throw new OptionError("Table.from", { given: typeof source, expected: "a table, rows or columns" });
  }

  /** A table of no rows. */
  static empty(names: readonly string[]): Table {
    return new Table(names.map((name) => [name, new Column("int", new Int32Array(0))]));
  }

  /** Tables with the same columns, one below the other. */
  static concat(tables: readonly Table[]): Table {
    const [first] = tables;
    if (first === undefined) return new Table([]);
    return new Table(first.names.map((name) => [name, Column.concat(tables.map((table) => table.column(name)))]));
  }

  /** Names of the columns, left to right. */
  get names(): readonly string[] {
    return [...this.#columns.keys()];
  }

  has(name: string): boolean {
    return this.#columns.has(name);
  }

  /** @throws {@link DataError} for an unknown name, with the nearest known one */
  column(name: string): Column {
    const column = this.#columns.get(name);
    if (column === undefined) throw unknownColumn("Table", name, this.names);
    return column;
  }

  entries(): IterableIterator<[string, Column]> {
    return (this.#columns as Map<string, Column>).entries();
  }

  row(index: number): TableRow {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      throw new DataError("Table.row", { given: `row ${index}`, expected: `0…${this.length - 1}` });
    }
    return Object.fromEntries([...this.#columns].map(([name, column]) => [name, column.get(index)]));
  }

  rows(): TableRow[] {
    return Array.from({ length: this.length }, (_, i) => this.row(i));
  }

  /** Some columns, in that order. */
  select(names: readonly string[]): Table {
    return new Table(names.map((name) => [name, this.column(name)]));
  }

  drop(names: readonly string[]): Table {
    return this.select(this.names.filter((name) => !names.includes(name)));
  }

  /** The table with one column more, or with that column replaced. */
  with(name: string, column: Column): Table {
    return new Table(new Map(this.#columns).set(name, column));
  }

  /** The rows at `indices`, in that order. */
  take(indices: ArrayLike<number>): Table {
    return new Table([...this.#columns].map(([name, column]) => [name, column.take(indices)]));
  }

  /** A stretch of rows, without copying. */
  slice(start: number, end?: number): Table {
    return new Table([...this.#columns].map(([name, column]) => [name, column.slice(start, end)]));
  }

  /** The rows in which none of these columns is missing. */
  dropMissing(names: readonly string[] = this.names): Table {
    const columns = names.map((name) => this.column(name));
    const rows = Array.from({ length: this.length }, (_, i) => i);
    return this.take(rows.filter((row) => columns.every((column) => !column.isMissing(row))));
  }

  /** Bytes that the columns take, texts not counted. */
  get byteLength(): number {
    return [...this.#columns.values()].reduce((sum, column) => sum + column.values.byteLength, 0);
  }

  /** The first rows, to look at. */
  show({ maxN = 10 }: { maxN?: number } = {}): Figure {
    const rows = this.slice(0, maxN).rows();
    return drawTable({ columns: this.names, rows: rows.map((row) => this.names.map((name) => cellText(row[name]))) });
  }
}
