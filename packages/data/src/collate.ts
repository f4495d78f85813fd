import { DataError, fmtShape, ShapeError } from "@layerwise/core";
import {
  stackRows,
  TensorData,
  TensorFloat,
  type TensorKind,
  type TensorValues,
  TypedTensor,
} from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { describe } from "./describe.ts";
import { isRecord } from "./isRecord.ts";
import { Tuple } from "./tuple.ts";

export interface CollateOptions {
  /** Names sample `i` in messages. @defaultValue its number */
  itemName?: (i: number) => string;
  /** Looks for NaN and infinity in float data. @defaultValue false */
  checkFinite?: boolean;
}

interface ColumnOptions extends CollateOptions {
  itemName: (i: number) => string;
}

/**
 * Stacks samples into a batch, element by element, with one upload each.
 * Numbers and arrays of numbers become a `TensorFloat`; a plain object becomes a tensor per key, in the order of the first
 * sample's keys.
 * @returns a tensor `[N, ...]` per element, owned by the caller
 * @throws {@link ShapeError} if an element's shapes differ, naming both items
 */
export function collate(samples: readonly Tuple[], options: CollateOptions = {}): TypedTensor[] {
  const itemName = options.itemName ?? ((i: number) => `item ${i}`);
  const flat = samples[0]?.elements.some(isRecord) ? spreadRecords(samples, itemName) : samples;
  const width = flat[0]?.length ?? 0;
  const columns: TypedTensor[] = [];
  for (let i = 0; i < width; i++) columns.push(collateColumn(flat, i, { ...options, itemName }));
  return columns;
}

/** Where a tensor of a batch comes from: an element of the sample or, of an element that is a plain object, one key. */
export interface TensorPlace {
  readonly element: number;
  readonly key?: string;
}

/** Places of the tensors that a sample becomes. */
export function layoutOf(sample: Tuple): TensorPlace[] {
  return sample.elements.flatMap((value, element): TensorPlace[] =>
    isRecord(value) ? Object.keys(value).map((key) => ({ element, key })) : [{ element }],
  );
}

/** Gives bare tensors the kind and meta that their place in the sample has; typed ones keep theirs. */
export function retainKinds(batch: readonly (TypedTensor | tf.Tensor)[], sample: Tuple): TypedTensor[] {
  if (batch.every((tensor) => tensor instanceof TypedTensor)) return [...batch] as TypedTensor[];
  const [values = []] = sample.elements.some(isRecord)
    ? [spreadRecords([sample], String)[0]!.elements]
    : [sample.elements];
  return batch.map((tensor, i) => {
    if (tensor instanceof TypedTensor) return tensor;
    const value = values[i];
    if (value instanceof TypedTensor) return value.with(tensor);
    return value instanceof TensorData ? new value.kind(tensor, value.meta) : new TensorFloat(tensor);
  });
}

/** Samples with the values of plain objects in the objects' place. */
function spreadRecords(samples: readonly Tuple[], itemName: (i: number) => string): Tuple[] {
  const layout = layoutOf(samples[0]!);
  return samples.map((sample, i) => {
    const own = layoutOf(sample);
    if (own.length !== layout.length || layout.some((place) => !own.some((other) => isSamePlace(place, other)))) {
      throw new DataError("collating a batch", {
        given: `${itemName(0)} with ${keysOf(samples[0]!)}, ${itemName(i)} with ${keysOf(sample)}`,
        expected: "the same keys in every sample",
        fix: "give every item a value for each key, or leave the key out for all",
      });
    }
    return new Tuple(layout.map(({ element, key }) => valueAt(sample.elements[element], key)));
  });
}

function isSamePlace(a: TensorPlace, b: TensorPlace): boolean {
  return a.element === b.element && a.key === b.key;
}

function valueAt(value: unknown, key: string | undefined): unknown {
  return key === undefined ? value : (value as Record<string, unknown>)[key];
}

function keysOf(sample: Tuple): string {
  return layoutOf(sample)
    .map(({ element, key }) => key ?? `element ${element}`)
    .join(", ");
}

function collateColumn(samples: readonly Tuple[], column: number, options: ColumnOptions): TypedTensor {
  const { itemName } = options;
  const head = samples[0]!.elements[column];
  if (head instanceof TypedTensor || head instanceof tf.Tensor) return stackTensors(samples, column, itemName);
  const first = asData(head, column, () => itemName(0));
  const { shape, kind, meta, dtype } = first;
  const rows = samples.map((sample, i) => {
    const data = i === 0 ? first : asData(sample.elements[column], column, () => itemName(i));
    if (!sameShape(data.shape, shape))
      throw unevenShapes(column, kind, [itemName(0), shape], [itemName(i), data.shape]);
    if (options.checkFinite && dtype === "float32") requireFinite(data.values, column, () => itemName(i));
    return data.values;
  });
  return new kind(stackRows(rows, shape, dtype), meta);
}

function asData(value: unknown, column: number, itemName: () => string): TensorData {
  if (value instanceof TensorData) return value;
  if (typeof value === "number") return new TensorData(TensorFloat, [], Float32Array.of(value));
  if (typeof value === "boolean") return new TensorData(TensorFloat, [], Float32Array.of(Number(value)));
  if (value instanceof Float32Array || value instanceof Int32Array || value instanceof Uint8Array) {
    return new TensorData(TensorFloat, [value.length], value);
  }
  if (Array.isArray(value) && value.every((v) => typeof v === "number")) {
    return new TensorData(TensorFloat, [value.length], Float32Array.from(value));
  }
  throw new DataError("collating a batch", {
    given: `element ${column} of ${itemName()}: ${describe(value)}, ${className(value)}, which is not collatable`,
    expected: "numbers by then: a `TensorData`, a number, or an array of numbers",
    fix: "add a transform that turns it into numbers, such as `ToTensor` with a row for its class, or `Categorize`",
  });
}

function className(value: unknown): string {
  return value === null || value === undefined ? String(value) : `a ${value.constructor?.name ?? "Object"}`;
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

type Named = readonly [name: string, shape: readonly number[]];

function unevenShapes(column: number, kind: TensorKind, [nameA, shapeA]: Named, [nameB, shapeB]: Named): ShapeError {
  return new ShapeError("collating a batch", {
    given: `element ${column} (${kind.name}): ${nameA} has shape ${fmtShape(shapeA)}, ${nameB} has ${fmtShape(shapeB)}`,
    expected: "one shape for all items of a batch",
    fix: "add an item transform that gives every item one size, such as `new Resize(224)`, to `itemTfms`",
  });
}

function requireFinite(values: TensorValues, column: number, itemName: () => string): void {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new DataError("collating a batch", {
    given: `${values[bad]} in element ${column} of ${itemName()}`,
    expected: "finite numbers",
    fix: "fill or leave out missing values before training",
  });
}

/** For samples that hold tensors already; they stay their owner's. */
function stackTensors(samples: readonly Tuple[], column: number, itemName: (i: number) => string): TypedTensor {
  const tensors = samples.map((sample) => sample.elements[column] as TypedTensor | tf.Tensor);
  const raw = tensors.map((tensor) => (tensor instanceof TypedTensor ? tensor.data : tensor));
  const [first] = tensors;
  const kind = first instanceof TypedTensor ? (first.constructor as TensorKind) : TensorFloat;
  const odd = raw.findIndex((tensor) => !sameShape(tensor.shape, raw[0]!.shape));
  if (odd > 0) throw unevenShapes(column, kind, [itemName(0), raw[0]!.shape], [itemName(odd), raw[odd]!.shape]);
  const stacked = tf.stack(raw);
  return first instanceof TypedTensor ? first.with(stacked) : new TensorFloat(stacked);
}

/** A sample that is a batch already: its elements as they are, without a new first axis. */
export function convert(sample: Tuple): TypedTensor[] {
  const [flat] = spreadRecords([sample], () => "a ready batch");
  return flat!.elements.map((element, column) => {
    if (element instanceof TypedTensor) return element.with(tf.clone(element.data));
    if (element instanceof tf.Tensor) return new TensorFloat(tf.clone(element));
    const { kind, values, shape, meta, dtype } = asData(element, column, () => "a ready batch");
    return new kind(tf.tensor(dtype === "int32" ? Int32Array.from(values) : values.slice(), [...shape], dtype), meta);
  });
}
