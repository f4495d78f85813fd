import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { downloadFile } from "./download.ts";
import { proxyFor } from "./proxy.ts";

describe("proxyFor", () => {
  const https_proxy = "http://proxy.example:3128";
  test.each<[string, NodeJS.ProcessEnv, string | undefined]>([
    ["https://a.org/x", {}, undefined],
    ["https://a.org/x", { HTTPS_PROXY: "proxy:1" }, "http://proxy:1"],
    ["https://a.org/x", { HTTPS_PROXY: "http://upper:1", https_proxy }, https_proxy],
    ["https://a.org/x", { HTTP_PROXY: "http://proxy:1" }, undefined],
    ["http://a.org/x", { HTTP_PROXY: "http://proxy:1" }, "http://proxy:1"],
    ["https://a.org/x", { https_proxy, NO_PROXY: "*" }, undefined],
    ["https://data.a.org/x", { https_proxy, NO_PROXY: "b.org, a.org" }, undefined],
    ["https://data.a.org/x", { https_proxy, NO_PROXY: ".a.org" }, undefined],
    ["https://data.a.org/x", { https_proxy, NO_PROXY: "*.a.org" }, undefined],
    ["https://ba.org/x", { https_proxy, NO_PROXY: "a.org" }, https_proxy],
    ["https://a.org/x", { https_proxy, NO_PROXY: "a.org:8443" }, https_proxy],
    ["https://a.org:8443/x", { https_proxy, no_proxy: "a.org:8443" }, undefined],
  ])("%s with %j goes by %s", (url, env, proxy) => {
    expect(proxyFor(url, env)).toBe(proxy);
  });
});

describe("downloadFile", () => {
  let server: Server;
  let proxy: Server;
  let root: string;
  const tunnels: string[] = [];
  const portOf = (of: Server) => (of.address() as AddressInfo).port;

  beforeAll(async () => {
    server = createServer((_request, response) => response.end("the file"));
    proxy = createServer();
    proxy.on("connect", (request, client) => {
      tunnels.push(request.url!);
      const target = connect(portOf(server), "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        target.pipe(client).pipe(target);
      });
      client.on("error", () => target.destroy());
    });
    for (const one of [server, proxy]) await new Promise<void>((ready) => one.listen(0, "127.0.0.1", ready));
  });
  afterAll(() => {
    for (const one of [server, proxy]) {
      one.closeAllConnections();
      one.close();
    }
  });
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "layerwise-"));
    tunnels.length = 0;
    for (const name of ["http_proxy", "no_proxy", "NO_PROXY"]) vi.stubEnv(name, "");
    vi.stubEnv("HTTP_PROXY", `http://127.0.0.1:${portOf(proxy)}`);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(root, { recursive: true });
  });

  test("goes by the proxy of the environment", async () => {
    const file = await downloadFile("http://data.example/a.txt", join(root, "a.txt"), { progress: false, retries: 0 });
    expect(readFileSync(file, "utf8")).toBe("the file");
    expect(tunnels).toEqual(["data.example:80"]);
  });

  test("goes straight to hosts of NO_PROXY", async () => {
    vi.stubEnv("NO_PROXY", "127.0.0.1");
    const url = `http://127.0.0.1:${portOf(server)}/a.txt`;
    await downloadFile(url, join(root, "a.txt"), { progress: false, retries: 0 });
    expect(tunnels).toEqual([]);
  });

  test("names a proxy that does not answer, without its password", async () => {
    vi.stubEnv("HTTP_PROXY", "http://me:secret@127.0.0.1:9");
    const load = downloadFile("http://data.example/a.txt", join(root, "a.txt"), { progress: false, retries: 0 });
    await expect(load).rejects.toThrow(/the proxy at 127\.0\.0\.1:9/);
    await expect(load).rejects.not.toThrow(/secret/);
  });
});
