import { OptionError } from "@layerwise/core";
import { type Category, CategoryMap, type JsonObject, NA } from "@layerwise/data";
import { cellText } from "../table/cellText.ts";
import { Column, recoded } from "../table/column.ts";
import type { Table } from "../table/table.ts";
import { type ColumnNames, type Processed, TabularProc, tabularProcs } from "./tabularProc.ts";

/**
 * Turns the values of categorical columns into numbers, and back. Number 0 is `#na#`: missing, or not met in training.
 * The classes of a column of type `"category"` are its own list in its own order; those of any other column are the
 * values in the training rows, sorted.
 */
export class Categorify extends TabularProc {
  override readonly order = 1;
  /** Classes of each column, `#na#` first, once learned. */
  readonly classes = new Map<string, CategoryMap>();

  /** The classes of one column. @throws {@link OptionError} for a column that it did not learn */
  classesOf(name: string): readonly Category[] {
    return this.#map(name).vocab;
  }

  override setups(train: Table, names: ColumnNames): void {
    for (const name of names.cat) {
      const column = train.column(name);
      const values = column.type === "category" ? column.categories : distinct(column);
      this.classes.set(name, new CategoryMap(values, { sort: column.type !== "category", addNa: true }));
    }
  }

  override encodes(table: Table, names: ColumnNames): Processed {
    let encoded = table;
    for (const name of names.cat) encoded = encoded.with(name, encode(table.column(name), this.#map(name)));
    return { table: encoded, names };
  }

  override decodes(table: Table, names: ColumnNames): Table {
    let decoded = table;
    for (const name of names.cat.filter((column) => table.has(column))) {
      const { vocab } = this.#map(name);
      decoded = decoded.with(name, Column.from(Array.from(table.column(name).values, (id) => vocab[id] ?? NA)));
    }
    return decoded;
  }

  override toArgs(): JsonObject {
    return { classes: [...this.classes].map(([name, { vocab }]) => [name, vocab.slice(1)]) };
  }

  #map(name: string): CategoryMap {
    const map = this.classes.get(name);
    if (map !== undefined) return map;
    throw new OptionError("Categorify", {
      given: `the column "${name}"`,
      expected: `one of ${[...this.classes.keys()].join(", ")}`,
    });
  }
}

/** The different values of a column. */
export function distinct(column: Column): Category[] {
  const { values } = column;
  if (column.isCoded) {
    const used = new Uint8Array(column.categories.length);
    for (let i = 0; i < values.length; i++) if (values[i]! >= 0) used[values[i]!] = 1;
    return column.categories.filter((_, i) => used[i] === 1);
  }
  const found = new Map<number, number>();
  for (let i = 0; i < values.length; i++) if (!found.has(values[i]!)) found.set(values[i]!, i);
  return [...found.values()].filter((row) => !column.isMissing(row)).map((row) => categoryAt(column, row));
}

/** A value as a class; dates by their text. */
function categoryAt(column: Column, row: number): Category {
  return cellText(column.get(row)) as Category;
}

/** Numbers of the classes. The number 1 and the text "1" are the same class: a column has values of one type. */
function encode(column: Column, { vocab }: CategoryMap): Column {
  const places = new Map(vocab.map((value, i) => [String(value), i]));
  const { values } = column;
  if (column.isCoded) {
    const to = Int32Array.from(column.categories, (category) => places.get(String(category)) ?? 0);
    return new Column("int", recoded(values, to, 0));
  }
  const ids = new Int32Array(column.length);
  const known = new Map<number, number>();
  for (let i = 0; i < ids.length; i++) {
    const value = values[i]!;
    let id = known.get(value);
    if (id === undefined) {
      id = column.isMissing(i) ? 0 : (places.get(String(categoryAt(column, i))) ?? 0);
      known.set(value, id);
    }
    ids[i] = id;
  }
  return new Column("int", ids);
}

tabularProcs.add("Categorify", (args) => {
  const proc = new Categorify();
  for (const [name, values] of args.classes as unknown as [string, Category[]][]) {
    proc.classes.set(name, new CategoryMap(values, { sort: false, addNa: true }));
  }
  return proc;
});
