import * as tf from "@tensorflow/tfjs-core";
import { DataError } from "../errors.ts";

/** Values in any arrangement of arrays and records. */
export type Nested<T> = T | readonly Nested<T>[] | { readonly [name: string]: Nested<T> };

/** Applies `f` to every value in arrays and records, which keep their shape. */
export function mapNested<T, U>(f: (value: T) => U, x: Nested<T>): Nested<U> {
  if (Array.isArray(x)) return x.map((item: Nested<T>) => mapNested(f, item));
  if (isRecord(x)) return Object.fromEntries(Object.entries(x).map(([name, item]) => [name, mapNested(f, item)]));
  return f(x as T);
}

/** Batch size of a batch: the length of the first tensor found in it. */
export function findBs(batch: Nested<tf.Tensor | { readonly data: tf.Tensor }>): number {
  const first = firstLeaf(batch);
  const shape = first instanceof tf.Tensor ? first.shape : first?.data?.shape;
  if (shape?.[0] === undefined) {
    throw new DataError("findBs", { given: "a batch without a tensor", expected: "a tensor with a batch axis in it" });
  }
  return shape[0];
}

/**
 * Joins batches along `axis`, leaf by leaf. Where the shapes do not fit, as with texts padded to different lengths, the
 * leaf becomes the list of its items.
 * @returns new tensors, the caller's
 */
export function toConcat(batches: readonly Nested<tf.Tensor>[], axis = 0): Nested<tf.Tensor> {
  const first = batches[0];
  if (first === undefined) {
    throw new DataError("toConcat", {
      given: "no batch",
      expected: "one at least",
      fix: "check that the data is not empty",
    });
  }
  if (first instanceof tf.Tensor) return concatLeaves(batches as readonly tf.Tensor[], axis);
  if (Array.isArray(first)) {
    return first.map((_, i) =>
      toConcat(
        batches.map((batch) => (batch as readonly Nested<tf.Tensor>[])[i]!),
        axis,
      ),
    );
  }
  const names = Object.keys(first);
  const column = (name: string) => batches.map((batch) => (batch as Record<string, Nested<tf.Tensor>>)[name]!);
  return Object.fromEntries(names.map((name) => [name, toConcat(column(name), axis)]));
}

function concatLeaves(tensors: readonly tf.Tensor[], axis: number): Nested<tf.Tensor> {
  const { rank, shape } = tensors[0]!;
  const fits = tensors.every((t) => t.rank === rank && t.shape.every((size, i) => i === axis || size === shape[i]));
  if (fits && rank > 0) return tf.concat([...tensors], axis);
  return tensors.flatMap((t) => (t.rank === 0 ? [tf.clone(t)] : tf.unstack(t, axis)));
}

/** Puts the items of every tensor and list in the order of `indices`. */
export function nestedReorder(x: tf.Tensor | readonly unknown[], indices: readonly number[]): tf.Tensor | unknown[] {
  if (x instanceof tf.Tensor) return tf.tidy(() => tf.gather(x, tf.tensor1d([...indices], "int32")));
  if (x.some((item) => item instanceof tf.Tensor && item.rank > 0)) {
    return x.map((item) => nestedReorder(item as tf.Tensor, indices));
  }
  return indices.map((i) => x[i]);
}

function firstLeaf<T>(x: Nested<T>): T | undefined {
  if (Array.isArray(x)) return x.length > 0 ? firstLeaf(x[0] as Nested<T>) : undefined;
  if (isRecord(x)) return firstLeaf(Object.values(x)[0] as Nested<T>);
  return x as T;
}

/** A record made by braces: tensors, typed tensors and other class instances are values. */
function isRecord(x: unknown): x is Record<string, never> {
  if (typeof x !== "object" || x === null) return false;
  const prototype: unknown = Object.getPrototypeOf(x);
  return prototype === Object.prototype || prototype === null;
}
