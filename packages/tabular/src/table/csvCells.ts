import type { Category } from "@layerwise/data";
import { Column } from "./column.ts";

/** What a column of a file is to be read as, where finding out would be wrong. */
export type CsvType = "number" | "boolean" | "string";

/** Words for a missing value where the rest of a column is numbers, booleans or dates; in text they are text. */
const missingWords = new Set(["NA", "N/A", "n/a", "#N/A", "NaN", "nan", "-nan", "NULL", "null", "None", "<NA>"]);
const numberPattern = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const infinities = new Map([
  ["inf", Number.POSITIVE_INFINITY],
  ["Inf", Number.POSITIVE_INFINITY],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
  ["-Inf", Number.NEGATIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);
const booleans = new Map([
  ["true", 1],
  ["True", 1],
  ["TRUE", 1],
  ["false", 0],
  ["False", 0],
  ["FALSE", 0],
]);

/** A number that its text says without loss: not "007", and no integer beyond 2^53; NaN for anything else. */
export function readNumber(text: string): number {
  const first = text.charCodeAt(0);
  if (first > 57) return infinities.get(text) ?? Number.NaN; // a letter
  if (!numberPattern.test(text)) return infinities.get(text) ?? Number.NaN;
  const value = +text;
  if (text.length === 1) return value;
  if (/^[+-]?0\d/.test(text)) return Number.NaN;
  return value > 9e15 || value < -9e15 ? largeNumber(text, value) : value;
}

function largeNumber(text: string, value: number): number {
  return /^[+-]?\d+$/.test(text) && !Number.isSafeInteger(value) ? Number.NaN : value;
}

/** Collects the cells of one column while a file streams by, and finds out what they are. */
export class CellCollector {
  readonly #codes = new GrowingArray(Int32Array);
  readonly #numbers = new GrowingArray(Float64Array);
  readonly #places = new Map<string, number>();
  readonly #thousands: string | undefined;
  readonly #isFixed: boolean;
  /** Words that would mean "missing" in a column of numbers, met while nothing else was. */
  readonly #words = new Set<string>();
  #kind: "open" | CsvType;
  /** The column turned out to be text after numbers were taken: their texts are gone, read the file again. */
  spoiled = false;

  constructor(type: CsvType | undefined, thousands?: string) {
    this.#kind = type ?? "open";
    this.#thousands = thousands;
    this.#isFixed = type !== undefined;
  }

  /** @returns false for a cell that a column of the asked type cannot hold */
  add(text: string): boolean {
    if (this.#kind === "string") return this.#addText(text);
    const word = text.trim();
    if (word === "" || missingWords.has(word)) {
      if (this.#kind === "open" && word !== "") this.#words.add(word);
      return this.#addNumber(Number.NaN);
    }
    if (this.#kind !== "boolean") {
      const value = readNumber(this.#thousands === undefined ? word : word.replaceAll(this.#thousands, ""));
      if (!Number.isNaN(value)) {
        this.#kind = "number";
        return this.#addNumber(value);
      }
    }
    const flag = this.#kind === "number" ? undefined : booleans.get(word);
    if (flag !== undefined) {
      this.#kind = "boolean";
      return this.#addNumber(flag);
    }
    if (this.#isFixed) return false;
    return this.#becomeText(text);
  }

  finish(): Column {
    if (this.#kind === "string") {
      return new Column("string", this.#codes.values(), [...this.#places.keys()] as Category[]);
    }
    const numbers = this.#numbers.values();
    if (this.#kind === "boolean") return Column.ofFlags(numbers);
    return Column.ofNumbers(numbers);
  }

  #becomeText(text: string): boolean {
    if (this.#kind === "open" && this.#words.size === 0) {
      this.#kind = "string";
      for (let i = 0; i < this.#numbers.length; i++) this.#codes.push(-1);
      return this.#addText(text);
    }
    this.spoiled = true;
    return true;
  }

  #addNumber(value: number): true {
    this.#numbers.push(value);
    return true;
  }

  #addText(text: string): true {
    if (text === "") {
      this.#codes.push(-1);
      return true;
    }
    let place = this.#places.get(text);
    if (place === undefined) {
      place = this.#places.size;
      // a short text cut from a chunk keeps the whole chunk alive: copy it
      this.#places.set(Buffer.from(text).toString(), place);
    }
    this.#codes.push(place);
    return true;
  }
}

/** A typed array that grows. */
class GrowingArray<T extends Float64Array | Int32Array> {
  #values: T;
  length = 0;

  constructor(kind: new (length: number) => T) {
    this.#values = new kind(1024);
  }

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new (this.#values.constructor as new (length: number) => T)(this.length * 2);
      larger.set(this.#values as never);
      this.#values = larger;
    }
    this.#values[this.length++] = value;
  }

  values(): T {
    return this.#values.slice(0, this.length) as T;
  }
}
