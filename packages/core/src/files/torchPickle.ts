import type { FileDtype, FileTensor } from "./dtypes.ts";
import { problemIn } from "./problem.ts";

const STORAGES: Readonly<Record<string, FileDtype>> = {
  DoubleStorage: "F64",
  FloatStorage: "F32",
  HalfStorage: "F16",
  BFloat16Storage: "BF16",
  LongStorage: "I64",
  IntStorage: "I32",
  ShortStorage: "I16",
  CharStorage: "I8",
  ByteStorage: "U8",
  BoolStorage: "BOOL",
};

/** PyTorch has no tensors of more axes. */
const MAX_RANK = 64;

/** Names of dtypes may stand beside tensors in a checkpoint; they mean nothing to us. */
const DTYPES = new Set(
  ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"].map(
    (d) => `torch.${d}`,
  ),
);

/** A part of a storage, in numbers. */
interface Range {
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

/** The marker that a storage class in the pickle becomes. */
class StorageType {
  readonly #dtype: FileDtype;

  constructor(dtype: FileDtype) {
    this.#dtype = dtype;
  }

  static dtypeOf(value: unknown): FileDtype | undefined {
    return typeof value === "object" && value !== null && #dtype in value ? value.#dtype : undefined;
  }
}

/** Pickles that lie one after the other. */
export interface PickleStream {
  /** What the next one holds. @throws {@link FileFormatError} if it names anything but tensors and dictionaries */
  next(): unknown;
  /** Where the last one ended, in bytes. */
  readonly position: number;
  /** Every storage that they named so far. */
  readonly storages: readonly StorageRef[];
}

/**
 * What PyTorch pickled: dictionaries become maps, tensors {@link TensorRef}. The only functions that a pickle can
 * reach are those of `resolve`; they build such objects and nothing else.
 */
export async function openPickles(path: string, bytes: Uint8Array, start = 0): Promise<PickleStream> {
  const { BufferReader, Parser } = await import("pickleparser");
  class ForwardReader extends BufferReader {
    /** A negative length would go back, and read the same bytes for ever. */
    override skip(offset: number): void {
      if (offset < 0) throw new RangeError("a negative length");
      super.skip(offset);
    }
  }
  const storages: StorageRef[] = [];
  const named = (id: unknown): StorageRef => {
    const ref = storage(path, id);
    storages.push(ref);
    return ref;
  };
  const parser = new Parser({
    unpicklingTypeOfDictionary: "Map",
    nameResolver: { resolve: (module, name) => resolve(path, `${module}.${name}`) as () => unknown },
    persistentResolver: { resolve: named },
    extensionResolver: {
      resolve: (code) => {
        throw unknownName(path, `extension ${code}`);
      },
    },
  });
  const reader = new ForwardReader(bytes);
  reader.skip(start);
  return {
    next: () => parser.read(reader),
    get position() {
      return reader.position;
    },
    storages,
  };
}

/** Fresh functions each time, as a pickle can set properties on what it is given. */
function resolve(path: string, name: string): unknown {
  switch (name) {
    case "collections.OrderedDict":
      return () => new Map();
    case "torch._utils._rebuild_tensor": // before PyTorch 0.4
    case "torch._utils._rebuild_tensor_v2":
      return (from: unknown, offset: unknown, shape: unknown, stride: unknown) =>
        tensor(path, from, offset, shape, stride);
    case "torch._utils._rebuild_parameter":
      return (data: unknown) => data;
  }
  const dtype = name.startsWith("torch.") ? STORAGES[name.slice("torch.".length)] : undefined;
  if (dtype !== undefined) return new StorageType(dtype);
  if (DTYPES.has(name)) return { name };
  throw unknownName(path, name);
}

function storage(path: string, id: unknown): StorageRef {
  const [kind, type, key, , length, view] = Array.isArray(id) ? id : [];
  const dtype = StorageType.dtypeOf(type);
  if (kind === "storage" && dtype !== undefined && typeof key === "string" && isSize(length)) {
    const part = range(view, length);
    if (part !== undefined) return new StorageRef(key, dtype, length, part);
  }
  throw problemIn(path, "a storage that is not described as PyTorch does", "a file of `torch.save`");
}

/** The part of a storage of `length` numbers that a view describes: nothing, or key, start and length. */
function range(view: unknown, length: number): Range | undefined {
  if (view === undefined || view === null) return { start: 0, length };
  const [, start, size] = Array.isArray(view) ? view : [];
  return isSize(start) && isSize(size) && start + size <= length ? { start, length: size } : undefined;
}

function tensor(path: string, from: unknown, offset: unknown, shape: unknown, stride: unknown): TensorRef {
  if (StorageRef.is(from) && isSize(offset) && isSizes(shape) && isSizes(stride) && shape.length === stride.length) {
    return new TensorRef(from, offset, shape, stride);
  }
  throw problemIn(path, "a tensor that is not described as PyTorch does", "a file of `torch.save`");
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= MAX_RANK && value.every(isSize);
}

function unknownName(path: string, name: string): Error {
  return problemIn(
    path,
    `the Python object \`${name}\`, which loading would run`,
    "tensors and dictionaries only",
    undefined,
    "save the weights alone: `torch.save(model.state_dict(), file)`",
  );
}
