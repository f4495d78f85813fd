import { OptionError } from "../errors.ts";

/**
 * 1 at the positions in `classes`, 0 elsewhere; `count` numbers.
 * @throws {@link OptionError} if a class is not in 0…count−1
 */
export function oneHot(classes: readonly number[], count: number): Float32Array {
  const values = new Float32Array(count);
  for (const index of classes) {
    if (!Number.isInteger(index) || index < 0 || index >= count) {
      throw new OptionError("oneHot", { given: `class ${index}`, expected: `an integer in 0…${count - 1}` });
    }
    values[index] = 1;
  }
  return values;
}

/** The classes that are on in a row of zeros and ones, or their names if there is a vocabulary. */
export function oneHotDecode(values: ArrayLike<number>): number[];
export function oneHotDecode<T>(values: ArrayLike<number>, vocab: readonly T[]): T[];
export function oneHotDecode<T>(values: ArrayLike<number>, vocab?: readonly T[]): (number | T)[] {
  const on: (number | T)[] = [];
  for (let i = 0; i < values.length; i++) if (values[i]! > 0) on.push(vocab === undefined ? i : vocab[i]!);
  return on;
}
