import type { FileHandle } from "node:fs/promises";
import { promisify } from "node:util";
import type { Entry, Options, ZipFile } from "yauzl";
import { problemIn } from "./problem.ts";
import { readAt } from "./readAt.ts";

/** A file in the archive, not compressed. */
export interface ZipRecord {
  /** In bytes. */
  size: number;
  read(file: FileHandle): Promise<ArrayBuffer>;
}

/**
 * What is in a zip archive of PyTorch, by path without the first folder. PyTorch stores and never compresses, so the
 * sizes of what is in it can be checked against the size of the file before anything is read.
 * @throws {@link FileFormatError} if the archive is damaged, compressed, or claims more than its own size
 */
export async function listZip(path: string, fileSize: number): Promise<Map<string, ZipRecord>> {
  const zip = await openZip(path);
  try {
    const records = new Map<string, ZipRecord>();
    let total = 0;
    for await (const entry of zip.eachEntry()) {
      total += entry.compressedSize;
      if (entry.compressionMethod !== 0 || total > fileSize) throw refusal(path, entry, fileSize);
      const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
      const name = entry.fileName.slice(entry.fileName.indexOf("/") + 1);
      records.set(name, record(path, name, fileDataStart, entry.uncompressedSize));
    }
    return records;
  } catch (error) {
    if (error instanceof Error && error.name === "FileFormatError") throw error;
    throw problemIn(
      path,
      `a damaged zip archive (${(error as Error).message})`,
      "a complete file of `torch.save`",
      error,
    );
  } finally {
    zip.close();
  }
}

async function openZip(path: string): Promise<ZipFile> {
  const yauzl = await import("yauzl");
  const open = promisify((p: string, o: Options, done: (error: Error | null, zip: ZipFile) => void) =>
    yauzl.open(p, o, done),
  );
  try {
    return await open(path, { autoClose: false, lazyEntries: true });
  } catch (cause) {
    const given = `a zip archive that cannot be opened, maybe cut short (${(cause as Error).message})`;
    throw problemIn(path, given, "a complete file of `torch.save`", cause);
  }
}

function record(path: string, name: string, start: number, size: number): ZipRecord {
  return {
    size,
    async read(file) {
      const bytes = await readAt(file, start, size);
      if (bytes === undefined)
        throw problemIn(path, `a file that ends within "${name}"`, "a complete file of `torch.save`");
      return bytes;
    },
  };
}

function refusal(path: string, { fileName, compressionMethod, uncompressedSize }: Entry, fileSize: number): Error {
  if (compressionMethod === 0) {
    return problemIn(path, `contents larger than the file's own ${fileSize} bytes`, "a file of `torch.save`");
  }
  return problemIn(
    path,
    `"${fileName}", which is compressed (${uncompressedSize} bytes)`,
    "an archive without compression, as `torch.save` writes it",
    undefined,
    "zip its contents again without compression, or save it again from Python",
  );
}
