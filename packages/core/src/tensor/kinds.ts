import type { DataType, Tensor } from "@tensorflow/tfjs-core";

/** What a typed tensor knows beside its numbers; each kind uses the fields it needs. */
export interface TensorMeta {
  /** Width and height, in pixels, of the picture that points or boxes were scaled by. */
  readonly imgSize?: readonly [width: number, height: number];
  /** Class names of a mask. */
  readonly codes?: readonly string[];
}

/** Numbers of one sample on the CPU: what item transforms end in and collation stacks. */
export type TensorValues = Float32Array | Int32Array | Uint8Array;

/** A class of typed tensors; transforms and collation go by it. */
// biome-ignore lint/suspicious/noExplicitAny: a constructor type needs it to accept every subclass
export type TensorKind<T extends TypedTensor = TypedTensor> = new (data: any, meta?: TensorMeta) => T;

/**
 * A tensor that knows what its numbers mean. Small class around `tf.Tensor`, because tfjs' ops would drop a
 * subclass: take `data`, compute, and wrap the result again with `with`.
 * Its owner disposes it; what `with` returns belongs to the caller.
 */
export abstract class TypedTensor {
  readonly data: Tensor;
  readonly meta: TensorMeta;

  constructor(data: Tensor, meta: TensorMeta = {}) {
    this.data = data;
    this.meta = meta;
  }

  get shape(): number[] {
    return this.data.shape;
  }

  /** The same kind and meta around other numbers. */
  with(data: Tensor, meta: TensorMeta = this.meta): this {
    return new (this.constructor as TensorKind)(data, meta) as this;
  }

  dispose(): void {
    this.data.dispose();
  }
}

/** Numbers without a meaning of their own: features, embeddings, regression targets; float32, `[N, ...]`. */
export class TensorFloat extends TypedTensor {}
/** Base of everything that is laid out like a picture. */
export class TensorImageBase extends TypedTensor {}
/** Colour pictures, `[N, H, W, C]`. */
export class TensorImage extends TensorImageBase {}
/** Grey pictures, `[N, H, W, 1]`. */
export class TensorImageBW extends TensorImage {}
/** Class index per pixel, int32 `[N, H, W]`. Not a `TensorImage`: image-only transforms pass it by. */
export class TensorMask extends TensorImageBase {}
/** Points, `[N, P, 2]` as (x, y); pixels before scaling, -1…1 after. */
export class TensorPoint extends TypedTensor {}
/** Boxes, `[N, B, 4]` as (x1, y1, x2, y2). */
export class TensorBBox extends TensorPoint {}
/** Where each pixel of a picture comes from, `[N, H, W, 2]` as (x, y) in -1…1. */
export class TensorFlowField extends TypedTensor {}
/** Class index, int32 `[N]`. */
export class TensorCategory extends TypedTensor {}
/** Several classes at once: 0 or 1 per class, float32 `[N, C]`. */
export class TensorMultiCategory extends TensorCategory {}
/** Token ids, int32 `[N, T]`. */
export class TensorText extends TypedTensor {}

/** One sample's tensor on the CPU, before collation and after decoding. `shape` has no batch axis. */
export class TensorData<T extends TypedTensor = TypedTensor> {
  readonly kind: TensorKind<T>;
  readonly shape: readonly number[];
  readonly values: TensorValues;
  readonly dtype: DataType;
  readonly meta: TensorMeta;

  constructor(
    kind: TensorKind<T>,
    shape: readonly number[],
    values: TensorValues,
    meta: TensorMeta = {},
    dtype: DataType = values instanceof Float32Array ? "float32" : "int32",
  ) {
    this.kind = kind;
    this.shape = shape;
    this.values = values;
    this.meta = meta;
    this.dtype = dtype;
  }
}
