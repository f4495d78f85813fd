import { OptionError } from "@layerwise/core";
import { TensorData, type TensorKind, type TensorMeta, TypedTensor } from "@layerwise/core/tensor";
import { Tensor } from "@tensorflow/tfjs-core";
import { describe } from "./describe.ts";
import { classOf, type Kind } from "./dispatch.ts";
import { Tuple } from "./tuple.ts";

/** Classes of a value, element by element where it is a {@link Tuple}; null for null and undefined. */
export type TypeTree = Kind | null | { readonly tuple: readonly TypeTree[] };

/** The classes a value is made of, to give them back later: after collation, or to a prediction. */
export function explodeTypes(value: unknown): TypeTree {
  if (value instanceof Tuple) return { tuple: value.elements.map(explodeTypes) };
  if (value instanceof TensorData) return value.kind;
  return classOf(value) ?? null;
}

/**
 * `value` as an instance of `kind`: tensors are wrapped, typed tensors and {@link TensorData} rewrapped; their numbers
 * stay the same ones. A value of the kind, or of a subclass of it, is given back as it is.
 * @throws {@link OptionError} for a value that is no tensor
 */
export function cast(value: unknown, kind: Kind, meta: TensorMeta = {}): unknown {
  if (value instanceof kind) return value;
  const Typed = kind as unknown as TensorKind;
  if (value instanceof Tensor) return new Typed(value, meta);
  if (value instanceof TypedTensor) return new Typed(value.data, { ...value.meta, ...meta });
  if (value instanceof TensorData) {
    if (value.kind === Typed || value.kind.prototype instanceof Typed) return value;
    return new TensorData(Typed, value.shape, value.values, { ...value.meta, ...meta }, value.dtype);
  }
  throw new OptionError("cast", { given: `${describe(value)} to ${kind.name}`, expected: "a tensor" });
}

/** `value` with what `old` knows beside its numbers: sizes, class names. What `value` knows itself wins. */
export function retainMeta<T>(value: T, old: unknown): T {
  if (!(old instanceof TypedTensor || old instanceof TensorData)) return value;
  const { meta } = old;
  if (value instanceof TypedTensor) return value.with(value.data, { ...meta, ...value.meta });
  if (!(value instanceof TensorData)) return value;
  const { kind, shape, values, dtype } = value;
  return new TensorData(kind, shape, values, { ...meta, ...value.meta }, dtype) as T;
}

/**
 * `value` in the class of what it was made from, if that says more: a bare tensor becomes a `TensorImage` again, and a
 * `TensorImage` made of a `TensorImageBW` becomes one again. Any other value stays as it is.
 * @param old - that value, or its class
 */
export function retainType(value: unknown, old: unknown): unknown {
  const kind = typeof old === "function" ? (old as Kind) : old instanceof TensorData ? old.kind : classOf(old);
  if (kind === undefined || !(kind.prototype instanceof TypedTensor)) return value;
  const own = value instanceof TensorData ? value.kind : classOf(value);
  const isVaguer = value instanceof Tensor || (own !== undefined && own !== kind && kind.prototype instanceof own);
  return isVaguer ? retainMeta(cast(value, kind), old) : value;
}

/** {@link retainType}, element by element of nested tuples. @param old - the value before, or its {@link TypeTree} */
export function retainTypes(value: unknown, old: unknown): unknown {
  const parts = old instanceof Tuple ? old.elements : (old as { tuple?: readonly unknown[] } | null | undefined)?.tuple;
  if (value instanceof Tuple && parts !== undefined) return value.map((element, i) => retainTypes(element, parts[i]));
  return retainType(value, old);
}
