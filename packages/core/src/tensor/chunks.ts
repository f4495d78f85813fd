import { OptionError } from "../errors.ts";

/** An array or a typed array. */
export type Sliceable<T> = ArrayLike<T> & { slice(start?: number, end?: number): Sliceable<T> };

/** Several arrays read as one, without joining them: token lists of many texts, files of one recording. */
export class Chunks<T> {
  readonly #chunks: readonly Sliceable<T>[];
  /** Where each chunk starts, and where the last one ends. */
  readonly #starts: readonly number[];

  constructor(chunks: readonly Sliceable<T>[]) {
    this.#chunks = chunks;
    let end = 0;
    this.#starts = [0, ...chunks.map(({ length }) => (end += length))];
  }

  get length(): number {
    return this.#starts.at(-1)!;
  }

  /** The item at `index`; negative counts from the end. */
  at(index: number): T {
    const i = index < 0 ? index + this.length : index;
    if (!Number.isInteger(i) || i < 0 || i >= this.length) {
      throw new OptionError("Chunks.at", { given: `index ${index}`, expected: `an index below ${this.length}` });
    }
    const chunk = this.#chunkOf(i);
    return this.#chunks[chunk]![i - this.#starts[chunk]!]!;
  }

  /** The items from `start` to before `end`, as `Array.prototype.slice` takes them. */
  slice(start = 0, end: number = this.length): T[] {
    const [from, to] = [start, end].map((i) => Math.min(Math.max(i < 0 ? i + this.length : i, 0), this.length));
    const found: T[] = [];
    if (from! >= to!) return found;
    for (let chunk = this.#chunkOf(from!); this.#starts[chunk]! < to!; chunk++) {
      const offset = this.#starts[chunk]!;
      const part = this.#chunks[chunk]!.slice(Math.max(0, from! - offset), to! - offset);
      for (let i = 0; i < part.length; i++) found.push(part[i]!);
      if (chunk === this.#chunks.length - 1) break;
    }
    return found;
  }

  /** The last chunk that starts at or before `i`. */
  #chunkOf(i: number): number {
    let [low, high] = [0, this.#chunks.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#starts[middle]! <= i) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
