import { createWriteStream, writeFileSync } from "node:fs";
import { copyFile, link, lstat, mkdir, rm } from "node:fs/promises";
import { join, posix } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type ArchiveEntry, hostileArchive, safeEntryPath } from "./archiveEntry.ts";

const small = 2 ** 20; // bytes; up to here a file is written at once

/**
 * Writes entries of an archive below a new folder, and nowhere else. It never makes a symbolic link, so no entry can
 * be led out of the folder by an earlier one: a link to a file of the archive becomes that file a second time.
 */
export class FolderWriter {
  readonly #root: string;
  readonly #archive: string;
  readonly #folders = new Set<string>([""]);
  /** Links by path, to the path they lead to; made last. */
  readonly #links = new Map<string, string>();

  constructor(root: string, archive: string) {
    this.#root = root;
    this.#archive = archive;
  }

  async add(entry: ArchiveEntry): Promise<void> {
    const path = safeEntryPath(this.#archive, entry.name);
    if (path === "" || isMacFork(path)) return;
    if (entry.type === "folder") return this.#makeFolder(path);
    if (entry.type === "other") {
      throw hostileArchive(
        this.#archive,
        `the device or pipe ${JSON.stringify(entry.name)}`,
        "files, folders and links",
      );
    }
    if (entry.type === "file") return this.#addFile(path, entry);
    this.#links.set(path, this.#linkTarget(path, entry));
  }

  /** Makes the links, now that all files are there. */
  async finish(): Promise<void> {
    for (const path of this.#links.keys()) await this.#makeLink(path);
  }

  async #addFile(path: string, entry: ArchiveEntry): Promise<void> {
    await this.#makeFolder(posix.dirname(path));
    this.#links.delete(path);
    const file = join(this.#root, path);
    if (entry.size > small) {
      await pipeline(Readable.from(entry.read()), createWriteStream(file));
      return;
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry.read()) chunks.push(chunk);
    writeFileSync(file, chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)); // asynchronous: 4 times as long
  }

  async #makeFolder(path: string): Promise<void> {
    const key = path === "." ? "" : path;
    if (this.#folders.has(key)) return;
    await mkdir(join(this.#root, key), { recursive: true });
    this.#folders.add(key);
  }

  /** Symbolic links start at their folder, hard links at the top. */
  #linkTarget(path: string, { type, name, target = "" }: ArchiveEntry): string {
    const from = type === "symlink" ? posix.dirname(path) : "";
    const resolved = posix.normalize(posix.join(from, target));
    if (target !== "" && !/^[\\/]|^[A-Za-z]:|\0|\\/.test(target) && resolved !== ".." && !resolved.startsWith("../")) {
      return resolved.replace(/\/$/, "");
    }
    const given = `the link ${JSON.stringify(name)} to ${JSON.stringify(target)}`;
    throw hostileArchive(this.#archive, given, "links to files inside the archive's own folder");
  }

  /** A link that leads to nothing is left out. */
  async #makeLink(path: string): Promise<void> {
    let target = this.#links.get(path)!;
    for (let hops = 0; this.#links.has(target) && hops < 40; hops++) target = this.#links.get(target)!;
    const from = join(this.#root, target);
    const found = await lstat(from).catch(() => undefined);
    if (found === undefined || target === path) return;
    if (!found.isFile()) {
      throw hostileArchive(this.#archive, `the link "${path}" to the folder "${target}"`, "links to files only");
    }
    await this.#makeFolder(posix.dirname(path));
    const to = join(this.#root, path);
    await rm(to, { force: true });
    await link(from, to).catch(() => copyFile(from, to));
  }
}

/** Attributes that macOS packs beside the files. */
function isMacFork(path: string): boolean {
  return path.startsWith("__MACOSX/") || posix.basename(path).startsWith("._");
}
