import type { FileHandle } from "node:fs/promises";
import { fmtShape, OptionError } from "../errors.ts";
import { atomicWrite } from "./atomicWrite.ts";
import { BYTES, decodeNumbers, type FileDtype, type FileTensor, isFileDtype } from "./dtypes.ts";
import { openForReading, problemIn } from "./problem.ts";
import { readAt } from "./readAt.ts";

/** The format's own limit on the length of the header, in bytes. */
const MAX_HEADER = 100_000_000;
const METADATA = "__metadata__";

/** What a safetensors file holds. */
export interface SafetensorsContents {
  tensors: Map<string, FileTensor>;
  /** Text by name; layerwise keeps JSON under `layerwise`. */
  metadata: Record<string, string>;
}

/** A tensor to write: float32, int32, or bytes (`bool`, else unsigned). */
export interface WritableTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: Float32Array | Int32Array | Uint8Array;
}

interface Entry {
  name: string;
  dtype: FileDtype;
  shape: number[];
  start: number;
  end: number;
}

/**
 * Writes tensors as a safetensors file, atomically, one tensor in memory after another.
 * @throws {@link OptionError} if a tensor's values do not fill its shape
 * @throws {@link DataError} if the disk is full or the path cannot be written; the old file is then untouched
 * @see https://huggingface.co/docs/safetensors
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, WritableTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  // Wide numbers first, so that every tensor starts at a multiple of its width.
  const sorted = [...tensors].sort(([, a], [, b]) => b.values.BYTES_PER_ELEMENT - a.values.BYTES_PER_ELEMENT);
  let end = 0;
  const rows = sorted.map(([name, tensor]) => {
    checkWritable(name, tensor);
    const start = end;
    end += tensor.values.byteLength;
    return [name, { dtype: fileDtype(tensor), shape: tensor.shape, data_offsets: [start, end] }] as const;
  });
  const withMetadata = Object.keys(metadata).length > 0 ? [[METADATA, metadata] as const, ...rows] : rows;
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(withMetadata)));
  const padded = Math.ceil(json.length / 8) * 8;
  const header = new Uint8Array(8 + padded).fill(0x20); // spaces
  new DataView(header.buffer).setBigUint64(0, BigInt(padded), true);
  header.set(json, 8);
  const bytes = sorted.map(([, { values }]) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  await atomicWrite(path, [header, ...bytes]);
}

/**
 * Reads a safetensors file. Every length in it is checked against the file before memory is taken for it.
 * @throws {@link FileFormatError} if the file is damaged, cut short, or no safetensors file
 */
export async function readSafetensors(path: string): Promise<SafetensorsContents> {
  await using file = await openForReading(path);
  const { size } = await file.handle.stat();
  const { entries, metadata, dataStart } = await readHeader(path, file.handle, size);
  const tensors = new Map<string, FileTensor>();
  for (const { name, dtype, shape, start, end } of entries) {
    const bytes = await readAt(file.handle, dataStart + start, end - start);
    if (bytes === undefined) throw problem(path, `a file that ends within "${name}"`);
    const numbers = decodeNumbers(dtype, bytes);
    if (numbers === undefined) throw problem(path, `64-bit integers in "${name}" that do not fit 32 bits`);
    tensors.set(name, { shape, ...numbers });
  }
  return { tensors, metadata };
}

async function readHeader(path: string, file: FileHandle, size: number) {
  const prefix = await readAt(file, 0, 8);
  if (size < 8 || prefix === undefined) throw problem(path, `a file of ${size} bytes`);
  const length = Number(new DataView(prefix).getBigUint64(0, true));
  if (length > MAX_HEADER || length > size - 8) {
    throw problem(path, `a header length of ${length} bytes in a file of ${size} bytes`);
  }
  const bytes = await readAt(file, 8, length);
  if (bytes === undefined) throw problem(path, "a file that ends within its header");
  const header = parseHeader(path, bytes);
  const metadata = checkMetadata(path, header[METADATA]);
  const rows = Object.entries(header).filter(([name]) => name !== METADATA);
  const entries = rows
    .map(([name, row]) => checkEntry(path, name, row))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  let filled = 0;
  for (const { name, start, end } of entries) {
    if (start < filled) throw problem(path, `"${name}", which overlaps the tensor before it`);
    if (start > filled) throw problem(path, `${start - filled} unused bytes before "${name}"`);
    filled = end;
  }
  const room = size - 8 - length;
  if (filled !== room) throw problem(path, `${room} bytes of numbers where the header lists ${filled}`);
  return { entries, metadata, dataStart: 8 + length };
}

function parseHeader(path: string, bytes: ArrayBuffer): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw problem(path, "a header that is no JSON", cause);
  }
  if (!isRecord(header)) throw problem(path, "a header that is no JSON object");
  return header;
}

function checkMetadata(path: string, metadata: unknown = {}): Record<string, string> {
  if (!isRecord(metadata) || !Object.values(metadata).every((v) => typeof v === "string")) {
    throw problem(path, "metadata that is not text by name");
  }
  return metadata as Record<string, string>;
}

function checkEntry(path: string, name: string, row: unknown): Entry {
  if (!isRecord(row)) throw problem(path, `"${name}" without a description`);
  const { dtype, shape, data_offsets: offsets } = row;
  if (!isFileDtype(dtype)) throw problem(path, `"${name}" of the type ${JSON.stringify(dtype)}`);
  if (!isSizes(shape)) throw problem(path, `"${name}" of the shape ${JSON.stringify(shape)}`);
  if (!isSizes(offsets) || offsets.length !== 2) throw problem(path, `"${name}" at ${JSON.stringify(offsets)}`);
  const [start = 0, end = 0] = offsets;
  const bytes = shape.reduce((product, n) => product * n, BYTES[dtype]);
  if (end < start || bytes !== end - start) {
    throw problem(path, `"${name}" ${fmtShape(shape)} of ${dtype} in ${end - start} bytes`);
  }
  return { name, dtype, shape, start, end };
}

function checkWritable(name: string, { shape, values }: WritableTensor): void {
  const size = shape.reduce((product, n) => product * n, 1);
  if (name !== METADATA && size === values.length) return;
  throw new OptionError("writeSafetensors", {
    given:
      name === METADATA ? `a tensor named "${METADATA}"` : `${values.length} values for "${name}" ${fmtShape(shape)}`,
    expected: name === METADATA ? "a name that the format leaves free" : `${size} values`,
  });
}

function fileDtype({ dtype, values }: WritableTensor): FileDtype {
  if (values instanceof Float32Array) return "F32";
  if (values instanceof Int32Array) return "I32";
  return dtype === "bool" ? "BOOL" : "U8";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function problem(path: string, given: string, cause?: unknown): Error {
  return problemIn(path, given, "a complete safetensors file", cause);
}
