import { DataError, StateError } from "@layerwise/core";
import { TensorData, TensorMultiCategory } from "@layerwise/core/tensor";
import { DisplayedTransform } from "../displayedTransform.ts";
import { type JsonObject, type SetupSource, transformRegistry } from "../transform.ts";

/** Turns class numbers into a 0 or 1 per class, and back. */
export class OneHotEncode extends DisplayedTransform {
  override order = 2;
  #c: number | undefined;

  /** @param c - number of classes; taken from the vocabulary of the items if not given */
  constructor(c?: number) {
    super();
    this.#c = c;
  }

  /** Number of classes, once known. */
  get c(): number | undefined {
    return this.#c;
  }

  override setups(items: SetupSource & { readonly vocab?: unknown }): void {
    if (Array.isArray(items.vocab)) this.#c = items.vocab.length;
  }

  override encodes(x: TensorData | readonly number[]): TensorData<TensorMultiCategory> {
    if (this.#c === undefined) {
      throw new StateError("OneHotEncode", {
        given: "class numbers, but not how many classes there are",
        expected: "a vocabulary, which `MultiCategorize` before it learns, or the number",
        fix: "write `new OneHotEncode(c)`",
      });
    }
    const values = new Float32Array(this.#c);
    for (const index of x instanceof TensorData ? x.values : x) {
      if (!Number.isInteger(index) || index < 0 || index >= this.#c) {
        throw new DataError("OneHotEncode", { given: `class number ${index}`, expected: `0…${this.#c - 1}` });
      }
      values[index] = 1;
    }
    return new TensorData(TensorMultiCategory, [this.#c], values);
  }

  override decodes(x: TensorData): TensorData<TensorMultiCategory> {
    const indices = Int32Array.from(hotIndices(x.values));
    return new TensorData(TensorMultiCategory, [indices.length], indices);
  }

  override toArgs(): JsonObject {
    return this.#c === undefined ? {} : { c: this.#c };
  }
}

/** Positions that hold 1. */
export function hotIndices(values: ArrayLike<number>): number[] {
  return Array.from(values).flatMap((value, i) => (value === 1 ? [i] : []));
}

transformRegistry.add("OneHotEncode", ({ c }) => new OneHotEncode(c as number | undefined));
