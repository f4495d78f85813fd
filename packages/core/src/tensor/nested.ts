import * as tf from "@tensorflow/tfjs-core";
import { DataError } from "../errors.ts";
import { TypedTensor } from "./kinds.ts";

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
  const first = itemFind(batch);
  const shape = first instanceof tf.Tensor ? first.shape : first?.data?.shape;
  if (shape?.[0] === undefined) {
    throw new DataError("findBs", { given: "a batch without a tensor", expected: "a tensor with a batch axis in it" });
  }
  return shape[0];
}

/**
 * A batch turned around: its first `maxN` samples, each in the arrangement of the batch.
 * @returns new tensors of the same kinds, the caller's
 */
export function batchToSamples<T extends tf.Tensor | TypedTensor>(batch: Nested<T>, maxN = 10): Nested<T>[] {
  const sample = (t: tf.Tensor, i: number) => tf.tidy(() => tf.squeeze(tf.slice(t, i, 1), [0]));
  return Array.from({ length: Math.min(maxN, findBs(batch)) }, (_, i) =>
    mapNested((x) => (x instanceof TypedTensor ? x.with(sample(x.data, i)) : sample(x as tf.Tensor, i)) as T, batch),
  );
}

/** Reads every tensor in arrays and records, as nested arrays of numbers. */
export async function toArray(x: Nested<tf.Tensor>): Promise<Nested<tf.TensorLike>> {
  if (x instanceof tf.Tensor) return (await x.array()) as tf.TensorLike;
  if (Array.isArray(x)) return Promise.all(x.map((item: Nested<tf.Tensor>) => toArray(item)));
  const entries = Object.entries(x).map(async ([name, item]) => [name, await toArray(item)] as const);
  return Object.fromEntries(await Promise.all(entries));
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

/** The first value found in arrays and records, from their entry `index` on the first level. */
export function itemFind<T>(x: Nested<T>, index = 0): T | undefined {
  if (Array.isArray(x)) return x.length > index ? itemFind(x[index] as Nested<T>) : undefined;
  if (isRecord(x)) return itemFind(Object.values(x)[index] as Nested<T>);
  return x as T;
}

/** A record made by braces: tensors, typed tensors and other class instances are values. */
function isRecord(x: unknown): x is Record<string, never> {
  if (typeof x !== "object" || x === null) return false;
  const prototype: unknown = Object.getPrototypeOf(x);
  return prototype === Object.prototype || prototype === null;
}
