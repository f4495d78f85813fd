import type { FileHandle } from "node:fs/promises";
import type { Entry, ZipFile } from "yauzl";
import { problemIn } from "./problem.ts";
import { readAt } from "./readAt.ts";
import { type FileRecord, MAX_PICKLE, type TorchContents } from "./torchContents.ts";
import { openPickles } from "./torchPickle.ts";

/** The format of PyTorch 1.6 and later: a zip archive with a pickle and a file per storage. */
export async function readZip(path: string, file: FileHandle, fileSize: number): Promise<TorchContents> {
  const records = await listZip(path, file, fileSize);
  const order = records.get("byteorder");
  if (order !== undefined) {
    const text = new TextDecoder().decode(order.size <= 16 ? await order.read(file) : undefined);
    if (text.trim() !== "little") throw problemIn(path, `the byte order "${text.trim()}"`, "little-endian numbers");
  }
  const pickle = records.get("data.pkl");
  if (pickle === undefined) throw problemIn(path, "a zip archive without `data.pkl`", "a file that `torch.save` wrote");
  if (pickle.size > MAX_PICKLE) {
    throw problemIn(path, `a description of ${pickle.size} bytes`, `at most ${MAX_PICKLE} bytes, beside the tensors`);
  }
  const root = (await openPickles(path, new Uint8Array(await pickle.read(file)))).next();
  const storages = [...records].flatMap(([name, record]) =>
    name.startsWith("data/") ? [[name.slice("data/".length), record] as const] : [],
  );
  return { root, storages: new Map(storages) };
}

/**
 * What is in a zip archive of PyTorch, by path without the first folder. PyTorch stores and never compresses, so the
 * sizes of what is in it can be checked against the size of the file before anything is read.
 * @throws {@link FileFormatError} if the archive is damaged, compressed, or claims more than its own size
 */
async function listZip(path: string, file: FileHandle, fileSize: number): Promise<Map<string, FileRecord>> {
  const { fromRandomAccessReaderPromise, RandomAccessReader } = await import("yauzl");
  let fail: (error: unknown) => void = () => {};
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  /** Turns every error into an answer; reading for itself, yauzl throws where no one can catch it. */
  class CheckedReader extends RandomAccessReader {
    override read(buffer: Buffer, offset: number, length: number, position: number, done: Done): void {
      const inside = Number.isSafeInteger(position) && position >= 0 && position + length <= fileSize;
      const bytes = inside ? readAt(file, position, length) : Promise.resolve(undefined);
      bytes
        .then((found) => {
          if (found === undefined) return done(new RangeError("an offset outside the file"));
          buffer.set(new Uint8Array(found), offset);
          return done(null);
        })
        .catch(fail);
    }
  }
  const list = async (): Promise<Map<string, FileRecord>> => {
    const zip = await fromRandomAccessReaderPromise(new CheckedReader(), fileSize, {
      autoClose: false,
      lazyEntries: true,
    });
    return listRecords(path, zip, fileSize);
  };
  return Promise.race([list(), failure]);
}

type Done = (error: Error | null) => void;

async function listRecords(path: string, zip: ZipFile, fileSize: number): Promise<Map<string, FileRecord>> {
  const records = new Map<string, FileRecord>();
  let total = 0;
  for await (const entry of zip.eachEntry()) {
    total += entry.compressedSize;
    if (entry.compressionMethod !== 0 || total > fileSize) throw refusal(path, entry, fileSize);
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    const name = entry.fileName.slice(entry.fileName.indexOf("/") + 1);
    records.set(name, record(path, name, fileDataStart, entry.uncompressedSize));
  }
  return records;
}

function record(path: string, name: string, start: number, size: number): FileRecord {
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
