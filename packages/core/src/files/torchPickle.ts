import type { Parser as PickleParser } from "pickleparser";
import type { FileDtype } from "./dtypes.ts";
import { problemIn } from "./problem.ts";
import { type Range, StorageRef, TensorRef } from "./torchTensor.ts";

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

/** DICT, INST, OBJ, NEWOBJ, NEWOBJ_EX: ways to make an object that no file of tensors needs. */
const REFUSED: ReadonlySet<number> = new Set([0x64, 0x69, 0x6f, 0x81, 0x92]);

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

    /** The parser asks before every opcode. */
    override hasNext(): boolean {
      const opcode = bytes[this.position];
      if (opcode !== undefined && REFUSED.has(opcode)) throw new RangeError(`the opcode ${opcode}`);
      return super.hasNext();
    }
  }
  const storages: StorageRef[] = [];
  const named = (id: unknown): StorageRef => {
    const ref = storage(path, id);
    storages.push(ref);
    return ref;
  };
  const parser = new (withPlainKeys(Parser))({
    unpicklingTypeOfDictionary: "Map",
    nameResolver: { resolve: (module, name) => resolve(path, fullName(path, module, name)) as () => unknown },
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

/** A parser whose dictionaries take texts and numbers as keys only: it turns keys into text at places. */
function withPlainKeys(Base: typeof PickleParser): typeof PickleParser {
  return class extends Base {
    constructor(...options: ConstructorParameters<typeof PickleParser>) {
      super(...options);
      const setMethod = (dict: Map<unknown, unknown>, key: unknown, value: unknown): void => {
        dict.set(plainKey(key), value);
      };
      Object.assign(this, { _dictionaryProvider: { create: () => new Map(), setMethod } });
    }
  };
}

function plainKey(key: unknown): unknown {
  if (typeof key !== "object" && typeof key !== "function") return key;
  throw new TypeError("a dictionary whose keys are objects");
}

/** From nothing, or from the pairs that Python 2 pickled. */
function orderedDict(pairs: unknown = []): Map<unknown, unknown> {
  if (!Array.isArray(pairs) || !pairs.every((pair) => Array.isArray(pair) && pair.length === 2)) {
    throw new TypeError("an OrderedDict that is not made of pairs");
  }
  return new Map(pairs.map(([key, value]: unknown[]) => [plainKey(key), value]));
}

/** Both may be anything that the pickle made, such as lists that unfold into more text than fits in memory. */
function fullName(path: string, module: unknown, name: unknown): string {
  if (typeof module === "string" && typeof name === "string") return `${module}.${name}`;
  throw problemIn(path, "an object whose name is no text", "a file of `torch.save`");
}

/** Fresh functions each time, as a pickle can set properties on what it is given. */
function resolve(path: string, name: string): unknown {
  switch (name) {
    case "collections.OrderedDict":
      return (pairs?: unknown) => orderedDict(pairs);
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
