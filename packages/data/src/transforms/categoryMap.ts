import { DataError, OptionError } from "@layerwise/core";
import { closest } from "fastest-levenshtein";

/** One class: its name, or the number or boolean that stands for it. */
export type Category = string | number | boolean;

/** Name of the class for what is missing or unknown. */
export const NA = "#na#";

/** Options of {@link CategoryMap}. */
export interface CategoryMapOptions {
  /** Ascending order: numbers by size, strings by code point, false before true. @defaultValue true */
  sort?: boolean;
  /** Puts "#na#" first, to which all unknown values map. @defaultValue false */
  addNa?: boolean;
}

/**
 * The classes that values of one column take, and a number for each.
 * @see {@link Categorize}
 */
export class CategoryMap<V extends Category = Category> implements Iterable<V | typeof NA> {
  /** Class names; a class's number is its position. */
  readonly vocab: readonly (V | typeof NA)[];
  readonly addNa: boolean;
  readonly #index: ReadonlyMap<Category, number>;

  /**
   * @param values - of the column, in any number; null, undefined and NaN are left out
   * @throws {@link DataError} if values of several types are to be sorted
   */
  constructor(values: Iterable<V | null | undefined>, { sort = true, addNa = false }: CategoryMapOptions = {}) {
    if (typeof values === "string") {
      throw new OptionError("CategoryMap", {
        given: `the text "${values}"`,
        expected: "a list of values",
        fix: `["${values}"]`,
      });
    }
    const seen = new Set<V | typeof NA>();
    for (const value of values) if (!isMissing(value) && !(addNa && value === NA)) seen.add(value);
    const classes = sort ? sortedClasses([...seen]) : [...seen];
    this.vocab = addNa ? [NA, ...classes] : classes;
    this.addNa = addNa;
    this.#index = new Map(this.vocab.map((value, i) => [value, i]));
  }

  /**
   * The map of a column whose categories have an order of their own: "low", "middle", "high".
   * @param strict - keeps only the categories that occur in `values`
   */
  static ordered<V extends Category>(
    values: Iterable<V | null | undefined>,
    categories: readonly V[],
    { strict = false, addNa = false }: { strict?: boolean; addNa?: boolean } = {},
  ): CategoryMap<V> {
    const present = new Set(values);
    const kept = strict ? categories.filter((category) => present.has(category)) : categories;
    return new CategoryMap(kept, { sort: false, addNa });
  }

  get length(): number {
    return this.vocab.length;
  }

  /** Number of a class; with `addNa` 0 for an unknown one, else undefined. */
  indexOf(value: Category | null | undefined): number | undefined {
    const known = value === null || value === undefined ? undefined : this.#index.get(value);
    return known ?? (this.addNa ? 0 : undefined);
  }

  has(value: Category): boolean {
    return this.#index.has(value);
  }

  /** @throws {@link DataError} for a number that is no class's */
  at(index: number): V | typeof NA {
    const value = this.vocab[index];
    if (value !== undefined) return value;
    throw new DataError("CategoryMap", { given: `class number ${index}`, expected: `0…${this.length - 1}` });
  }

  /** Numbers of values. @throws {@link DataError} for an unknown one, unless `addNa` */
  mapObjs(values: readonly Category[]): number[] {
    return values.map((value) => this.indexOf(value) ?? throwUnknown("CategoryMap", [value], this.vocab));
  }

  /** Classes of numbers. */
  mapIds(indices: ArrayLike<number>): (V | typeof NA)[] {
    return Array.from(indices, (index) => this.at(index));
  }

  /** Whether the classes are `vocab`, in that order. */
  equals(vocab: readonly Category[]): boolean {
    return vocab.length === this.length && vocab.every((value, i) => value === this.vocab[i]);
  }

  [Symbol.iterator](): Iterator<V | typeof NA> {
    return this.vocab[Symbol.iterator]();
  }
}

/** Throws for labels outside a vocabulary: names them, the vocabulary, and the nearest name in it. */
export function throwUnknown(where: string, labels: readonly unknown[], vocab: readonly Category[]): never {
  const shown = vocab.slice(0, 20).map((label) => JSON.stringify(label));
  const more = vocab.length > shown.length ? `, … (${vocab.length} in all)` : "";
  const one = labels.length === 1;
  throw new DataError(where, {
    given: `the label${one ? "" : "s"} ${labels.map((label) => JSON.stringify(label)).join(", ")}`,
    expected: `labels of the training items: ${shown.join(", ")}${more}`,
    fix: `${nearest(labels, vocab)}make sure that every label occurs in the training items, or list all of them as \`vocab\``,
  });
}

/** The value is none: null, undefined or NaN. */
export function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined || Number.isNaN(value);
}

function nearest(labels: readonly unknown[], vocab: readonly Category[]): string {
  const names = vocab.filter((label) => typeof label === "string");
  const [label] = labels;
  const same = vocab.find((known) => typeof known !== typeof label && String(known) === String(label));
  if (same !== undefined) return `the vocabulary has the ${typeof same} ${same}, the label is a ${typeof label}; `;
  return typeof label === "string" && names.length > 0 ? `perhaps "${closest(label, names)}" is meant; ` : "";
}

function sortedClasses<V extends Category>(classes: V[]): V[] {
  const types = [...new Set(classes.map((value) => typeof value))];
  if (types.length > 1) {
    const examples = types.map((type) => `${type} ${JSON.stringify(classes.find((value) => typeof value === type))}`);
    throw new DataError("CategoryMap", {
      given: `labels of several types: ${examples.join(", ")}`,
      expected: "labels of one type, which have an order",
      fix: "make strings of all labels in `getY`, or pass `sort: false`",
    });
  }
  return classes.sort((a, b) => (typeof a === "string" ? compareCodePoints(a, b as string) : Number(a) - Number(b)));
}

/** Order of UTF-32, Python's: other than `<`, which puts emoji before the last BMP characters. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = a.codePointAt(i)! - b.codePointAt(i)!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
