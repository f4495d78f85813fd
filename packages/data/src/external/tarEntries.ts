import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import type { ArchiveEntry } from "./archiveEntry.ts";

const types: Partial<Record<Header["type"], ArchiveEntry["type"]>> = {
  file: "file",
  "contiguous-file": "file",
  directory: "folder",
  symlink: "symlink",
  link: "hardlink",
};

/** Entries of a tar file, compressed with gzip or not, in their order. Holds one block in memory, not the file. */
export async function* tarEntries(archive: string, { gzip }: { gzip: boolean }): AsyncGenerator<ArchiveEntry> {
  const entries = extract();
  const source = createReadStream(archive, { highWaterMark: 2 ** 18 });
  const gunzip = gzip ? createGunzip({ chunkSize: 2 ** 18 }) : undefined;
  for (const stream of [source, gunzip]) stream?.on("error", (error: Error) => entries.destroy(error));
  const sink = entries as unknown as NodeJS.WritableStream; // streamx, with Node's interface
  (gunzip ? source.pipe(gunzip) : source).pipe(sink);
  try {
    for await (const entry of entries) {
      const { name, type, size, linkname } = entry.header;
      yield {
        name,
        type: types[type] ?? "other",
        size: size ?? 0,
        target: linkname,
        read: () => entry as AsyncIterable<Uint8Array>,
      };
      entry.resume();
    }
  } finally {
    source.destroy();
    gunzip?.destroy();
  }
}
