import * as tf from "@tensorflow/tfjs-core";
import { read, write } from "./addon.ts";
import { JsData, NativeData, type NumericType } from "./nativeData.ts";
import { trim } from "./pool.ts";

type Values = tf.backend_util.BackendValues;
type DataId = object;

/** A tensor's description with its memory at hand. */
export interface NativeInfo extends tf.TensorInfo {
  dataId: NativeData;
}

/** tfjs' backend `native`: tensors in native memory, computed by C++. */
export class NativeBackend extends tf.KernelBackend {
  /** What came from another backend, whose `dataId` is not ours. */
  readonly #moved = new WeakMap<DataId, NativeData | JsData>();
  #count = 0;

  /** Memory of a tensor of this backend. */
  data(info: tf.TensorInfo): NativeData {
    const id = info.dataId;
    if (id instanceof NativeData) return id;
    const data = this.#moved.get(id);
    if (data instanceof NativeData) return data;
    throw new Error(`no numbers for a ${info.dtype} tensor of shape [${info.shape}]: has it been disposed?`);
  }

  /** Where a tensor's numbers begin; 0 if it has none. */
  pointer(info: tf.TensorInfo): number {
    return this.data(info).pointer;
  }

  /** A new tensor whose numbers are yet to be written. */
  output(shape: number[], dtype: tf.DataType = "float32"): NativeInfo {
    this.#count++;
    return { dataId: new NativeData(tf.util.sizeFromShape(shape), dtype as NumericType), shape, dtype };
  }

  /** A tensor that shows the same numbers in another shape or type of the same size. */
  alias(info: tf.TensorInfo, shape: number[], dtype: tf.DataType = info.dtype): tf.TensorInfo {
    this.incRef(info.dataId);
    return { dataId: info.dataId, shape, dtype };
  }

  /** A new tensor of these values. */
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: Values | string[]): tf.TensorInfo {
    return { dataId: this.write(encoded(values), shape, dtype), shape, dtype };
  }

  /** A complex tensor made of two real ones, which it keeps. */
  complex(real: tf.TensorInfo, imag: tf.TensorInfo): tf.TensorInfo {
    this.#count++;
    this.incRef(real.dataId);
    this.incRef(imag.dataId);
    return { dataId: new JsData([], { real, imag }), shape: real.shape, dtype: "complex64" };
  }

  /** The two halves of a complex tensor. */
  parts(info: tf.TensorInfo): { real: tf.TensorInfo; imag: tf.TensorInfo } {
    const data = this.#entry(info.dataId);
    if (!(data instanceof JsData) || data.complex === undefined) throw new Error(`${info.dtype} is not complex`);
    const { real, imag } = data.complex;
    return { real: { ...real, shape: info.shape }, imag: { ...imag, shape: info.shape } };
  }

  override write(values: Values, shape: number[], dtype: tf.DataType): DataId {
    const data = this.#store(values, shape, dtype);
    this.#count++;
    return data;
  }

  override move(dataId: DataId, values: Values, shape: number[], dtype: tf.DataType, refCount: number): void {
    const data = this.#store(values, shape, dtype);
    data.refCount = refCount;
    this.#moved.set(dataId, data);
    this.#count++;
  }

  override readSync(dataId: DataId): Values {
    const data = this.#entry(dataId);
    if (data === undefined) throw new Error("the tensor has been disposed");
    if (data instanceof NativeData) {
      const values = emptyArray(data.size, data.dtype);
      if (data.size > 0) read(data.pointer, values);
      return values;
    }
    if (data.complex === undefined) return data.values;
    const [real, imag] = [this.readSync(data.complex.real.dataId), this.readSync(data.complex.imag.dataId)];
    return tf.backend_util.mergeRealAndImagArrays(real as Float32Array, imag as Float32Array);
  }

  override async read(dataId: DataId): Promise<Values> {
    return this.readSync(dataId);
  }

  // biome-ignore lint/suspicious/noExplicitAny: tfjs' own signature
  bufferSync(info: tf.TensorInfo): tf.TensorBuffer<any, any> {
    const values = this.readSync(info.dataId);
    const list = info.dtype === "string" ? (values as Uint8Array[]).map((v) => tf.util.decodeString(v)) : values;
    return tf.buffer(info.shape, info.dtype as "float32", list as Float32Array);
  }

  override disposeData(dataId: DataId, force = false): boolean {
    const data = this.#entry(dataId);
    if (data === undefined) return true;
    data.refCount--;
    if (!force && data.refCount > 0) return false;
    if (data.refCount < 0 && data instanceof NativeData && data.pointer === 0) return true; // freed before
    if (data instanceof NativeData) data.free();
    else if (data.complex !== undefined) {
      this.disposeData(data.complex.real.dataId);
      this.disposeData(data.complex.imag.dataId);
    }
    this.#moved.delete(dataId);
    this.#count--;
    return true;
  }

  override refCount(dataId: DataId): number {
    return this.#entry(dataId)?.refCount ?? 0;
  }

  override incRef(dataId: DataId): void {
    const data = this.#entry(dataId);
    if (data !== undefined) data.refCount++;
  }

  decRef(dataId: DataId): void {
    const data = this.#entry(dataId);
    if (data !== undefined) data.refCount--;
  }

  override numDataIds(): number {
    return this.#count;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override async time(run: () => void): Promise<tf.BackendTimingInfo> {
    const start = tf.util.now();
    run();
    return { kernelMs: tf.util.now() - start };
  }

  override dispose(): void {
    trim();
  }

  #entry(dataId: DataId): NativeData | JsData | undefined {
    return dataId instanceof NativeData || dataId instanceof JsData ? dataId : this.#moved.get(dataId);
  }

  #store(values: Values, shape: number[], dtype: tf.DataType): NativeData | JsData {
    if (dtype === "string") return new JsData(values as Uint8Array[]);
    if (dtype === "complex64") throw new Error("complex tensors are made of two real ones: use tf.complex");
    const data = new NativeData(tf.util.sizeFromShape(shape), dtype as NumericType);
    if (data.size === 0) return data;
    const given = values as tf.backend_util.TypedArray;
    write(data.pointer, isOf(given, data.dtype) ? given : converted(given, data));
    return data;
  }
}

function isOf(values: ArrayLike<number>, dtype: NumericType): boolean {
  if (dtype === "float32") return values instanceof Float32Array;
  if (dtype === "int32") return values instanceof Int32Array;
  return values instanceof Uint8Array || values instanceof Uint8ClampedArray;
}

function converted(values: ArrayLike<number>, { size, dtype }: NativeData): tf.backend_util.TypedArray {
  const array = emptyArray(size, dtype);
  for (let i = 0; i < size; i++) array[i] = values[i]!;
  return array;
}

function emptyArray(size: number, dtype: NumericType): Float32Array | Int32Array | Uint8Array {
  if (dtype === "float32") return new Float32Array(size);
  return dtype === "int32" ? new Int32Array(size) : new Uint8Array(size);
}

function encoded(values: Values | string[]): Values {
  return typeof (values as unknown[])[0] === "string"
    ? (values as string[]).map((text) => tf.util.encodeString(text))
    : (values as Values);
}
