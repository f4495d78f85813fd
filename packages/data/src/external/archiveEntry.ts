import { FileFormatError } from "@layerwise/core";

/** One entry of an archive, as it claims to be; nothing about it is to be trusted. */
export interface ArchiveEntry {
  readonly name: string;
  readonly type: "file" | "folder" | "symlink" | "hardlink" | "other";
  /** Bytes of content. */
  readonly size: number;
  /** Where a link leads. */
  readonly target?: string;
  /** The content, which has to be read (or drained) before the next entry. */
  read(): AsyncIterable<Uint8Array>;
}

/** The archive is damaged, or not one at all. */
export function damagedArchive(archive: string, cause: unknown): FileFormatError {
  return new FileFormatError("extract", {
    given: `"${archive}", which cannot be read to its end (${cause instanceof Error ? cause.message : cause})`,
    expected: "a whole archive",
    fix: "download it again, with `forceDownload: true`",
    cause,
  });
}

/** The archive asks for something that an archive of data has no need for. */
export function hostileArchive(archive: string, given: string, expected: string): FileFormatError {
  return new FileFormatError("extract", {
    given: `${given} in "${archive}"`,
    expected,
    fix: "do not use this archive, unless you know where it is from and have unpacked it by hand",
  });
}

/**
 * Path of an entry inside the target folder, with `/`; empty for the folder itself.
 * @throws {@link FileFormatError} for a name that leads out of it
 */
export function safeEntryPath(archive: string, name: string): string {
  const parts = name.split(process.platform === "win32" ? /[\\/]/ : "/").filter((part) => part !== "" && part !== ".");
  const isAbsolute = /^[\\/]|^[A-Za-z]:[\\/]/.test(name);
  const climbs = name.split(/[\\/]/).includes("..");
  const isStream = process.platform === "win32" && name.includes(":");
  if (!isAbsolute && !climbs && !isStream && !name.includes("\0")) return parts.join("/");
  throw hostileArchive(archive, `the entry ${JSON.stringify(name)}`, "names of files inside the archive's own folder");
}
