import { createReadStream } from "node:fs";
import { extract, type Header } from "tar-stream";
import type { ArchiveEntry } from "./archiveEntry.ts";
import { type Compression, decompress } from "./decompress.ts";

const types: Partial<Record<Header["type"], ArchiveEntry["type"]>> = {
  file: "file",
  "contiguous-file": "file",
  directory: "folder",
  symlink: "symlink",
  link: "hardlink",
};

/** Entries of a tar file, compressed or not, in their order. Holds one block in memory, not the file. */
export async function* tarEntries(archive: string, compression: Compression): AsyncGenerator<ArchiveEntry> {
  const entries = extract();
  const source = createReadStream(archive, { highWaterMark: 2 ** 18 });
  const bytes = await decompress(source, compression);
  for (const stream of [source, bytes]) stream.on("error", (error: Error) => entries.destroy(error));
  bytes.pipe(entries as unknown as NodeJS.WritableStream); // streamx, with Node's interface
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
    bytes.destroy();
  }
}
