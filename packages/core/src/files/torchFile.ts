import type { FileHandle } from "node:fs/promises";
import { LayerwiseError } from "../errors.ts";
import { BYTES, decodeNumbers, type FileTensor } from "./dtypes.ts";
import { openForReading, problemIn } from "./problem.ts";
import { readAt } from "./readAt.ts";
import type { TorchContents } from "./torchContents.ts";
import { isLegacy, readLegacy } from "./torchLegacy.ts";
import { type StorageRef, TensorRef } from "./torchTensor.ts";
import { readZip } from "./torchZip.ts";

/** How deep dictionaries in a file may lie within each other. */
const MAX_DEPTH = 8;

export interface ReadTorchOptions {
  /** Reads only the dictionary under this key, such as "model" or "state_dict". @defaultValue all of the file */
  key?: string;
}

/**
 * Reads the tensors of a file that PyTorch's `torch.save` wrote, by name, whether as the zip archive of 1.6 and later
 * or in the format before; names within nested dictionaries are joined by dots. Nothing in the file runs: only tensors and dictionaries are understood, and any
 * other class or function in it is refused by name.
 * @returns row-major values in PyTorch's axis order; `loadStateDict(state, { layout: "torch" })` takes them
 * @throws {@link FileFormatError} if the file is damaged, of another kind, or names something else to be run
 */
export async function readTorchFile(path: string, { key }: ReadTorchOptions = {}): Promise<Map<string, FileTensor>> {
  await using file = await openForReading(path);
  const { size } = await file.handle.stat();
  try {
    const contents = await open(path, file.handle, size);
    const refs = new Map<string, TensorRef>();
    collect(path, select(path, contents.root, key), "", refs);
    checkSizes(path, refs, size);
    return await readTensors(path, file.handle, contents, refs);
  } catch (error) {
    if (error instanceof LayerwiseError) throw error;
    throw problemIn(path, `a damaged file (${(error as Error).message})`, "a complete file of `torch.save`", error);
  }
}

async function open(path: string, file: FileHandle, size: number): Promise<TorchContents> {
  const start = await readAt(file, 0, Math.min(16, size));
  const bytes = new Uint8Array(start ?? new ArrayBuffer(0));
  if (bytes.length >= 4 && new DataView(bytes.buffer).getUint32(0, false) === 0x504b0304) {
    return readZip(path, file, size); // PK 3 4
  }
  if (isLegacy(bytes)) return readLegacy(path, file, size);
  const given = bytes[0] === 0x80 ? "a plain pickle, or one of PyTorch's that is cut off" : "a file of another format";
  throw problemIn(path, given, "a file that `torch.save` wrote");
}

function select(path: string, root: unknown, key: string | undefined): unknown {
  if (key === undefined || TensorRef.is(root)) return root;
  const found = root instanceof Map ? root.get(key) : undefined;
  if (found !== undefined) return found;
  const keys = root instanceof Map ? [...root.keys()].slice(0, 10).join(", ") : "no dictionary";
  throw problemIn(
    path,
    `no "${key}" (the file has ${keys})`,
    "a key of the saved dictionary",
    undefined,
    "pass another `key`",
  );
}

/** Gathers the tensors below `value`; other values, such as an epoch number, are passed over. */
function collect(
  path: string,
  value: unknown,
  name: string,
  refs: Map<string, TensorRef>,
  seen: Set<unknown> = new Set(),
  depth = 0,
): void {
  if (TensorRef.is(value)) refs.set(name, value);
  const entries = value instanceof Map ? [...value] : Array.isArray(value) ? [...value.entries()] : [];
  if (entries.length === 0 || seen.has(value)) return;
  seen.add(value);
  if (depth >= MAX_DEPTH) throw problemIn(path, "dictionaries nested too deep", `at most ${MAX_DEPTH} levels`);
  for (const [k, v] of entries) {
    if (typeof k !== "string" && typeof k !== "number") continue;
    collect(path, v, name === "" ? `${k}` : `${name}.${k}`, refs, seen, depth + 1);
  }
}

/** Refuses tensors outside their storage, and views that would unfold into far more than the file holds. */
function checkSizes(path: string, refs: ReadonlyMap<string, TensorRef>, fileSize: number): void {
  const budget = Math.max(2 ** 24, 4 * fileSize);
  let total = 0;
  for (const [name, ref] of refs) {
    if (!ref.fits())
      throw problemIn(path, `"${name}", which reaches outside its storage`, "tensors within their storage");
    total += ref.size;
    if (total > budget) {
      throw problemIn(
        path,
        `tensors of ${total} numbers and more in a file of ${fileSize} bytes`,
        "no more than the file holds",
      );
    }
  }
}

async function readTensors(
  path: string,
  file: FileHandle,
  contents: TorchContents,
  refs: ReadonlyMap<string, TensorRef>,
): Promise<Map<string, FileTensor>> {
  const tensors = new Map<string, FileTensor>();
  const storages = new Map<string, Pick<FileTensor, "dtype" | "values">>();
  for (const [name, ref] of refs) {
    const id = `${ref.storage.key} ${ref.storage.dtype} ${ref.storage.length}`;
    const numbers = storages.get(id) ?? (await readStorage(path, file, contents, ref.storage));
    storages.set(id, numbers);
    tensors.set(name, { shape: [...ref.shape], dtype: numbers.dtype, values: ref.gather(numbers.values) });
  }
  return tensors;
}

async function readStorage(
  path: string,
  file: FileHandle,
  contents: TorchContents,
  { key, dtype, length }: StorageRef,
): Promise<Pick<FileTensor, "dtype" | "values">> {
  const record = contents.storages.get(key);
  const bytes = length * BYTES[dtype];
  if (record === undefined || record.size !== bytes) {
    const given = record === undefined ? "no numbers" : `${record.size} bytes of numbers`;
    throw problemIn(path, `${given} for storage "${key}"`, `${bytes} bytes`);
  }
  const numbers = decodeNumbers(dtype, await record.read(file));
  if (numbers === undefined) {
    throw problemIn(path, `64-bit integers in storage "${key}" that do not fit 32 bits`, "integers of at most 32 bits");
  }
  return numbers;
}
