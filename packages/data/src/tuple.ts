/**
 * The elements of one sample, or of one batch: inputs first, then targets.
 * Transforms go into a tuple element by element, while they take an array (a list of labels) as one value.
 */
export class Tuple<T extends readonly unknown[] = readonly unknown[]> implements Iterable<T[number]> {
  readonly elements: T;

  constructor(elements: T) {
    this.elements = elements;
  }

  /** `Tuple.of(image, label)`. */
  static of<const T extends readonly unknown[]>(...elements: T): Tuple<T> {
    return new Tuple(elements);
  }

  get length(): number {
    return this.elements.length;
  }

  /** Element `i`; a negative `i` counts from the end. */
  at(i: number): T[number] | undefined {
    return this.elements.at(i);
  }

  /** First element that is a `kind`, for transforms that look at the whole sample: the image among its points. */
  find<K>(kind: abstract new (...args: never[]) => K): K | undefined {
    return this.elements.find((element): element is K => element instanceof kind);
  }

  map<U>(fn: (element: T[number], i: number) => U): Tuple<U[]> {
    return new Tuple(this.elements.map(fn));
  }

  [Symbol.iterator](): Iterator<T[number]> {
    return this.elements[Symbol.iterator]();
  }
}

/** A sample as a tuple: itself, or the one element it is. */
export function asTuple(sample: unknown): Tuple {
  return sample instanceof Tuple ? sample : new Tuple([sample]);
}
