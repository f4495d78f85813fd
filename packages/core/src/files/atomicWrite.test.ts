import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, open, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildSync } from "esbuild";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DataError } from "../errors.ts";
import { atomicWrite } from "./atomicWrite.ts";
import { readSafetensors } from "./safetensors.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "layerwise-"));
  path = join(folder, "file");
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

describe("atomicWrite", () => {
  test.each([
    ["text", "abc"],
    ["bytes", Buffer.from("abc")],
    ["pieces", [Buffer.from("a"), Buffer.from("bc")]],
    [
      "an async stream",
      (async function* () {
        yield Buffer.from("a");
        yield Buffer.from("bc");
      })(),
    ],
  ])("writes %s, and leaves no other file behind", async (_, content) => {
    await writeFile(path, "something longer");
    await atomicWrite(path, content);
    expect(await readFile(path, "utf8")).toBe("abc");
    expect(await readdir(folder)).toEqual(["file"]);
  });

  test("writes through a link", async () => {
    const link = join(folder, "link");
    await writeFile(path, "old");
    await symlink(path, link);
    await atomicWrite(link, "new");
    expect(await readFile(path, "utf8")).toBe("new");
  });

  test("a full disk leaves the old file, no rubbish, and a clear message", async () => {
    await atomicWrite(path, "old");
    const handle = await open(path);
    const prototype = Object.getPrototypeOf(handle) as { write: () => Promise<unknown> };
    await handle.close();
    const real = prototype.write;
    let calls = 0;
    vi.spyOn(prototype, "write").mockImplementation(function (this: unknown, ...args: []) {
      return ++calls > 1 ? Promise.reject(failure("ENOSPC")) : real.apply(this as typeof prototype, args);
    });
    const error = await atomicWrite(path, [Buffer.from("new "), Buffer.from("file")]).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DataError);
    expect((error as Error).message).toMatch(/a disk that is full \(ENOSPC\).*unchanged.*free some space/);
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["file"]);
  });

  test("an error in the content leaves the old file", async () => {
    await atomicWrite(path, "old");
    const broken = (async function* () {
      yield Buffer.from("half");
      throw new RangeError("mine");
    })();
    await expect(atomicWrite(path, broken)).rejects.toThrow(new RangeError("mine"));
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["file"]);
  });

  test("says that a folder does not exist", async () => {
    await expect(atomicWrite(join(folder, "none", "file"), "x")).rejects.toThrow(/a folder that does not exist/);
  });

  test("clears away what a killed writer left long ago, and nothing else", async () => {
    const names = [".file.123-0123456789ab.tmp", ".file.124-0123456789ab.tmp", ".file.notes.tmp", "other"];
    for (const name of names) await writeFile(join(folder, name), "");
    const longAgo = new Date(Date.now() - 86_400_000);
    for (const name of [names[0]!, names[2]!]) await utimes(join(folder, name), longAgo, longAgo);
    await atomicWrite(path, "x");
    expect((await readdir(folder)).sort()).toEqual([...names.slice(1), "file"].sort());
  });
});

describe("a process killed while it saves", () => {
  /** Saves over and over; all numbers of one file are equal. */
  const WRITER = `
    import { writeSafetensors } from ${JSON.stringify(join(import.meta.dirname, "safetensors.ts"))};
    for (let i = 0; ; i++) {
      const values = new Float32Array(200_000).fill(i);
      await writeSafetensors(process.argv[2], new Map([["w", { shape: [values.length], dtype: "float32", values }]]));
      if (i === 0) process.stdout.write("ready");
    }`;

  async function killed(child: ChildProcess, afterMs: number): Promise<void> {
    await new Promise((resolve) => child.stdout!.once("data", resolve));
    await sleep(afterMs);
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  test("leaves a whole file, the old or the new one", async () => {
    const script = join(folder, "writer.mjs");
    buildSync({
      stdin: { contents: WRITER, resolveDir: import.meta.dirname, loader: "ts" },
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      outfile: script,
    });
    for (let round = 0; round < 10; round++) {
      const child = spawn(process.execPath, [script, path], { stdio: ["ignore", "pipe", "inherit"] });
      await killed(child, (round * 37) % 50);
      const { tensors } = await readSafetensors(path);
      const { values } = tensors.get("w")!;
      expect(values.length).toBe(200_000);
      expect(values.every((v) => v === values[0])).toBe(true);
    }
  });
});
