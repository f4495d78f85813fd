import { randomBytes } from "node:crypto";
import { type FileHandle, open, readdir, realpath, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DataError } from "../errors.ts";

/** What can be written: all at once, or piece by piece, so that a large file is never in memory as a whole. */
export type FileContent = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Temporary files of killed writers are cleared away once they are this old, in milliseconds. */
const STALE_AFTER = 60 * 60 * 1000;

const REASONS: Record<string, readonly [given: string, fix: string]> = {
  ENOSPC: ["a disk that is full", "free some space, or write to another disk"],
  EDQUOT: ["a disk quota that is used up", "free some space, or write to another disk"],
  EFBIG: ["a file larger than this system or user may write", "raise the limit, or write to another disk"],
  EACCES: ["a folder that this user may not write to", "change its permissions, or choose another folder"],
  EPERM: ["a folder that this user may not write to", "change its permissions, or choose another folder"],
  EROFS: ["a disk that is read-only", "choose another folder"],
  ENOENT: ["a folder that does not exist", "create the folder first"],
  ENOTDIR: ["a path through something that is no folder", "choose another path"],
  EISDIR: ["a path that is a folder", "add a file name"],
};

/**
 * Writes a file so that its path holds either what it held before or all of `content`, whenever the process or the
 * machine stops: into a temporary file beside it, flushed to disk, then renamed.
 * @throws {@link DataError} if it cannot be written (a full disk, no permission); the old file is then untouched
 */
export async function atomicWrite(path: string, content: FileContent): Promise<void> {
  const target = await realpath(path).catch(() => path); // a link stays a link
  const folder = dirname(target);
  const temporary = join(folder, `${temporaryPrefix(target)}${process.pid}-${randomBytes(6).toString("hex")}.tmp`);
  let created = false;
  try {
    const file = await open(temporary, "wx");
    created = true;
    try {
      for await (const piece of pieces(content)) await writeFully(file, piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    if (created) await unlink(temporary).catch(() => {});
    throw explainWriteError(path, error, "room to write a new version; what was there before is unchanged");
  }
  await syncFolder(folder);
  await clearStale(target);
}

/** What temporary names for `target` start with. */
function temporaryPrefix(target: string): string {
  return `.${basename(target)}.`;
}

function pieces(content: FileContent): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (typeof content === "string") return [Buffer.from(content)];
  return content instanceof Uint8Array ? [content] : content;
}

/** One write call takes less than 2 GiB, and may take only part of the bytes. */
async function writeFully(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, Math.min(2 ** 30, bytes.length - done));
    done += bytesWritten;
  }
}

/** A system's answer to a write, in words that say what to do; errors of other kinds as they are. */
export function explainWriteError(path: string, error: unknown, expected = "room to write"): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const reason = code === undefined ? undefined : REASONS[code];
  if (reason === undefined) return error;
  const [given, fix] = reason;
  return new DataError(path, { given: `${given} (${code})`, expected, fix, cause: error });
}

/** Makes the rename itself durable, where folders can be flushed. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

async function clearStale(target: string): Promise<void> {
  const folder = dirname(target);
  const prefix = temporaryPrefix(target);
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(prefix) || !/^\d+-[0-9a-f]{12}\.tmp$/.test(name.slice(prefix.length))) continue;
    const file = join(folder, name);
    const age = await stat(file).then(
      (s) => Date.now() - s.mtimeMs,
      () => 0,
    );
    if (age > STALE_AFTER) await unlink(file).catch(() => {});
  }
}
