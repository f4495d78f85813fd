import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { tempFolder, writePicture } from "../test/pictures.ts";
import { downloadImages } from "./downloadImages.ts";
import { ImageItem } from "./image/imageItem.ts";
import { resizeImages } from "./resizeImages.ts";
import { verifyImages } from "./verifyImages.ts";

let picture: Buffer;
const server = createServer(({ url = "" }, response) => {
  if (url.startsWith("/slow")) return;
  response.writeHead(url.startsWith("/missing") ? 404 : 200).end(picture);
});
// It is a proxy, too, which takes every name for its own.
server.on("connect", (_request, client) => {
  const target = connect((server.address() as AddressInfo).port, "127.0.0.1", () => {
    client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    target.pipe(client).pipe(target);
  });
  client.on("error", () => target.destroy());
});
let address: string;

beforeAll(async () => {
  for (const name of ["http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY"]) vi.stubEnv(name, "");
  picture = readFileSync(await writePicture(join(tempFolder(), "a.png")));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
});

describe("downloadImages", () => {
  test("saves what it gets and lists what it does not", async () => {
    const dest = join(tempFolder(), "new");
    const urls = ["/a.png?size=1", "/missing.png", "/slow.png", "/plain", "nonsense"].map((path) =>
      path.startsWith("/") ? address + path : path,
    );
    const { files, failed } = await downloadImages(dest, { urls, timeout: 0.5 });
    expect(files.map((file) => file.slice(-4))).toEqual([".png", ".jpg"]);
    expect(failed.map(({ url }) => basename(url)).sort()).toEqual(["missing.png", "nonsense", "slow.png"]);
    expect(await verifyImages(files)).toEqual([]);
  });

  test("keeps names if asked, numbers clashes, and never leaves the folder", async () => {
    const dest = tempFolder();
    const list = join(dest, "urls.txt");
    writeFileSync(list, ["/a.png", "/b/a.png", "/..%2F..%2Fx.png", "/c.png"].map((path) => address + path).join("\n"));
    const { files } = await downloadImages(dest, { urlFile: list, preserveFilename: true, maxPics: 3 });
    expect(files.map((file) => file.slice(dest.length + 1))).toEqual([
      "a.png",
      "a1.png",
      expect.stringMatching(/^_?2F.*x\.png$/),
    ]);
  });

  test("goes by the proxy of the environment", async () => {
    vi.stubEnv("HTTP_PROXY", address);
    try {
      const { files } = await downloadImages(tempFolder(), { urls: ["http://pictures.invalid/a.png"] });
      expect(files.length).toBe(1);
      expect(await verifyImages(files)).toEqual([]);
    } finally {
      vi.stubEnv("HTTP_PROXY", "");
    }
  });

  test.each<[string, object, RegExp]>([
    ["no addresses", {}, /neither.*`urls/s],
    ["an option that nobody reads", { urls: [], max_pics: 3 }, /"maxPics"/],
    ["no time", { urls: [], timeout: 0 }, /timeout = 0/],
    ["nobody to do it", { urls: [], workers: 0 }, /workers = 0/],
  ])("refuses %s", async (_, options, message) => {
    await expect(downloadImages(tempFolder(), options)).rejects.toThrow(message);
  });
});

describe("resizeImages", () => {
  test("shrinks large pictures, copies small ones, and leaves unreadable ones out", async () => {
    const path = tempFolder();
    await writePicture(join(path, "cat/large.jpg"), { width: 80, height: 40 });
    await writePicture(join(path, "small.png"), { width: 10, height: 8 });
    writeFileSync(join(path, "bad.png"), "no picture");
    const dest = tempFolder();
    const files = await resizeImages(path, { dest, maxSize: 20 });
    expect(files).toEqual([join(dest, "cat/large.jpg"), join(dest, "small.png")]);
    expect((await ImageItem.create(files[0]!)).size).toEqual([20, 10]);
    expect(readFileSync(files[1]!)).toEqual(readFileSync(join(path, "small.png")));
    const converted = await resizeImages(path, { dest, maxSize: 20, ext: "webp" });
    expect(converted.map((file) => basename(file))).toEqual(["large.webp", "small.webp"]);
    await expect(resizeImages(path, { dest: path })).rejects.toThrow(/another folder/);
    await expect(resizeImages(path, { dest, workers: 0 })).rejects.toThrow(/workers = 0/);
  });
});
