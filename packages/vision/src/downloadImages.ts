import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { checkOptions, checkWhole, DataError, type KnownOptions, OptionError } from "@layerwise/core";
import { fetchByProxy } from "@layerwise/data";
import { mapFiles } from "./verifyImages.ts";

export interface DownloadImagesOptions {
  /** Addresses of pictures. */
  urls?: readonly string[];
  /** Text file with an address per line, instead of `urls`. */
  urlFile?: string;
  /** Addresses that are used, at most. @defaultValue 1000 */
  maxPics?: number;
  /** Downloads at once. @defaultValue 8 */
  workers?: number;
  /** Seconds after which a download is given up. @defaultValue 4 */
  timeout?: number;
  /** Keeps the names of the files; clashes get a number. @defaultValue false, random names */
  preserveFilename?: boolean;
}

const known: KnownOptions<DownloadImagesOptions> = {
  urls: true,
  urlFile: true,
  maxPics: true,
  workers: true,
  timeout: true,
  preserveFilename: true,
};

/** A picture that could not be downloaded. */
export interface FailedDownload {
  readonly url: string;
  readonly error: unknown;
}

/**
 * Downloads pictures into a folder. What fails is left out and listed; run `verifyImages` over the rest.
 * @returns paths of the files, and what failed
 */
export async function downloadImages(
  dest: string,
  options: DownloadImagesOptions,
): Promise<{ files: string[]; failed: FailedDownload[] }> {
  checkOptions("downloadImages", options, known);
  const { maxPics = 1000, workers = 8, timeout = 4, preserveFilename = false } = options;
  checkWhole("downloadImages", "maxPics", maxPics, 0);
  checkWhole("downloadImages", "workers", workers, 1);
  if (!(timeout > 0))
    throw new OptionError("downloadImages", { given: `timeout = ${timeout}`, expected: "seconds, above 0" });
  const urls = (await listUrls(options)).slice(0, maxPics);
  await mkdir(dest, { recursive: true });
  const taken = new Set<string>();
  const names = urls.map((url) => fileName(url, { dest, preserveFilename, taken }));
  const failed: FailedDownload[] = [];
  const fetchOne = async (url: string, i: number) => {
    const path = join(dest, names[i]!);
    try {
      await downloadOne(url, path, timeout);
      return path;
    } catch (error) {
      failed.push({ url, error });
      return undefined;
    }
  };
  const files = await mapFiles(urls, fetchOne, workers);
  return { files: files.filter((file) => file !== undefined), failed };
}

async function listUrls({ urls, urlFile }: DownloadImagesOptions): Promise<readonly string[]> {
  if (urls !== undefined) return urls;
  if (urlFile === undefined) {
    throw new DataError("downloadImages", {
      given: "neither urls nor urlFile",
      expected: "addresses of pictures",
      fix: "pass `urls: [...]`, or `urlFile`, a text file with one per line",
    });
  }
  const text = await readFile(urlFile, "utf8");
  return text.split(/\r?\n/).flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
}

interface Naming {
  readonly dest: string;
  readonly preserveFilename: boolean;
  /** Names given so far; grows. */
  readonly taken: Set<string>;
}

/** A name without a path in it, for an address whose query is left out; of an unknown kind it is a JPEG. */
function fileName(url: string, { dest, preserveFilename, taken }: Naming): string {
  const last = basename(url.split(/[?#]/)[0]!).replace(/[^\w.-]+/g, "_");
  const suffix = /^\.\w{1,5}$/.test(extname(last)) ? extname(last) : ".jpg";
  if (!preserveFilename) return `${randomUUID()}${suffix}`;
  const stem = (extname(last) === suffix ? last.slice(0, -suffix.length) : last).replace(/^\.+/, "") || "picture";
  let name = `${stem}${suffix}`;
  for (let i = 1; taken.has(name) || existsSync(join(dest, name)); i++) name = `${stem}${i}${suffix}`;
  taken.add(name);
  return name;
}

async function downloadOne(url: string, path: string, timeout: number): Promise<void> {
  const response = await fetchByProxy(url, { signal: AbortSignal.timeout(timeout * 1000) });
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  const part = `${path}.part`;
  try {
    await writeFile(part, new Uint8Array(await response.arrayBuffer()));
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}
