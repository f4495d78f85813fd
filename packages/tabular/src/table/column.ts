import { DataError } from "@layerwise/core";
import type { Category } from "@layerwise/data";

/** One value of a table: `null` is a missing one. */
export type Value = Category | Date | null;

/**
 * What the values of a column are. `"category"` is text (or other values) from a list whose order means something;
 * `"string"` is plain text.
 */
export type ColumnType = "int" | "float" | "bool" | "string" | "category" | "date";

/** What numbers of a column lie in. */
export type ColumnValues =
  | Float64Array
  | Float32Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint32Array
  | Uint16Array
  | Uint8Array;

/** Stands for a missing value in a column of booleans. */
const MISSING_BOOL = 2;

/**
 * A column of a table, in one typed array. Numbers are stored as they are, dates as milliseconds since 1970 (both with
 * NaN for a missing one), booleans as 0 and 1, text as positions in the list of different texts, -1 where missing.
 * Columns of whole numbers have no missing values. Nothing changes a column: what works on one makes another.
 */
export class Column {
  readonly type: ColumnType;
  readonly values: ColumnValues;
  /** The different values of a `"string"` or `"category"` column. */
  readonly categories: readonly Category[];

  /** @param categories - for text and categories; `values` are positions in it */
  constructor(type: ColumnType, values: ColumnValues, categories: readonly Category[] = []) {
    this.type = type;
    this.values = values;
    this.categories = categories;
  }

  /**
   * A column of plain values: all numbers, all booleans, all dates, or text. Mixed numbers and texts become text.
   * @throws {@link DataError} for a value that no column can hold
   */
  static from(values: readonly (Value | bigint | undefined)[]): Column {
    const kinds = new Set<string>();
    for (const value of values) kinds.add(kindOf(value));
    kinds.delete("missing");
    if (kinds.has("other")) {
      const bad = values.find((value) => kindOf(value) === "other");
      throw new DataError("Column", {
        given: `${typeof bad} ${JSON.stringify(bad)}`,
        expected: "numbers, texts, booleans, dates or null",
      });
    }
    const [kind = "number"] = kinds;
    if (kinds.size > 1 || kind === "string") return textColumn(values);
    if (kind === "date") return new Column("date", Float64Array.from(values, dateValue));
    if (kind === "boolean") return new Column("bool", Uint8Array.from(values, boolValue));
    return Column.ofNumbers(Float64Array.from(values, (value) => (typeof value === "number" ? value : Number.NaN)));
  }

  /** A column of numbers: of type `"int"` if all are whole and none is missing. */
  static ofNumbers(values: Float64Array): Column {
    let whole = true;
    let small = true;
    for (let i = 0; i < values.length && whole; i++) {
      const value = values[i]!;
      whole = Number.isSafeInteger(value);
      small &&= value === (value | 0);
    }
    if (!whole || values.length === 0) return new Column("float", values);
    return new Column("int", small ? new Int32Array(values) : values);
  }

  /** A column of booleans of 0 and 1, NaN where missing. */
  static ofFlags(values: ArrayLike<number>): Column {
    const flags = new Uint8Array(values.length);
    for (let i = 0; i < flags.length; i++) flags[i] = Number.isNaN(values[i]) ? MISSING_BOOL : values[i]!;
    return new Column("bool", flags);
  }

  /** A column whose values have an order of their own: `Column.ordered(sizes, ["small", "middle", "large"])`. */
  static ordered(values: readonly (Category | null)[], categories: readonly Category[]): Column {
    return Column.from(values).withCategories(categories);
  }

  get length(): number {
    return this.values.length;
  }

  /** Whether values are positions in `categories`. */
  get isCoded(): boolean {
    return this.type === "string" || this.type === "category";
  }

  get isNumeric(): boolean {
    return this.type === "int" || this.type === "float";
  }

  isMissing(row: number): boolean {
    const value = this.values[row]!;
    if (this.isCoded) return value < 0;
    if (this.type === "bool") return value === MISSING_BOOL;
    return Number.isNaN(value);
  }

  /** How many values are missing. */
  missingCount(): number {
    if (this.type === "int") return 0;
    let count = 0;
    for (let i = 0; i < this.length; i++) if (this.isMissing(i)) count++;
    return count;
  }

  get(row: number): Value {
    if (this.isMissing(row)) return null;
    const value = this.values[row]!;
    if (this.isCoded) return this.categories[value]!;
    if (this.type === "bool") return value === 1;
    return this.type === "date" ? new Date(value) : value;
  }

  toArray(): Value[] {
    return Array.from({ length: this.length }, (_, i) => this.get(i));
  }

  /** The values at `rows`, in that order. */
  take(rows: ArrayLike<number>): Column {
    const { values } = this;
    const taken = new (values.constructor as new (length: number) => ColumnValues)(rows.length);
    for (let i = 0; i < rows.length; i++) taken[i] = values[rows[i]!]!;
    return new Column(this.type, taken, this.categories);
  }

  /** A stretch of rows, without copying. */
  slice(start: number, end?: number): Column {
    return new Column(this.type, this.values.subarray(start, end) as ColumnValues, this.categories);
  }

  /** Numbers as they are, booleans as 0 and 1, dates as milliseconds; NaN where missing. @throws {@link DataError} for text */
  toNumbers(name = "a column"): Float64Array | Float32Array | Int32Array {
    if (this.isCoded) {
      const example = this.categories.find((text) => Number.isNaN(Number(text))) ?? this.categories[0];
      const separated = /^[+-]?\d{1,3}([,' ]\d{3})+(\.\d+)?$/.test(String(example));
      throw new DataError("Table", {
        given: `text in "${name}", such as ${JSON.stringify(example)}`,
        expected: "numbers",
        fix: separated
          ? 'read the file with `thousands: ","`, or whatever separates thousands in it'
          : "list the column among the categorical ones, or repair its values",
      });
    }
    const { values } = this;
    if (values instanceof Float64Array || values instanceof Float32Array || values instanceof Int32Array) return values;
    const numbers = new Float64Array(values);
    if (this.type !== "bool") return numbers;
    for (let i = 0; i < numbers.length; i++) if (numbers[i] === MISSING_BOOL) numbers[i] = Number.NaN;
    return numbers;
  }

  /** The same values as positions in another list; values that are not in it become missing. */
  withCategories(categories: readonly Category[], type: "string" | "category" = "category"): Column {
    const places = new Map(categories.map((category, i) => [category, i]));
    if (this.isCoded) {
      const to = Int32Array.from(this.categories, (category) => places.get(category) ?? -1);
      return new Column(type, recoded(this.values, to, -1), categories);
    }
    const codes = Int32Array.from({ length: this.length }, (_, i) => places.get(this.get(i) as Category) ?? -1);
    return new Column(type, codes, categories);
  }

  /** Stretches of columns of one kind, one after the other. */
  static concat(parts: readonly Column[]): Column {
    const [first] = parts;
    if (first === undefined) return new Column("float", new Float64Array(0));
    if (parts.length === 1) return first;
    const isSame = parts.every(
      (part) => part.type === first.type && part.values.constructor === first.values.constructor,
    );
    if (!isSame) return Column.from(parts.flatMap((part) => part.toArray()));
    const values = new (first.values.constructor as new (length: number) => ColumnValues)(
      parts.reduce((sum, part) => sum + part.length, 0),
    );
    const all = first.isCoded ? [...new Set(parts.flatMap((part) => [...part.categories]))] : [];
    let at = 0;
    for (const part of parts) {
      values.set(part.isCoded ? part.withCategories(all).values : part.values, at);
      at += part.length;
    }
    return new Column(first.type, values, all);
  }
}

/** What `to` says of each code; of a missing one, `missing`. */
export function recoded(codes: ColumnValues, to: Int32Array, missing: number): Int32Array {
  const out = new Int32Array(codes.length);
  for (let i = 0; i < out.length; i++) {
    const code = codes[i]!;
    out[i] = code < 0 ? missing : to[code]!;
  }
  return out;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "missing";
  if (typeof value === "number") return Number.isNaN(value) ? "missing" : "number";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "string" || typeof value === "bigint") return "string";
  return value instanceof Date ? "date" : "other";
}

function textColumn(values: readonly (Value | bigint | undefined)[]): Column {
  const places = new Map<string, number>();
  const codes = Int32Array.from(values, (value) => {
    if (kindOf(value) === "missing") return -1;
    const text = value instanceof Date ? value.toISOString() : String(value);
    const place = places.get(text) ?? places.size;
    places.set(text, place);
    return place;
  });
  return new Column("string", codes, [...places.keys()]);
}

function dateValue(value: unknown): number {
  return value instanceof Date ? value.getTime() : Number.NaN;
}

function boolValue(value: unknown): number {
  return typeof value === "boolean" ? Number(value) : MISSING_BOOL;
}
