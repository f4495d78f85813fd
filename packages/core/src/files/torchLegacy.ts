import type { FileHandle } from "node:fs/promises";
import { BYTES } from "./dtypes.ts";
import { problemIn } from "./problem.ts";
import { readAt } from "./readAt.ts";
import { type FileRecord, MAX_PICKLE, type TorchContents } from "./torchContents.ts";
import { openPickles } from "./torchPickle.ts";
import type { StorageRef } from "./torchTensor.ts";

/** A pickle of the number 0x1950a86a20f9469cfc6c; the byte left out is the pickle protocol. */
const MAGIC = [0x80, null, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
const VERSION = 1001;
/** The number of values before each storage, as int64. */
const COUNT_BYTES = 8;

/** Whether a file with these first bytes is in the format of `torch.save` before PyTorch 1.6. */
export function isLegacy(start: Uint8Array): boolean {
  return MAGIC.every((byte, i) => byte === null || start[i] === byte);
}

/**
 * The format before PyTorch 1.6, in which torchvision's older weights are: pickles of a magic number, a version, the
 * machine's number format, the object and the keys of its storages; then each storage's values, after their count.
 * @throws {@link FileFormatError} if anything in it does not fit the rest
 */
export async function readLegacy(path: string, file: FileHandle, fileSize: number): Promise<TorchContents> {
  const head = await readAt(file, 0, Math.min(fileSize, MAX_PICKLE));
  if (head === undefined) throw problemIn(path, "a file that became shorter", "a complete file of `torch.save`");
  const pickles = await openPickles(path, new Uint8Array(head), MAGIC.length);
  checkVersion(path, pickles.next());
  checkNumberFormat(path, pickles.next());
  const root = pickles.next();
  const refs = storagesByKey(path, pickles.storages);
  const keys = pickles.next();
  if (!Array.isArray(keys)) throw problemIn(path, "no list of storages", "a file of `torch.save`");
  const storages = new Map<string, FileRecord>();
  let at = pickles.position;
  for (const key of keys as unknown[]) {
    const ref = refs.get(key as string);
    if (ref === undefined || storages.has(ref.key)) {
      throw problemIn(path, `${show(key)} as a storage, which no tensor names, or twice`, "a file of `torch.save`");
    }
    const record = await storageAt(path, file, fileSize, at, ref);
    storages.set(ref.key, record);
    at += COUNT_BYTES + record.size;
  }
  return { root, storages };
}

function checkVersion(path: string, version: unknown): void {
  if (version === VERSION) return;
  throw problemIn(path, `version ${show(version)} of the format before PyTorch 1.6`, `version ${VERSION}`);
}

function checkNumberFormat(path: string, info: unknown): void {
  if (info instanceof Map && info.get("little_endian") === true) return;
  throw problemIn(path, "numbers that are not little-endian", "a file from a little-endian machine");
}

/** Never whole: lists that hold one another can unfold into more text than fits in memory. */
function show(value: unknown): string {
  if (typeof value === "number") return `${value}`;
  if (typeof value === "string") return `"${value.slice(0, 80)}"`;
  return Array.isArray(value) ? "a list" : "an object";
}

/** A storage's size in bytes follows from its one dtype. */
function storagesByKey(path: string, refs: readonly StorageRef[]): Map<string, StorageRef> {
  const byKey = new Map<string, StorageRef>();
  for (const ref of refs) {
    const { key, dtype, length } = byKey.get(ref.key) ?? ref;
    if (dtype !== ref.dtype || length !== ref.length) {
      throw problemIn(path, `storage "${key}" described in two ways`, "one type and size for each storage");
    }
    byKey.set(key, ref);
  }
  return byKey;
}

async function storageAt(
  path: string,
  file: FileHandle,
  fileSize: number,
  position: number,
  { key, dtype, length }: StorageRef,
): Promise<FileRecord> {
  const start = position + COUNT_BYTES;
  const size = length * BYTES[dtype];
  const count = start <= fileSize ? await readAt(file, position, COUNT_BYTES) : undefined;
  if (count === undefined || !(start + size <= fileSize)) {
    throw problemIn(path, `a file that ends before all of storage "${key}"`, "a complete file of `torch.save`");
  }
  const given = new DataView(count).getBigInt64(0, true);
  if (given !== BigInt(length)) {
    throw problemIn(path, `${given} numbers in storage "${key}"`, `${length}, as its description says`);
  }
  return {
    size,
    async read(handle) {
      const bytes = await readAt(handle, start, size);
      if (bytes === undefined) throw problemIn(path, "a file that became shorter", "a complete file of `torch.save`");
      return bytes;
    },
  };
}
