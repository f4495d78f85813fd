import { DataError, fmtShape, ShapeError } from "@layerwise/core";
import { TensorData, TensorFloat, type TensorKind, type TensorValues, TypedTensor } from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { describe } from "./describe.ts";
import type { Tuple } from "./tuple.ts";

export interface CollateOptions {
  /** Names sample `i` in messages. @defaultValue its number */
  itemName?: (i: number) => string;
  /** Looks for NaN and infinity in float data. @defaultValue false */
  checkFinite?: boolean;
}

/**
 * Stacks samples into a batch, element by element, with one upload each.
 * Numbers and arrays of numbers become a `TensorFloat`.
 * @returns a tensor `[N, ...]` per element, owned by the caller
 * @throws {@link ShapeError} if an element's shapes differ, naming both items
 */
export function collate(samples: readonly Tuple[], options: CollateOptions = {}): TypedTensor[] {
  const width = samples[0]?.length ?? 0;
  const columns: TypedTensor[] = [];
  for (let i = 0; i < width; i++) columns.push(collateColumn(samples, i, options));
  return columns;
}

function collateColumn(samples: readonly Tuple[], column: number, options: CollateOptions): TypedTensor {
  const itemName = options.itemName ?? ((i: number) => `item ${i}`);
  const head = samples[0]!.elements[column];
  if (head instanceof TypedTensor || head instanceof tf.Tensor) return stackTensors(samples, column, itemName);
  const first = asData(head, column, () => itemName(0));
  const { shape, kind, meta, dtype } = first;
  const size = first.values.length;
  const values = allocate(dtype, samples.length * size);
  for (let i = 0; i < samples.length; i++) {
    const data = i === 0 ? first : asData(samples[i]!.elements[column], column, () => itemName(i));
    if (!sameShape(data.shape, shape))
      throw unevenShapes(column, kind, [itemName(0), shape], [itemName(i), data.shape]);
    if (size === 1) values[i] = data.values[0]!;
    else values.set(data.values, i * size);
  }
  if (options.checkFinite && values instanceof Float32Array) requireFinite(values, size, column, itemName);
  return new kind(tf.tensor(values, [samples.length, ...shape], dtype), meta);
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

function allocate(dtype: tf.DataType, length: number): Float32Array | Int32Array | Uint8Array {
  if (dtype === "float32") return new Float32Array(length);
  return dtype === "bool" ? new Uint8Array(length) : new Int32Array(length);
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

function requireFinite(values: TensorValues, size: number, column: number, itemName: (i: number) => string): void {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new DataError("collating a batch", {
    given: `${values[bad]} in element ${column} of ${itemName(Math.floor(bad / size))}`,
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
  return sample.elements.map((element, column) => {
    if (element instanceof TypedTensor) return element.with(tf.clone(element.data));
    if (element instanceof tf.Tensor) return new TensorFloat(tf.clone(element));
    const { kind, values, shape, meta, dtype } = asData(element, column, () => "a ready batch");
    return new kind(tf.tensor(dtype === "int32" ? Int32Array.from(values) : values.slice(), [...shape], dtype), meta);
  });
}
