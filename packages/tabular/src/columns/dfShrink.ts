import { checkOptions } from "@layerwise/core";
import { Column, type ColumnValues } from "../table/column.ts";
import { sortedCategories } from "../table/sortedCategories.ts";
import { Table, type TableLike } from "../table/table.ts";

/** How a column may be stored. */
export type Storage = "int8" | "int16" | "int32" | "uint8" | "uint16" | "uint32" | "float32" | "float64" | "category";

export interface DfShrinkOptions {
  /** Columns to leave as they are. */
  skip?: readonly string[];
  /** Makes categories, sorted, of text. @defaultValue true */
  obj2cat?: boolean;
  /** Stores whole numbers of 0 and more without a sign. @defaultValue false */
  int2uint?: boolean;
}

const integers = [
  ["int8", Int8Array, -128, 127],
  ["int16", Int16Array, -32_768, 32_767],
  ["int32", Int32Array, -(2 ** 31), 2 ** 31 - 1],
] as const;
const unsigned = [
  ["uint8", Uint8Array, 0, 255],
  ["uint16", Uint16Array, 0, 65_535],
  ["uint32", Uint32Array, 0, 2 ** 32 - 1],
] as const;

/** The smallest way to store each column without changing its values; only columns for which that is a change. */
export function dfShrinkDtypes(source: TableLike, options: DfShrinkOptions = {}): Record<string, Storage> {
  checkOptions("dfShrinkDtypes", options, { skip: true, obj2cat: true, int2uint: true });
  const { skip = [], obj2cat = true, int2uint = false } = options;
  const changes: Record<string, Storage> = {};
  for (const [name, column] of Table.from(source).entries()) {
    if (skip.includes(name)) continue;
    const storage = smallest(column, obj2cat, int2uint);
    if (storage !== undefined && storage !== storageOf(column)) changes[name] = storage;
  }
  return changes;
}

/** Stores each column as small as its values allow; see {@link dfShrinkDtypes}. */
export function dfShrink(source: TableLike, options: DfShrinkOptions = {}): Table {
  let table = Table.from(source);
  for (const [name, storage] of Object.entries(dfShrinkDtypes(table, options))) {
    table = table.with(name, stored(table.column(name), storage));
  }
  return table;
}

function smallest(column: Column, obj2cat: boolean, int2uint: boolean): Storage | undefined {
  if (column.type === "string") return obj2cat ? "category" : undefined;
  if (column.type === "float") return fitsFloat32(column.values) ? "float32" : undefined;
  if (column.type !== "int") return undefined;
  const { values } = column;
  let [low, high] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const isUnsigned = values instanceof Uint8Array || values instanceof Uint16Array || values instanceof Uint32Array;
  const kinds = isUnsigned || (int2uint && low >= 0) ? unsigned : integers;
  return kinds.find(([, , min, max]) => low >= min && high <= max)?.[0];
}

function fitsFloat32(values: ColumnValues): boolean {
  for (let i = 0; i < values.length; i++) {
    if (Math.abs(values[i]!) > 3.4028234663852886e38 && Number.isFinite(values[i])) return false;
  }
  return true;
}

function storageOf({ type, values }: Column): string {
  return type === "category" ? type : values.constructor.name.replace("Array", "").toLowerCase();
}

function stored(column: Column, storage: Storage): Column {
  if (storage === "category") return column.withCategories(sortedCategories(column.categories));
  const kind = [...integers, ...unsigned].find(([name]) => name === storage)?.[1] ?? Float32Array;
  const make = kind as new (values: ArrayLike<number>) => ColumnValues;
  return new Column(column.type, new make(column.values), column.categories);
}
