import type * as tf from "@tensorflow/tfjs-core";
import { put, take } from "./pool.ts";

export type NumericType = "float32" | "int32" | "bool";

const bytesPer = { float32: 4, int32: 4, bool: 1 } as const;

/** The numbers of a tensor, in native memory. tfjs takes it for its opaque `dataId`, which spares a look-up per use. */
export class NativeData {
  /** How many tensors show it. */
  refCount = 1;
  readonly pointer: number;
  readonly size: number;
  readonly dtype: NumericType;

  constructor(size: number, dtype: NumericType) {
    this.size = size;
    this.dtype = dtype;
    this.pointer = size === 0 ? 0 : take(size * bytesPer[dtype]);
    if (size * bytesPer[dtype] >= watchedBytes)
      leaked.register(this, { pointer: this.pointer, bytes: this.bytes }, this);
  }

  get bytes(): number {
    return this.size * bytesPer[this.dtype];
  }

  /** Frees the memory, once. */
  free(): void {
    if (this.pointer === 0) return;
    if (this.bytes >= watchedBytes) leaked.unregister(this);
    put(this.pointer, this.bytes);
    (this as { pointer: number }).pointer = 0;
  }
}

/** Watching every small tensor would cost more than the memory of those that leak. */
const watchedBytes = 16 * 1024;

/** Tensors that were dropped without having been disposed. */
const leaked = new FinalizationRegistry<{ pointer: number; bytes: number }>(({ pointer, bytes }) =>
  put(pointer, bytes),
);

/** Strings and complex numbers, which stay in JS: kernels for them are tfjs' own. */
export class JsData {
  refCount = 1;
  readonly values: Uint8Array[];
  readonly complex: { readonly real: tf.TensorInfo; readonly imag: tf.TensorInfo } | undefined;

  constructor(values: Uint8Array[], complex?: { real: tf.TensorInfo; imag: tf.TensorInfo }) {
    this.values = values;
    this.complex = complex;
  }
}
