import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { FileFormatError } from "@layerwise/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeTar, makeTgz, makeZip, type TestEntry, tarBz2, tarXz } from "../../test/external/archives.ts";
import { type ExtractOptions, extractArchive } from "./extractArchive.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "layerwise-"));
});
afterEach(() => rm(root, { recursive: true }));

/** Unpacks `content` to `root/data/set`. */
async function unpack(content: Uint8Array, options: ExtractOptions = {}): Promise<string> {
  await writeFile(join(root, "archive"), content);
  await mkdir(join(root, "data"), { recursive: true });
  return extractArchive(join(root, "archive"), join(root, "data", "set"), options);
}

const list = (folder = root) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();

const tree: TestEntry[] = [
  { name: "top/", type: "directory" },
  { name: "top/a.txt", text: "one" },
  { name: "top/deep/er/b.txt", text: "two" },
  { name: "top/empty/", type: "directory" },
];

describe("extractArchive", () => {
  const files = [
    ["tar", () => makeTar(tree)],
    ["tar.gz", () => makeTgz(tree)],
    ["tar.bz2", async () => tarBz2],
    ["tar.xz", async () => tarXz],
    ["zip", async () => makeZip(tree.map(({ name, text = "" }) => ({ name, text })))],
  ] as const;
  test.each(files)("unpacks a %s, its only folder becoming the target", async (_, make) => {
    const target = await unpack(await make());
    expect(list(target)).toEqual(["a.txt", "deep/er/b.txt"]);
    expect(readFileSync(join(target, "deep/er/b.txt"), "utf8")).toBe("two");
    expect(existsSync(join(target, "empty"))).toBe(true);
    expect(readdirSync(dirname(target))).toEqual(["set"]);
  });

  test("keeps several entries at the top, without what macOS adds", async () => {
    const names = ["./a.txt", "b/c.txt", "b/._c.txt", "__MACOSX/d"];
    expect(list(await unpack(await makeTgz(names.map((name) => ({ name, text: name })))))).toEqual([
      "a.txt",
      "b/c.txt",
    ]);
  });

  test("streams big files", async () => {
    const text = "x".repeat(3 * 2 ** 20);
    expect(readFileSync(join(await unpack(await makeTgz([{ name: "t/big", text }])), "big"), "utf8")).toBe(text);
  });

  test("makes files of links to files of the archive", async () => {
    const target = await unpack(
      await makeTgz([
        { name: "t/soft", type: "symlink", linkname: "../t/deep/a" },
        { name: "t/chain", type: "symlink", linkname: "soft" },
        { name: "t/deep/a", text: "one" },
        { name: "t/hard", type: "link", linkname: "t/deep/a" },
        { name: "t/lost", type: "symlink", linkname: "nothing" },
        { name: "t/round", type: "symlink", linkname: "round" },
      ]),
    );
    expect(list(target)).toEqual(["chain", "deep/a", "hard", "soft"]);
    for (const name of ["soft", "chain", "hard"]) {
      expect(lstatSync(join(target, name)).isFile()).toBe(true);
      expect(readFileSync(join(target, name), "utf8")).toBe("one");
    }
  });

  test("replaces a folder only when told", async () => {
    await unpack(await makeTgz([{ name: "t/old", text: "" }]));
    const again = await makeTgz([{ name: "t/new", text: "" }]);
    await expect(unpack(again)).rejects.toThrow(/which exists/);
    expect(list(await unpack(again, { force: true }))).toEqual(["new"]);
  });
});

describe("a hostile archive", () => {
  const good: TestEntry = { name: "t/good", text: "good" };
  const outside = join(tmpdir(), "layerwise-evil");
  const hostile: [string, TestEntry[]][] = [
    ["a name that climbs", [{ name: "../evil", text: "evil" }]],
    ["a name that climbs inside", [{ name: "t/../../evil", text: "evil" }]],
    ["a name that climbs with backslashes", [{ name: "t\\..\\..\\evil", text: "evil" }]],
    ["an absolute name", [{ name: outside, text: "evil" }]],
    ["a name with a drive", [{ name: "C:\\evil", text: "evil" }]],
    ["a symbolic link out", [{ name: "t/link", type: "symlink", linkname: "../../evil" }]],
    ["an absolute symbolic link", [{ name: "t/link", type: "symlink", linkname: "/etc/passwd" }]],
    ["a hard link out", [{ name: "t/link", type: "link", linkname: "../../archive" }]],
    ["an absolute hard link", [{ name: "t/link", type: "link", linkname: "/etc/passwd" }]],
    ["a link to a folder", [{ name: "t/link", type: "symlink", linkname: "." }]],
    ["a device", [{ name: "t/device", type: "character-device", devmajor: 1, devminor: 3 }]],
    ["a pipe", [{ name: "t/pipe", type: "fifo" }]],
  ];
  test.each(hostile)("with %s is refused and leaves nothing", async (_, entries) => {
    await expect(unpack(await makeTgz([good, ...entries]))).rejects.toThrow(FileFormatError);
    expect(list()).toEqual(["archive"]);
    expect(readdirSync(join(root, "data"))).toEqual([]);
    expect(existsSync(outside)).toBe(false);
  });

  test("cannot write through a link that it made before", async () => {
    const entries: TestEntry[] = [
      { name: "t/up", type: "symlink", linkname: "deep" },
      { name: "t/deep/a", text: "one" },
      { name: "t/up/evil", text: "evil" },
    ];
    await expect(unpack(await makeTgz(entries))).rejects.toThrow(FileFormatError);
    expect(list()).toEqual(["archive"]);
  });

  test.each([
    ["climbs", { name: "../evil", text: "evil" }],
    ["links out", { name: "t/link", text: "../../evil", mode: 0o120777 }],
    ["is a device", { name: "t/device", mode: 0o020666 }],
    ["has a wrong checksum", { name: "t/file", text: "data", crc: 1 }],
  ])("as a zip with an entry that %s is refused", async (_, entry) => {
    await expect(unpack(makeZip([{ name: "t/good", text: "good" }, entry]))).rejects.toThrow(FileFormatError);
    expect(list()).toEqual(["archive"]);
  });

  test("with too many entries, or too many bytes, is refused", async () => {
    const many = await makeTgz(Array.from({ length: 20 }, (_, i) => ({ name: `t/${i}`, text: "x".repeat(100) })));
    await expect(unpack(many, { limits: { maxEntries: 19 } })).rejects.toThrow(/more than 19 entries/);
    await expect(unpack(many, { limits: { maxBytes: 1999 } })).rejects.toThrow(/more than 1999 bytes/);
    expect(list()).toEqual(["archive"]);
  });
});

describe("a damaged archive", () => {
  const damaged = (archive: Buffer) => {
    const bytes = Buffer.from(archive);
    bytes[bytes.length >> 1]! ^= 0xff;
    return bytes;
  };
  test.each([
    ["cut tar.bz2", tarBz2.subarray(0, -20)],
    ["changed tar.bz2", damaged(tarBz2)],
    ["cut tar.xz", tarXz.subarray(0, -60)],
    ["changed tar.xz", damaged(tarXz)],
  ])("a %s is refused and leaves nothing", async (_, archive) => {
    await expect(unpack(archive)).rejects.toThrow(FileFormatError);
    expect(readdirSync(join(root, "data"))).toEqual([]);
  });

  test("that ends early is refused and leaves nothing", async () => {
    const entries = Array.from({ length: 50 }, (_, i) => ({ name: `t/${i}`, text: `${Math.random()}` }));
    const whole = await makeTgz(entries);
    await expect(unpack(whole.subarray(0, whole.length / 2))).rejects.toThrow(/cannot be read to its end/);
    const zip = makeZip(entries);
    await expect(unpack(zip.subarray(0, zip.length / 2))).rejects.toThrow(FileFormatError);
    const tar = await makeTar(entries);
    await expect(unpack(tar.subarray(0, 700))).rejects.toThrow(FileFormatError);
    expect(list()).toEqual(["archive"]);
  });

  test("that is something else is told by its first bytes", async () => {
    await expect(unpack(Buffer.from("<html><body>not found</body></html>"))).rejects.toThrow(/starts with "<html>/);
    await expect(unpack(Buffer.alloc(600))).rejects.toThrow(/expected a tar, tar\.gz, .*or zip/);
    await expect(unpack(await makeTgz([]))).rejects.toThrow(FileFormatError);
  });
});
