import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { checkOptions, DataError, type KnownOptions } from "@layerwise/core";
import { distance } from "fastest-levenshtein";

/** Which files {@link getFiles} lists. */
export interface GetFilesOptions {
  /** Endings to keep, with the dot, in any case; all files if not given. */
  extensions?: Iterable<string>;
  /** Whether folders in folders are looked into. @defaultValue true */
  recurse?: boolean;
  /** Folders directly under `path` to look into, "." for files in `path` itself; all if not given. */
  folders?: readonly string[];
  /** Whether linked folders are looked into. @defaultValue true */
  followLinks?: boolean;
}

const knownOfKind: KnownOptions<GetKindOptions> = { recurse: true, folders: true, followLinks: true };
const known: KnownOptions<GetFilesOptions> = { ...knownOfKind, extensions: true };

/** {@link GetFilesOptions} of a getter that knows its extensions. */
export type GetKindOptions = Omit<GetFilesOptions, "extensions">;

/** A function that lists the files under a folder; what a call says goes before what the getter was made with. */
export type FileGetter = (path: string, options?: GetFilesOptions) => Promise<string[]>;

/** Endings of picture files. */
export const imageExtensions: ReadonlySet<string> = new Set(
  "avif bmp gif heic heif ico ief jpe jpeg jpg pbm pgm png pnm ppm ras rgb svg tif tiff webp xbm xpm xwd"
    .split(" ")
    .map((ending) => `.${ending}`),
);

/**
 * Paths of the files under `path`, sorted, so that a seed gives the same split on every machine.
 * Hidden files and folders are left out.
 * @throws {@link DataError} if the folder is missing, or no file in it matches
 */
export async function getFiles(path: string, options: GetFilesOptions = {}): Promise<string[]> {
  checkOptions("getFiles", options, known);
  const { recurse = true, followLinks = true, folders } = options;
  const extensions = options.extensions === undefined ? undefined : withDots(options.extensions);
  const walk: Walk = { extensions, recurse, followLinks, found: [], others: new Map() };
  const entries = await readFolder(path);
  const chosen =
    folders === undefined ? entries : entries.filter((entry) => folders.includes(entry.isFile() ? "." : entry.name));
  await visit(walk, path, chosen, [await realpath(path)]);
  if (walk.found.length === 0) throw nothingFound(path, entries, walk, folders);
  return walk.found.sort();
}

/** Makes a getter for a folder inside the source: `fileGetter({ suffix: "images" })("data")` lists `data/images`. */
export function fileGetter(options: GetFilesOptions & { suffix?: string } = {}): FileGetter {
  checkOptions("fileGetter", options, { ...known, suffix: true });
  const { suffix = "", ...rest } = options;
  return (path, atCall) => getFiles(join(path, suffix), { ...rest, ...atCall });
}

/** Paths of the pictures under `path`, sorted. */
export async function getImageFiles(path: string, options: GetKindOptions = {}): Promise<string[]> {
  checkOptions("getImageFiles", options, knownOfKind);
  return getFiles(path, { ...options, extensions: imageExtensions });
}

/** Like {@link fileGetter}, for pictures. */
export function imageGetter(options: GetKindOptions & { suffix?: string } = {}): FileGetter {
  checkOptions("imageGetter", options, { ...knownOfKind, suffix: true });
  return fileGetter({ ...options, extensions: imageExtensions });
}

/** Paths of the `.txt` files under `path`, sorted. */
export async function getTextFiles(path: string, options: GetKindOptions = {}): Promise<string[]> {
  checkOptions("getTextFiles", options, knownOfKind);
  return getFiles(path, { ...options, extensions: [".txt"] });
}

interface Walk {
  readonly extensions: ReadonlySet<string> | undefined;
  readonly recurse: boolean;
  readonly followLinks: boolean;
  readonly found: string[];
  /** Endings that were passed over, for the message when nothing is found. */
  readonly others: Map<string, number>;
}

/** @param chain - real paths of this folder and of those whose links led here, so that no circle is walked twice */
async function visit(walk: Walk, folder: string, entries: readonly Dirent[], chain: readonly string[]): Promise<void> {
  const below: Promise<void>[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (entry.isFile()) keep(walk, path, entry.name);
    else if (entry.isSymbolicLink()) below.push(visitLink(walk, path, entry.name, chain));
    else if (entry.isDirectory() && walk.recurse) {
      const real = [...chain.slice(0, -1), join(chain.at(-1)!, entry.name)];
      below.push(readFolder(path).then((inside) => visit(walk, path, inside, real)));
    }
  }
  await Promise.all(below);
}

async function visitLink(walk: Walk, path: string, name: string, chain: readonly string[]): Promise<void> {
  const target = await stat(path).catch(() => undefined);
  if (target?.isFile()) keep(walk, path, name);
  if (!target?.isDirectory() || !walk.recurse || !walk.followLinks) return;
  const real = await realpath(path);
  if (chain.some((above) => above === real || above.startsWith(real + sep))) return;
  await visit(walk, path, await readFolder(path), [...chain, real]);
}

function keep({ extensions, found, others }: Walk, path: string, name: string): void {
  const dot = name.lastIndexOf(".");
  const ending = dot < 0 ? "" : name.slice(dot).toLowerCase();
  if (extensions === undefined || extensions.has(ending)) found.push(path);
  else others.set(ending, (others.get(ending) ?? 0) + 1);
}

async function readFolder(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") throw await missingFolder(path, cause);
    const given = code === "ENOTDIR" ? `"${path}", which is a file` : `"${path}", which cannot be read`;
    throw new DataError("getFiles", { given, expected: "a folder", cause });
  }
}

async function missingFolder(path: string, cause: unknown): Promise<DataError> {
  let missing = resolve(path);
  let parent = dirname(missing);
  let beside = await readdir(parent).catch(() => undefined);
  while (beside === undefined && parent !== dirname(parent)) {
    missing = parent;
    parent = dirname(parent);
    beside = await readdir(parent).catch(() => undefined);
  }
  const wanted = basename(missing).toLowerCase();
  const near = (beside ?? [])
    .map((name) => ({ name, away: distance(name.toLowerCase(), wanted) }))
    .filter(({ away }) => away <= Math.max(2, wanted.length / 3))
    .sort((a, b) => a.away - b.away)
    .slice(0, 3)
    .map(({ name }) => `"${name}"`);
  const similar = near.length > 0 ? `; it holds ${near.join(", ")}` : "";
  return new DataError("getFiles", {
    given: `"${path}", which does not exist`,
    expected: "a folder",
    fix: `check the path: the nearest folder that exists is "${parent}", with no "${basename(missing)}" in it${similar}`,
    cause,
  });
}

function nothingFound(path: string, entries: readonly Dirent[], walk: Walk, folders?: readonly string[]): DataError {
  const endings = walk.extensions && [...walk.extensions].sort().join(" ");
  const seen = [...walk.others].sort((a, b) => b[1] - a[1]).slice(0, 5);
  const others = seen.map(([ending, count]) => `${count} ${ending || "without ending"}`).join(", ");
  const within = folders === undefined ? "" : ` in its folders ${folders.map((name) => `"${name}"`).join(", ")}`;
  const names = entries.filter((entry) => !entry.isFile() && !entry.name.startsWith(".")).map((entry) => entry.name);
  const top = names.slice(0, 10).join(", ");
  return new DataError("getFiles", {
    given: `"${path}" with no such file${within}${others === "" ? "" : ` (but ${others})`}`,
    expected: endings === undefined ? "at least one file that is not hidden" : `files ending in ${endings}`,
    fix: `check the path${folders ? " and `folders`" : ""}: ${top === "" ? "it has no folders in it" : `the folders in it are ${top}`}`,
  });
}

function withDots(extensions: Iterable<string>): ReadonlySet<string> {
  return new Set(Array.from(extensions, (ending) => `${ending.startsWith(".") ? "" : "."}${ending.toLowerCase()}`));
}
