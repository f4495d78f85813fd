import { createHash } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { checkOptions, DataError, type KnownOptions, OptionError } from "@layerwise/core";
import { type DownloadProgress, downloadProgress, formatBytes } from "./downloadProgress.ts";
import { fetchByProxy, proxyFor } from "./proxy.ts";
import { throwUnwritable } from "./unwritable.ts";

/** Options of {@link downloadFile}. */
export interface DownloadOptions {
  /** Bytes that the file has; another size is refused before it is loaded. */
  size?: number | undefined;
  /** Looks at the loaded file before it gets its name; answers what is wrong with it. */
  verify?: ((file: string) => Promise<string | undefined>) | undefined;
  /** Shows how far the download is; `false` is silent. @defaultValue a bar, or lines where there is no terminal */
  progress?: boolean | DownloadProgress | undefined;
  /** Further tries after a break that got no further, from where it broke. @defaultValue 3 */
  retries?: number | undefined;
  /** Seconds without a byte that count as a break. @defaultValue 30 */
  timeout?: number | undefined;
  /** What a person can do where there is no network, for the message. */
  advice?: string;
  signal?: AbortSignal | undefined;
}

const known: KnownOptions<DownloadOptions> = {
  ...{ size: true, verify: true, progress: true, retries: true, timeout: true, advice: true, signal: true },
};

/** A break that another try may mend, unless the host has no address. */
class BrokenOff extends Error {
  get isHopeless(): boolean {
    const { cause } = this;
    return cause instanceof Error && (cause as NodeJS.ErrnoException).code === "ENOTFOUND";
  }
}

/** What is known of a half-loaded file: where it is from, and which version of it. */
interface PartInfo {
  url: string;
  version: string | null;
}

/**
 * Loads `url` into `file`. A broken download goes on where it stopped, in this call or in a later one; `file` appears
 * only when it is whole.
 * @throws {@link DataError} if there is no connection, the server refuses, or the file is not what it should be
 */
export async function downloadFile(url: string, file: string, options: DownloadOptions = {}): Promise<string> {
  checkUrl(url);
  checkOptions("downloadFile", options, known);
  const { progress = true, retries = 3 } = options;
  const reporter = typeof progress === "object" ? progress : progress ? downloadProgress() : silent;
  const part = `${file}.part`;
  await mkdir(dirname(file), { recursive: true }).catch((cause) => throwUnwritable(dirname(file), cause));
  let furthest = await sizeOf(part);
  let resumed = furthest > 0;
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        await loadRest(url, part, reporter, options);
        const fault = await options.verify?.(part);
        if (fault === undefined) break;
        await discard(part);
        if (!resumed) throw wrongFile(url, fault, options);
        resumed = false;
      } catch (error) {
        if (!(error instanceof BrokenOff)) throw error;
        const size = await sizeOf(part);
        if (size > furthest) attempt = 0;
        if (attempt >= retries || error.isHopeless) throw noConnection(url, error, size, options);
        furthest = Math.max(furthest, size);
        resumed ||= size > 0;
        await delay(Math.min(500 * 2 ** attempt, 5_000));
      }
    }
  } finally {
    reporter.stop();
  }
  await rename(part, file);
  await rm(`${part}.json`, { force: true });
  return file;
}

/** MD5 of the first MiB of a file, the fingerprint that published archives are listed by. */
export async function md5OfStart(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const buffer = Buffer.alloc(2 ** 20);
    let filled = 0;
    for (let read = -1; read !== 0 && filled < buffer.length; filled += read) {
      read = (await handle.read(buffer, filled, buffer.length - filled, filled)).bytesRead;
    }
    return createHash("md5").update(buffer.subarray(0, filled)).digest("hex");
  } finally {
    await handle.close();
  }
}

const silent: DownloadProgress = { start() {}, update() {}, stop() {} };

async function loadRest(
  url: string,
  part: string,
  reporter: DownloadProgress,
  options: DownloadOptions,
): Promise<void> {
  const { timeout = 30, size, signal } = options;
  const info = await readInfo(part);
  if (info?.url !== url) await discard(part);
  const have = await sizeOf(part);
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(new BrokenOff(`nothing came for ${timeout} s`)), timeout * 1000);
  try {
    const response = await request(url, have, info, signal ? AbortSignal.any([signal, stall.signal]) : stall.signal);
    const { start, total } = await checkResponse(response, url, part, have, options);
    if (start === total) return;
    if (size !== undefined && total !== undefined && total !== size) {
      await discard(part);
      throw wrongFile(url, `${total} bytes, not ${size}`, options);
    }
    if (start === 0) await writeInfo(part, { url, version: versionOf(response) });
    reporter.start(basename(new URL(url).pathname), total, start);
    let done = start;
    const handle = await open(part, start === 0 ? "w" : "a").catch((cause) => throwUnwritable(dirname(part), cause));
    try {
      for await (const chunk of chunksOf(response)) {
        timer.refresh();
        await handle.write(chunk).catch((cause) => throwUnwritable(dirname(part), cause));
        done += chunk.length;
        reporter.update(done);
      }
    } finally {
      await handle.close();
    }
    if (total !== undefined && done < total)
      throw new BrokenOff(`the connection ended after ${done} of ${total} bytes`);
  } catch (error) {
    throw stall.signal.aborted ? stall.signal.reason : asBrokenOff(error, signal);
  } finally {
    clearTimeout(timer);
  }
}

async function request(url: string, have: number, info: PartInfo | undefined, signal: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { "accept-encoding": "identity" }; // the bytes as they are stored
  if (have > 0) {
    headers.range = `bytes=${have}-`;
    if (info?.version) headers["if-range"] = info.version;
  }
  return await fetchByProxy(url, { headers, signal });
}

/** Where in the file the body starts, and how many bytes the whole has. */
async function checkResponse(
  response: Response,
  url: string,
  part: string,
  have: number,
  options: DownloadOptions,
): Promise<{ start: number; total: number | undefined }> {
  const { status, headers } = response;
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
  const whole = range?.[2] === undefined || range[2] === "*" ? undefined : Number(range[2]);
  if (status === 416 && whole === have) {
    await response.body?.cancel();
    return { start: have, total: have };
  }
  if (status === 416 || (status === 206 && Number(range?.[1]) !== have)) {
    await response.body?.cancel();
    await discard(part);
    throw new BrokenOff("the server cannot go on where the download stopped");
  }
  if (status === 408 || status === 429 || status >= 500) throw new BrokenOff(`the server answered ${status}`);
  if (!response.ok) {
    await response.body?.cancel();
    throw new DataError("download", {
      given: `status ${status} ${response.statusText} from ${url}`,
      expected: "the file",
      fix: `check the address${options.advice === undefined ? "" : `, or ${options.advice}`}`,
    });
  }
  const type = headers.get("content-type") ?? "";
  if (/^text\/html\b/i.test(type) && !/\.html?$/i.test(new URL(url).pathname)) {
    await response.body?.cancel();
    throw new DataError("download", {
      given: `a web page (${type}) from ${url}`,
      expected: "the file itself",
      fix: "open the address in a browser: it may want a login, or the network may want one",
    });
  }
  if (status === 206) return { start: have, total: whole };
  const length = headers.get("content-length");
  return { start: 0, total: length === null ? undefined : Number(length) };
}

/** `fetch`'s types lack the iterator that Node's streams have. */
function chunksOf({ body }: Response): AsyncIterable<Uint8Array> {
  return (body ?? new Blob([]).stream()) as unknown as AsyncIterable<Uint8Array>;
}

/** A strong ETag, else the date: what `If-Range` may carry. */
function versionOf({ headers }: Response): string | null {
  const tag = headers.get("etag");
  return tag !== null && !tag.startsWith("W/") ? tag : headers.get("last-modified");
}

async function readInfo(part: string): Promise<PartInfo | undefined> {
  try {
    return JSON.parse(await readFile(`${part}.json`, "utf8")) as PartInfo;
  } catch {
    return undefined;
  }
}

async function writeInfo(part: string, info: PartInfo): Promise<void> {
  await writeFile(`${part}.json`, JSON.stringify(info)).catch((cause) => throwUnwritable(dirname(part), cause));
}

async function discard(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(`${part}.json`, { force: true });
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}

/** Errors of `fetch` say what happened in their cause. */
function asBrokenOff(error: unknown, signal: AbortSignal | undefined): unknown {
  if (error instanceof DataError || error instanceof BrokenOff || signal?.aborted) return error;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return new BrokenOff(cause instanceof Error ? cause.message || String(cause) : String(cause), { cause });
}

function noConnection(url: string, error: BrokenOff, loaded: number, { advice }: DownloadOptions): DataError {
  const kept = loaded > 0 ? `; ${formatBytes(loaded)} are kept, and the next call goes on from there` : "";
  const proxy = proxyFor(url);
  const hint =
    proxy === undefined ? ", and HTTPS_PROXY if it needs a proxy" : `, and the proxy at ${new URL(proxy).host}`;
  return new DataError("download", {
    given: `no complete answer from ${url}: ${error.message}${kept}`,
    expected: "a connection to the server",
    fix: `check the network${hint}${advice === undefined ? "" : `, or ${advice}`}`,
    cause: error,
  });
}

function wrongFile(url: string, fault: string, { advice }: DownloadOptions): DataError {
  return new DataError("download", {
    given: `${fault}, from ${url}`,
    expected: "the file as it was published",
    fix: `the file on the server is damaged or another version${advice === undefined ? "" : `; ${advice}`}`,
  });
}

function checkUrl(url: string): void {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return;
  throw new OptionError("download", {
    given: `the address "${url}"`,
    expected: "an address that starts with https://",
  });
}
