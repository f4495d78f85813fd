import * as zlib from "node:zlib";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import type { ArchiveEntry } from "./archiveEntry.ts";

/** Unix's file types: the upper four bits of the mode. */
const types = new Map<number, ArchiveEntry["type"]>([
  [0x0, "file"],
  [0x8, "file"],
  [0x4, "folder"],
  [0xa, "symlink"],
]);
const longestTarget = 4096;
const { crc32 } = zlib as { crc32?: typeof zlib.crc32 }; // not in Node before 20.15

/** Entries of a zip file, in the order of its directory. */
export async function* zipEntries(archive: string): AsyncGenerator<ArchiveEntry> {
  const zip = await openPromise(archive, { lazyEntries: true, autoClose: false, strictFileNames: false });
  try {
    for await (const entry of zip.eachEntry()) yield await describe(zip, entry);
  } finally {
    zip.close();
  }
}

async function describe(zip: ZipFile, entry: Entry): Promise<ArchiveEntry> {
  const { fileName: name, uncompressedSize: size } = entry;
  if (entry.isEncrypted()) throw new Error(`"${name}" is encrypted`);
  const fileType = entry.versionMadeBy >>> 8 === 3 ? entry.externalFileAttributes >>> 28 : 0;
  const type = name.endsWith("/") ? "folder" : (types.get(fileType) ?? "other");
  const read = () => content(zip, entry);
  if (type !== "symlink") return { name, type, size, read };
  if (size > longestTarget) throw new Error(`the link "${name}" has a target of ${size} bytes`);
  let target = "";
  for await (const chunk of read()) target += Buffer.from(chunk).toString("utf8");
  return { name, type, size: 0, target, read };
}

async function* content(zip: ZipFile, entry: Entry): AsyncGenerator<Uint8Array> {
  let sum = 0;
  for await (const chunk of await zip.openReadStreamPromise(entry)) {
    if (crc32) sum = crc32(chunk as Uint8Array, sum);
    yield chunk as Uint8Array;
  }
  if (crc32 && sum !== entry.crc32) throw new Error(`the checksum of "${entry.fileName}" is wrong`);
}
