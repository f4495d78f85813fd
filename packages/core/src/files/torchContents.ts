import type { FileHandle } from "node:fs/promises";

/** Longest description of tensors that is read, in bytes; real ones have a few hundred per tensor. */
export const MAX_PICKLE: number = 2 ** 24;

/** Bytes in a file, not compressed. */
export interface FileRecord {
  /** In bytes. */
  size: number;
  read(file: FileHandle): Promise<ArrayBuffer>;
}

/** What is in a file of PyTorch, in either format. */
export interface TorchContents {
  /** The saved object: dictionaries, lists, and references to tensors. */
  root: unknown;
  /** The numbers, by the key that tensors name. */
  storages: ReadonlyMap<string, FileRecord>;
}
