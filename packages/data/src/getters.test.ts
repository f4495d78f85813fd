import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileGetter, getFiles, getImageFiles, getTextFiles, imageExtensions, imageGetter } from "./getters.ts";

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "layerwise-"));
  const files = [
    "train/b.png",
    "train/a.JPG",
    "train/deep/c.txt",
    "test/d.jpeg",
    "e.gif",
    ".hidden/f.png",
    "train/.g.png",
  ];
  for (const file of files) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), "");
  }
  await symlink(root, join(root, "test", "circle"));
  await symlink(join(root, "train", "deep"), join(root, "linked"));
});

afterAll(() => rm(root, { recursive: true }));

const names = (paths: string[]) => paths.map((path) => relative(root, path).replaceAll("\\", "/"));

describe("getFiles", () => {
  test("lists files in sorted order, without hidden ones, once around a circle of links", async () => {
    expect(names(await getFiles(root))).toEqual([
      "e.gif",
      "linked/c.txt",
      "test/d.jpeg",
      "train/a.JPG",
      "train/b.png",
      "train/deep/c.txt",
    ]);
  });

  test("compares extensions in any case", async () => {
    expect(names(await getFiles(root, { extensions: ["jpg", ".JPEG"] }))).toEqual(["test/d.jpeg", "train/a.JPG"]);
  });

  test("with folders leaves out files at the top, unless asked for by a dot", async () => {
    expect(names(await getFiles(root, { folders: ["test"] }))).toEqual(["test/d.jpeg"]);
    expect(names(await getFiles(root, { folders: ["test", "."] }))).toEqual(["e.gif", "test/d.jpeg"]);
  });

  test("stays in the folder without recursion, and leaves links alone when told", async () => {
    expect(names(await getFiles(root, { recurse: false }))).toEqual(["e.gif"]);
    expect(names(await getFiles(root, { followLinks: false }))).not.toContain("linked/c.txt");
  });

  test("names the nearest existing folder and names like the missing one", async () => {
    await expect(getFiles(join(root, "trian", "cat"))).rejects.toThrow(/trian.*does not exist.*it holds "train"/);
    await expect(getFiles(join(root, "e.gif"))).rejects.toThrow(/is a file/);
  });

  test("says what was looked for when nothing is found", async () => {
    await expect(getFiles(root, { extensions: [".wav"] })).rejects.toThrow(
      /but 2 \.txt.*ending in \.wav.*test, train/s,
    );
    await expect(getFiles(root, { folders: ["tset"] })).rejects.toThrow(/folders "tset"/);
  });
});

describe("getters of a kind", () => {
  test("find pictures and texts", async () => {
    expect(names(await getImageFiles(root))).toEqual(["e.gif", "test/d.jpeg", "train/a.JPG", "train/b.png"]);
    expect(names(await getTextFiles(root))).toEqual(["linked/c.txt", "train/deep/c.txt"]);
    expect(imageExtensions.has(".webp")).toBe(true);
  });

  test("look inside a folder of the source", async () => {
    expect(names(await imageGetter({ suffix: "train", recurse: false })(root))).toEqual(["train/a.JPG", "train/b.png"]);
    const inTrain = fileGetter({ suffix: "train", extensions: [".txt"] });
    expect(names(await inTrain(root))).toEqual(["train/deep/c.txt"]);
    expect(names(await inTrain(root, { extensions: [".png"] }))).toEqual(["train/b.png"]);
  });
});
