import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { checkOptions, FileFormatError, LayerwiseError, OptionError } from "@layerwise/core";
import { type ArchiveEntry, damagedArchive, hostileArchive } from "./archiveEntry.ts";
import { compressionOf } from "./decompress.ts";
import { FolderWriter } from "./folderWriter.ts";
import { tarEntries } from "./tarEntries.ts";
import { zipEntries } from "./zipEntries.ts";

/** How much an archive may hold. */
export interface ExtractLimits {
  /** Files and folders. @defaultValue 5 million */
  maxEntries?: number;
  /** Bytes, unpacked. @defaultValue 200 times the archive's, and at least 1 GiB */
  maxBytes?: number;
}

/** Options of {@link extractArchive}. */
export interface ExtractOptions {
  /** Replaces `target` if it exists. @defaultValue false */
  force?: boolean;
  limits?: ExtractLimits | undefined;
}

/**
 * Unpacks a tar, tar.gz, tar.bz2, tar.xz or zip file to the folder `target`, which appears only when everything is in it. A single
 * folder at the top of the archive becomes `target` itself. The kind is told by the content, not by the name.
 * @throws {@link FileFormatError} if the archive is damaged, or has entries that leave the folder, are devices, or are
 * more than the limits
 */
export async function extractArchive(archive: string, target: string, options: ExtractOptions = {}): Promise<string> {
  checkOptions("extractArchive", options, { force: true, limits: true });
  const { force = false, limits = {} } = options;
  if (!force && (await exists(target))) {
    throw new OptionError("extract", {
      given: `"${target}", which exists`,
      expected: "a new folder, or `force: true`",
    });
  }
  const entries = await openArchive(archive);
  const { size } = await stat(archive);
  const { maxEntries = 5_000_000, maxBytes = Math.max(2 ** 30, 200 * size) } = limits;
  const part = join(dirname(target), `.${basename(target)}.partial`);
  await rm(part, { recursive: true, force: true });
  try {
    await mkdir(part, { recursive: true });
    await writeEntries(archive, entries, part, { maxEntries, maxBytes });
    await install(await onlyFolder(part, archive), target, `${part}.old`);
  } catch (error) {
    if (error instanceof LayerwiseError) throw error;
    throw isDiskError(error) ? diskError(target, error) : damagedArchive(archive, error);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return target;
}

async function writeEntries(
  archive: string,
  entries: AsyncIterable<ArchiveEntry>,
  folder: string,
  { maxEntries, maxBytes }: Required<ExtractLimits>,
): Promise<void> {
  const writer = new FolderWriter(folder, archive);
  let count = 0;
  let bytes = 0;
  for await (const entry of entries) {
    count += 1;
    bytes += entry.size;
    if (count > maxEntries)
      throw hostileArchive(archive, `more than ${maxEntries} entries`, "fewer (`limits.maxEntries`)");
    if (bytes > maxBytes) throw hostileArchive(archive, `more than ${maxBytes} bytes`, "fewer (`limits.maxBytes`)");
    await writer.add(entry);
  }
  await writer.finish();
}

/** By the first bytes: names and types of servers are often wrong. */
async function openArchive(archive: string): Promise<AsyncIterable<ArchiveEntry>> {
  const start = Buffer.alloc(512);
  const handle = await open(archive);
  try {
    await handle.read(start, 0, start.length, 0);
  } finally {
    await handle.close();
  }
  const compression = compressionOf(start);
  if (compression !== "none") return tarEntries(archive, compression);
  if (start.toString("latin1", 0, 2) === "PK") return zipEntries(archive);
  if (start.toString("latin1", 257, 262) === "ustar") return tarEntries(archive, "none");
  const looksLikeText = /^[\t\n\r\x20-\x7e]{16}/.test(start.toString("latin1"));
  throw new FileFormatError("extract", {
    given: `"${archive}", which starts with ${JSON.stringify(start.toString("latin1", 0, looksLikeText ? 40 : 4))}`,
    expected: "a tar, tar.gz, tar.bz2, tar.xz or zip file",
    fix: looksLikeText ? "the server may have sent a message in place of the file: look into it" : "pack the data anew",
  });
}

async function onlyFolder(folder: string, archive: string): Promise<string> {
  const top = await readdir(folder, { withFileTypes: true });
  if (top.length === 0) throw damagedArchive(archive, "it is empty");
  return top.length === 1 && top[0]!.isDirectory() ? join(folder, top[0]!.name) : folder;
}

async function install(from: string, target: string, aside: string): Promise<void> {
  await rm(aside, { recursive: true, force: true });
  if (await exists(target)) await rename(target, aside);
  await rename(from, target);
  await rm(aside, { recursive: true, force: true });
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  const codes = ["ENOSPC", "EDQUOT", "EACCES", "EPERM", "EROFS", "EMFILE", "EIO"];
  return codes.includes((error as NodeJS.ErrnoException).code ?? "");
}

function diskError(target: string, cause: NodeJS.ErrnoException): FileFormatError {
  return new FileFormatError("extract", {
    given: cause.code === "ENOSPC" ? "a full disk" : `a folder that cannot be written to (${cause.message})`,
    expected: `room for the data in "${dirname(target)}"`,
    fix: "make room, or name another folder with the option `data` or the environment variable LAYERWISE_HOME",
    cause,
  });
}
