import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataError, OptionError } from "@layerwise/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { makeTgz } from "../../test/external/archives.ts";
import { archiveFacts } from "./archiveFacts.ts";
import { downloadFile, md5OfStart } from "./download.ts";
import { type UntarDataOptions, untarData } from "./untarData.ts";
import { URLs } from "./urls.ts";

let server: Server;
let base: string;
let root: string;
let archive: Buffer;
let requests: IncomingMessage[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

/** Serves the archive, from where the client asks for. */
function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { etag = '"1"', until = archive.length } = {},
): void {
  const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const fits = request.headers["if-range"] === undefined || request.headers["if-range"] === etag;
  const from = fits ? start : 0;
  const headers: Record<string, string | number> = { etag, "content-length": archive.length - from };
  if (from > 0) headers["content-range"] = `bytes ${from}-${archive.length - 1}/${archive.length}`;
  response.writeHead(from > 0 ? 206 : 200, headers);
  if (until >= archive.length) response.end(archive.subarray(from));
  else response.write(archive.subarray(from, until), () => setTimeout(() => response.destroy(), 20));
}

beforeAll(async () => {
  const noise = Array.from({ length: 4000 }, () => Math.random()).join("");
  archive = await makeTgz([{ name: "tiny/a.txt", text: noise }]);
  server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "layerwise-"));
  requests = [];
  answer = serve;
  vi.stubEnv("no_proxy", "127.0.0.1");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

const get = (options: UntarDataOptions = {}, url = `${base}/sets/tiny.tgz`) =>
  untarData(url, { home: root, progress: false, retries: 0, offline: "", mirror: "", ...options });

describe("untarData", () => {
  test("downloads and extracts once", async () => {
    const path = await get();
    expect(path).toBe(join(root, "data", "tiny"));
    expect(readdirSync(path)).toEqual(["a.txt"]);
    expect(readdirSync(join(root, "archive"))).toEqual(["tiny.tgz"]);
    expect(readdirSync(join(root, "data"))).toEqual(["tiny"]);
    expect(await get()).toBe(path);
    await rm(path, { recursive: true });
    await get();
    expect(requests).toHaveLength(1);
    await get({ forceDownload: true });
    expect(requests).toHaveLength(2);
  });

  test("extracts to where it is told", async () => {
    expect(await get({ data: join(root, "here"), archive: join(root, "there") })).toBe(join(root, "here", "tiny"));
    expect(await get({ key: "model" })).toBe(join(root, "models", "tiny"));
    expect(existsSync(join(root, "there", "tiny.tgz"))).toBe(true);
  });

  test("does the work once for several calls at a time", async () => {
    const paths = await Promise.all([get(), get(), get()]);
    expect(new Set(paths).size).toBe(1);
    expect(requests).toHaveLength(1);
  });

  test("downloads anew an archive that is not the published one", async () => {
    const check = { size: archive.length, md5: await md5Of(archive) };
    await mkdir(join(root, "archive"));
    await writeFile(join(root, "archive", "tiny.tgz"), "old");
    const warnings: string[] = [];
    await get({ check, warn: (message) => warnings.push(message) });
    expect(warnings).toEqual([expect.stringContaining("3 bytes, not")]);
  });

  test("keeps an archive that was put there by hand when no other can be had", async () => {
    await mkdir(join(root, "archive"));
    await writeFile(join(root, "archive", "tiny.tgz"), archive);
    answer = (_, response) => response.writeHead(404).end();
    await expect(get({ check: { size: 5 }, warn: () => {} })).rejects.toThrow(/status 404/);
    expect(readFileSync(join(root, "archive", "tiny.tgz"))).toEqual(archive);
    await get({ check: false });
  });

  test("refuses a download of another size, or other content, and keeps nothing", async () => {
    await expect(get({ check: { size: 5 } })).rejects.toThrow(`${archive.length} bytes, not 5`);
    await expect(get({ check: { md5: "0" } })).rejects.toThrow(/another content/);
    expect(readdirSync(join(root, "archive"))).toEqual([]);
    await get({ check: false });
  });

  test("takes the archive from a mirror, by its name", async () => {
    await get({ mirror: `${base}/mirror/` }, "https://nowhere.invalid/sets/tiny.tgz");
    expect(requests[0]!.url).toBe("/mirror/tiny.tgz");
  });

  test("takes the archive from an offline folder, without a request", async () => {
    const offline = join(root, "offline");
    await mkdir(offline);
    await writeFile(join(offline, "mnist_tiny.tgz"), archive);
    const warnings: string[] = [];
    const path = await get({ offline, warn: (message) => warnings.push(message) }, URLs.MNIST_TINY);
    expect(readdirSync(path)).toEqual(["a.txt"]);
    expect(warnings[0]).toMatch(/not the published archive/);
    await expect(get({ offline }, `${base}/mnist_tiyn.tgz`)).rejects.toThrow(/perhaps mnist_tiny\.tgz/);
    expect(requests).toHaveLength(0);
  });

  test("offline, uses an archive that was downloaded before", async () => {
    await rm(await get(), { recursive: true });
    expect(existsSync(await get({ offline: join(root, "offline") }))).toBe(true);
    expect(requests).toHaveLength(1);
  });

  test("names the address, the folder and the way out when there is no network", async () => {
    const closed = createServer();
    await new Promise<void>((ready) => closed.listen(0, "127.0.0.1", ready));
    const url = `http://127.0.0.1:${(closed.address() as AddressInfo).port}/tiny.tgz`;
    await new Promise((done) => closed.close(done));
    const error = await get({}, url).catch((thrown: Error) => thrown);
    expect(error).toBeInstanceOf(DataError);
    for (const part of [url, "ECONNREFUSED", join(root, "archive"), "by hand", "LAYERWISE_OFFLINE"]) {
      expect((error as Error).message).toContain(part);
    }
    expect(readdirSync(join(root, "data"))).toEqual([]);
  });

  test.each([
    "tiny.tgz",
    "ftp://x/tiny.tgz",
    "https://x.org/tiny.txt",
    "https://x.org/..%2Ftiny.tgz",
    "https://x.org/.tgz",
  ])("refuses the address %s", async (url) => {
    await expect(get({}, url)).rejects.toThrow(OptionError);
  });
});

describe("downloadFile", () => {
  const url = () => `${base}/tiny.tgz`;
  const file = () => join(root, "tiny.tgz");

  test("goes on where a connection broke", async () => {
    answer = (request, response) => serve(request, response, { until: requests.length * 12_000 });
    await downloadFile(url(), file(), { progress: false, retries: 1 });
    expect(requests.length).toBeGreaterThan(1);
    expect(requests[1]!.headers.range).toMatch(/^bytes=\d+-$/);
    expect(readFileSync(file())).toEqual(archive);
    expect(readdirSync(root)).toEqual(["tiny.tgz"]);
  });

  test("goes on in a later call, unless the file has changed on the server", async () => {
    const half = Math.floor(archive.length / 2);
    for (const etag of ['"1"', '"2"']) {
      answer = (request, response) => serve(request, response, { until: half });
      await expect(downloadFile(url(), file(), { progress: false, retries: 0 })).rejects.toThrow(
        /kept, and the next call/,
      );
      const { size } = await stat(`${file()}.part`);
      requests = [];
      answer = (request, response) => serve(request, response, { etag });
      await downloadFile(url(), file(), { progress: false });
      expect(requests[0]!.headers).toMatchObject({ range: `bytes=${size}-`, "if-range": '"1"' });
      expect(readFileSync(file())).toEqual(archive);
      await rm(file());
    }
  });

  test("starts again when a resumed file turns out wrong, and when the server cannot resume", async () => {
    await writeFile(`${file()}.part`, "rubbish");
    await writeFile(`${file()}.part.json`, JSON.stringify({ url: url(), version: null }));
    const md5 = await md5Of(archive);
    const verify = async (part: string) => ((await md5OfStart(part)) === md5 ? undefined : "other content");
    await downloadFile(url(), file(), { progress: false, verify });
    expect(readFileSync(file())).toEqual(archive);
    expect(requests).toHaveLength(2);

    await writeFile(`${file()}.part`, Buffer.alloc(archive.length + 1));
    await writeFile(`${file()}.part.json`, JSON.stringify({ url: url(), version: null }));
    answer = (request, response) => {
      if (request.headers.range) response.writeHead(416).end();
      else serve(request, response);
    };
    await downloadFile(url(), file(), { progress: false });
    expect(readFileSync(file())).toEqual(archive);
  });

  test("says what a server answered in place of the file", async () => {
    answer = (_, response) => response.writeHead(404).end("gone");
    await expect(downloadFile(url(), file(), { progress: false })).rejects.toThrow(/status 404/);
    answer = (_, response) => response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<html>");
    await expect(downloadFile(url(), file(), { progress: false })).rejects.toThrow(/a web page/);
    expect(requests).toHaveLength(2);
    expect(readdirSync(root)).toEqual([]);
  });

  test("tries again after a server's error, and a silence", async () => {
    answer = (request, response) => {
      if (requests.length === 1) response.writeHead(503).end();
      else if (requests.length === 2) response.writeHead(200, { "content-length": archive.length }).flushHeaders();
      else serve(request, response);
    };
    await downloadFile(url(), file(), { progress: false, timeout: 0.3 });
    expect(requests).toHaveLength(3);
  });

  test("names a folder that cannot be written to", async () => {
    await writeFile(join(root, "file"), "");
    const call = downloadFile(url(), join(root, "file", "tiny.tgz"), { progress: false });
    await expect(call).rejects.toThrow(/file", which cannot be written to/);
  });

  test("stops when told", async () => {
    answer = (_, response) => response.writeHead(200).flushHeaders();
    const call = downloadFile(url(), file(), { progress: false, signal: AbortSignal.timeout(100) });
    await expect(call).rejects.toThrow(/timeout/);
  });

  test("reports progress from what is there", async () => {
    const heard: string[] = [];
    const progress = {
      start: (name: string, total: number | undefined, done: number) => heard.push(`${name} ${total} ${done}`),
      update: (done: number) => heard.push(`${done}`),
      stop: () => heard.push("stop"),
    };
    await downloadFile(url(), file(), { progress });
    expect([heard[0], heard.at(-2), heard.at(-1)]).toEqual([
      `tiny.tgz ${archive.length} 0`,
      `${archive.length}`,
      "stop",
    ]);
  });
});

describe("URLs", () => {
  test("are archives, each once, and known by size and content", () => {
    const all = Object.values(URLs);
    expect(all).toHaveLength(57);
    expect(new Set(all).size).toBe(57);
    expect(archiveFacts(URLs.MNIST_TINY)).toEqual([342207, "56143e8f24db90d925d82a5a74141875"]);
    expect(archiveFacts(URLs.MACAQUES)?.[0]).toBe(131604586);
    expect(all.filter((url) => archiveFacts(url) === undefined)).toEqual([
      URLs.ML_100k,
      URLs.WT103_FWD,
      URLs.WT103_BWD,
    ]);
    expect(archiveFacts("https://x.org/mnist_tiny.tgz")).toBeUndefined();
  });
});

async function md5Of(content: Buffer): Promise<string> {
  const path = join(root, "md5");
  await writeFile(path, content);
  const md5 = await md5OfStart(path);
  await rm(path);
  return md5;
}
