import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { checkOptions, DataError, type KnownOptions, OptionError } from "@layerwise/core";
import { closest } from "fastest-levenshtein";
import { warn as warnUser } from "../warn.ts";
import { archiveFacts } from "./archiveFacts.ts";
import { type ConfigKey, layerwiseHome, layerwisePath } from "./config.ts";
import { type DownloadOptions, downloadFile, md5OfStart } from "./download.ts";
import { type ExtractLimits, extractArchive } from "./extractArchive.ts";
import { withFileLock } from "./fileLock.ts";

/** What an archive has to be. */
export interface ArchiveCheck {
  /** Bytes. */
  size?: number;
  /** MD5 of the first MiB. */
  md5?: string;
}

/** Options of {@link untarData}. */
export interface UntarDataOptions extends Pick<DownloadOptions, "progress" | "retries" | "timeout" | "signal"> {
  /** Folder for the archive. @defaultValue that of the configuration */
  archive?: string;
  /** Folder to extract into. @defaultValue that of the configuration for `key` */
  data?: string;
  /** Which folder of the configuration to extract into. @defaultValue "data" */
  key?: ConfigKey;
  /** Downloads and extracts again what is there already. @defaultValue false */
  forceDownload?: boolean;
  /** Folder of the configuration. @defaultValue `LAYERWISE_HOME`, else `~/.layerwise` */
  home?: string;
  /**
   * Address of a folder on another server that has the archive under the same file name; `check: false` takes one that
   * is not the published one. @defaultValue `LAYERWISE_MIRROR`
   */
  mirror?: string | undefined;
  /** A folder that holds archives by file name; nothing is downloaded then. @defaultValue `LAYERWISE_OFFLINE` */
  offline?: string | undefined;
  /** What the archive has to be; `false` takes any. @defaultValue what is known of `url` */
  check?: ArchiveCheck | false;
  /** How much the archive may hold. */
  limits?: ExtractLimits;
  /** Gets a sentence about an archive that is not the published one. @defaultValue prints it */
  warn?: (message: string) => void;
}

const known: KnownOptions<UntarDataOptions> = {
  ...{ progress: true, retries: true, timeout: true, signal: true, archive: true, data: true, key: true, home: true },
  ...{ forceDownload: true, mirror: true, offline: true, check: true, limits: true, warn: true },
};

/**
 * Downloads an archive of data and extracts it, each only if that has not been done yet.
 * `const path = await untarData(URLs.MNIST_TINY);`
 * @returns the folder with the data
 * @throws {@link DataError} if the archive cannot be had, {@link FileFormatError} if it is damaged or hostile
 */
export async function untarData(url: string, options: UntarDataOptions = {}): Promise<string> {
  checkOptions("untarData", options, known);
  const { key = "data", home = layerwiseHome(), forceDownload = false, limits } = options;
  const name = archiveName(url);
  const target = join(resolve(options.data ?? (await layerwisePath(key, home))), stem(name));
  if (!forceDownload && (await isThere(target))) return target;
  return withFileLock(`${target}.lock`, async () => {
    if (!forceDownload && (await isThere(target))) return target;
    const archive = await obtain(url, name, options);
    return extractArchive(archive, target, { force: forceDownload, limits });
  });
}

/** Path of the archive: in the offline folder, among those downloaded before, or downloaded now. */
async function obtain(url: string, name: string, options: UntarDataOptions): Promise<string> {
  const { home = layerwiseHome(), forceDownload = false, warn = warnUser } = options;
  const check = options.check ?? knownFacts(url);
  const { mirror = process.env.LAYERWISE_MIRROR, offline = process.env.LAYERWISE_OFFLINE } = options;
  const file = join(resolve(options.archive ?? (await layerwisePath("archive", home))), name);
  const isGood = async () => (await isThere(file)) && (await findFault(file, check)) === undefined;
  if (offline && ((await isThere(join(offline, name))) || !(await isGood()))) {
    return fromOffline(resolve(offline), name, check, warn);
  }
  if ((offline || !forceDownload) && (await isGood())) return file;
  return withFileLock(`${file}.lock`, async () => {
    const fault = (await isThere(file)) ? await findFault(file, check) : "";
    if (fault === undefined && !forceDownload) return file;
    if (fault) warn(`untarData: "${file}" has ${fault}; downloading it anew`);
    const from = mirror ? `${mirror.replace(/\/$/, "")}/${encodeURIComponent(name)}` : url;
    const { progress, retries, timeout, signal } = options;
    return downloadFile(from, file, {
      ...{ progress, retries, timeout, signal },
      size: check ? check.size : undefined,
      verify: (part) => findFault(part, check),
      advice:
        `put ${name} into "${resolve(file, "..")}" by hand, name a server that has it with LAYERWISE_MIRROR, ` +
        "or name a folder that has it with LAYERWISE_OFFLINE",
    });
  });
}

/** An archive that someone put there is used even if it is not the published one. */
async function fromOffline(
  folder: string,
  name: string,
  check: ArchiveCheck | false,
  warn: (message: string) => void,
): Promise<string> {
  const file = join(folder, name);
  if (await isThere(file)) {
    const fault = await findFault(file, check);
    if (fault !== undefined) warn(`untarData: "${file}" is not the published archive (${fault}); using it as it is`);
    return file;
  }
  const names = (await readdir(folder).catch(() => [])).filter((entry) => archiveEnding.test(entry));
  const near =
    names.length > 0 ? `it has ${names.slice(0, 10).join(", ")}; perhaps ${closest(name, names)} is meant` : "";
  throw new DataError("untarData", {
    given: `no ${name} in the offline folder "${folder}"`,
    expected: "the archive under that name",
    fix: near || "put the archive there, or unset LAYERWISE_OFFLINE to download it",
  });
}

/** What is wrong with an archive; undefined if nothing is, or nothing is known. */
async function findFault(file: string, check: ArchiveCheck | false): Promise<string | undefined> {
  if (!check) return undefined;
  const { size } = await stat(file);
  if (check.size !== undefined && size !== check.size) return `${size} bytes, not ${check.size}`;
  if (check.md5 === undefined) return undefined;
  const md5 = await md5OfStart(file);
  return md5 === check.md5 ? undefined : `another content (MD5 ${md5} of the first MiB, not ${check.md5})`;
}

function knownFacts(url: string): ArchiveCheck {
  const facts = archiveFacts(url);
  return facts === undefined ? {} : { size: facts[0], md5: facts[1] };
}

const archiveEnding = /\.(tgz|tbz2?|txz|tar(\.(gz|bz2|xz))?|zip)$/i;

function archiveName(url: string): string {
  const name = URL.canParse(url) ? decodeURIComponent(new URL(url).pathname.split("/").at(-1)!) : "";
  const isPlain = !/[\\/\0:]/.test(name) && !name.startsWith(".");
  if (isPlain && archiveEnding.test(name)) return name;
  throw new OptionError("untarData", {
    given: `the address "${url}"`,
    expected: "the address of a .tgz, .tar.gz, .tar.bz2, .tar.xz, .tar or .zip file, such as `URLs.MNIST_TINY`",
  });
}

function stem(name: string): string {
  return name.replace(archiveEnding, "");
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
