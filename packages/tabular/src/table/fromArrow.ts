import { DataError } from "@layerwise/core";
import type { Category } from "@layerwise/data";
import { Column, type Value } from "./column.ts";
import { Table } from "./table.ts";

/** What is read of a table of the package apache-arrow, any version. */
export interface ArrowTable {
  readonly numRows: number;
  readonly schema: { readonly fields: readonly { readonly name: string; readonly type: unknown }[] };
  getChild(name: string): ArrowVector | null;
}

interface ArrowVector {
  readonly length: number;
  readonly nullCount: number;
  readonly type: unknown;
  get(index: number): unknown;
  /** Values in one typed array, where there is one. */
  toArray(): unknown;
}

/**
 * A table of an Arrow table: numbers without gaps are taken over in one piece, dictionaries become categories.
 * @throws {@link DataError} for nested values
 */
export function fromArrow(source: ArrowTable): Table {
  return new Table(
    source.schema.fields.map(({ name }) => {
      const vector = source.getChild(name);
      if (vector === null) throw new DataError("fromArrow", { given: `no column "${name}"`, expected: "every field" });
      return [name, columnOf(vector, name)];
    }),
  );
}

function columnOf(vector: ArrowVector, name: string): Column {
  const type = String(vector.type);
  const isPlain = /^(Int8|Int16|Int32|Uint8|Uint16|Float32|Float64)$/.test(type);
  if (isPlain && vector.nullCount === 0) {
    const values = vector.toArray();
    if (values instanceof Float64Array) return new Column("float", values);
    if (values instanceof Float32Array) return new Column("float", values);
    if (ArrayBuffer.isView(values)) return new Column("int", values as Int32Array);
  }
  const isDate = /^(Date|Timestamp)/.test(type);
  const values = Array.from({ length: vector.length }, (_, i) => plainValue(vector.get(i), isDate, name));
  const column = Column.from(values);
  return /^Dictionary/.test(type) && column.isCoded ? column.withCategories(column.categories as Category[]) : column;
}

function plainValue(value: unknown, isDate: boolean, name: string): Value | bigint {
  if (value === null || value === undefined) return null;
  if (isDate) return new Date(Number(value));
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") return value;
  if (value instanceof Date) return value;
  throw new DataError("fromArrow", {
    given: `nested values in "${name}"`,
    expected: "numbers, texts, booleans, dates",
  });
}
