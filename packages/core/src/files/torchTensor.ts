import type { FileDtype, FileTensor } from "./dtypes.ts";

/** A part of a storage, in numbers. */
export interface Range {
  start: number;
  length: number;
}

/** A block of numbers in the file, not read yet. */
export class StorageRef {
  readonly #checked = true;
  readonly key: string;
  readonly dtype: FileDtype;
  /** In numbers. */
  readonly length: number;
  /** What tensors of it can see: all of it, but in files of the first PyTorch versions. */
  readonly view: Readonly<Range>;

  constructor(key: string, dtype: FileDtype, length: number, view: Range = { start: 0, length }) {
    this.key = key;
    this.dtype = dtype;
    this.length = length;
    this.view = Object.freeze({ ...view });
    Object.freeze(this);
  }

  /** Unlike `instanceof`, not to be fooled by a prototype that a pickle has set. */
  static is(value: unknown): value is StorageRef {
    return typeof value === "object" && value !== null && #checked in value;
  }
}

/** A view of a storage, not read yet. */
export class TensorRef {
  readonly #checked = true;
  readonly storage: StorageRef;
  /** From the start of the storage. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly stride: readonly number[];

  constructor(storage: StorageRef, offset: number, shape: readonly number[], stride: readonly number[]) {
    this.storage = storage;
    this.offset = storage.view.start + offset;
    this.shape = [...shape];
    this.stride = [...stride];
    Object.freeze(this);
  }

  static is(value: unknown): value is TensorRef {
    return typeof value === "object" && value !== null && #checked in value;
  }

  /** In numbers. */
  get size(): number {
    return this.shape.reduce((product, n) => product * n, 1);
  }

  /** Whether every number lies within what the tensor may see of the storage. */
  fits(): boolean {
    if (this.size === 0) return true;
    const { view } = this.storage;
    const last = this.shape.reduce((at, n, i) => at + (n - 1) * this.stride[i]!, this.offset);
    return Number.isSafeInteger(this.size) && last < view.start + view.length;
  }

  /** Its numbers out of those of the storage, row by row. */
  gather<T extends FileTensor["values"]>(from: T): T {
    const { shape, stride, offset, size } = this;
    if (this.#isContiguous()) return from.slice(offset, offset + size) as T;
    const to = new (from.constructor as new (n: number) => T)(size);
    const index = shape.map(() => 0);
    let at = offset;
    for (let i = 0; i < size; i++) {
      to[i] = from[at]!;
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        at += stride[axis]!;
        index[axis]!++;
        if (index[axis]! < shape[axis]!) break;
        at -= stride[axis]! * shape[axis]!;
        index[axis] = 0;
      }
    }
    return to;
  }

  #isContiguous(): boolean {
    let expected = 1;
    for (let axis = this.shape.length - 1; axis >= 0; axis--) {
      if (this.shape[axis] !== 1 && this.stride[axis] !== expected) return false;
      expected *= this.shape[axis]!;
    }
    return true;
  }
}
