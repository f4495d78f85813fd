import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleChild } from "./child/index.ts";

const built = join(import.meta.dirname, "../packages/native/build");
const hasBuild = existsSync(join(built, "cpu.node"));

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "layerwise-native-"));
  folders.push(folder);
  return folder;
}

/** A copy of the addon's files, for damage. */
function copyOfBuild(): string {
  const folder = emptyFolder();
  cpSync(built, folder, { recursive: true, filter: (path) => path === built || /\.(node|json)$/.test(path) });
  return folder;
}

/** Runs a child as a user would, without the variables that tests set. */
function run(file: string, env: Record<string, string>, ...args: string[]) {
  const { VITEST, LAYERWISE_BACKEND, LAYERWISE_QUIET, LAYERWISE_LEVEL, LAYERWISE_THREADS, ...rest } = process.env;
  const line = ["--expose-gc", file, ...args];
  const child = spawnSync(process.execPath, line, { encoding: "utf8", env: { ...rest, ...env } });
  return { out: child.stdout.trim().split("\n"), err: child.stderr, code: child.status, signal: child.signal };
}

describe("a native backend that cannot be loaded", () => {
  let file: string;
  beforeAll(async () => {
    file = await bundleChild("backend");
  }, 60_000);

  const broken: [string, () => string, RegExp][] = [
    [
      "was not built for want of a compiler",
      () => {
        const folder = emptyFolder();
        writeFileSync(join(folder, "failed.txt"), "no C++ compiler: c++, g++, clang++ not found\nmore");
        return folder;
      },
      /no C\+\+ compiler: c\+\+, g\+\+, clang\+\+ not found\. With a C\+\+17 compiler, `npx layerwise-native-build`/,
    ],
    ["has never been built", emptyFolder, /nothing is built for \w+-\w+ in /],
    [
      "is of another platform",
      () => {
        const folder = emptyFolder();
        const foreign = Buffer.concat([Buffer.from("cffaedfe0c000001", "hex"), Buffer.alloc(4096)]);
        writeFileSync(join(folder, "cpu.node"), foreign);
        const sum = createHash("sha256").update(foreign).digest("hex");
        writeFileSync(join(folder, "checksums.json"), JSON.stringify({ "cpu.node": sum }));
        return folder;
      },
      /not usable: .*cpu\.node/,
    ],
  ];
  if (hasBuild) {
    broken.push([
      "was cut short",
      () => {
        const folder = copyOfBuild();
        const names = Object.keys(JSON.parse(readFileSync(join(folder, "checksums.json"), "utf8")));
        for (const name of names.filter((n) => n !== "cpu.node")) truncateSync(join(folder, name), 20_000);
        return folder;
      },
      /\.node is damaged/,
    ]);
  }

  test.each(broken)("because it %s is passed over, with one line that says why", (_, make, why) => {
    const { out, err, code } = run(file, { LAYERWISE_NATIVE_BUILD: make() });
    const lines = err.trim().split("\n");
    expect(code).toBe(0);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^layerwise does without native: @layerwise\/native is not usable: /);
    expect(lines[0]).toMatch(why);
    expect(lines[1]).toMatch(/^layerwise runs on wasm/);
    expect(out[0]).toMatch(/^wasm/);
  });

  test.each(broken)("because it %s is an error to who asks for it", (_, make, why) => {
    const { err, code, signal } = run(file, { LAYERWISE_NATIVE_BUILD: make(), LAYERWISE_BACKEND: "native" });
    expect([code, signal]).toEqual([1, null]);
    expect(err).toMatch(/StateError: useBackend: got backend "native", which does not start/);
    expect(err).toMatch(why);
  });
});

describe.runIf(hasBuild)("the native backend", () => {
  const files: Record<string, string> = {};
  beforeAll(async () => {
    for (const name of ["backend", "nativeTraining", "leakedTensors", "hugeTensors"]) {
      files[name] = await bundleChild(name);
    }
  }, 60_000);
  const native = { LAYERWISE_BACKEND: "native" };

  test("says its threads and instruction set, and takes LAYERWISE_THREADS", () => {
    expect(run(files.backend!, native).out[0]).toMatch(/^native \(CPU, .*thread.*, [\w-]+\)$/);
    expect(run(files.backend!, { ...native, LAYERWISE_THREADS: "3" }).out[0]).toContain("3 threads");
  });

  test.each(["0", "-1", "1.5", "many"])("takes LAYERWISE_THREADS=%s for the mistake that it is", (wish) => {
    const { err, code } = run(files.backend!, { ...native, LAYERWISE_THREADS: wish });
    expect(code).toBe(1);
    expect(err).toMatch(
      new RegExp(`OptionError: LAYERWISE_THREADS: got "${wish}"; expected a whole number, 1 or more`),
    );
  });

  test("takes an unknown LAYERWISE_LEVEL for a mistake", () => {
    const { err, code } = run(files.backend!, { ...native, LAYERWISE_LEVEL: "avx9000" });
    expect(code).toBe(1);
    expect(err).toMatch(/LAYERWISE_LEVEL is "avx9000"; this processor runs .*base/);
  });

  test("gives two trainings in two threads the bits of each alone", { timeout: 120_000 }, () => {
    const { out, err } = run(files.nativeTraining!, { LAYERWISE_THREADS: "3" }, "sideBySide");
    expect(err).toBe("");
    const { alone, together } = JSON.parse(out[0]!);
    expect(together).toEqual(alone);
    expect(new Set(alone).size).toBe(2);
  });

  test("outlives workers that are ended in mid-training, whose memory it frees", { timeout: 120_000 }, () => {
    const { out, code, signal } = run(files.nativeTraining!, { LAYERWISE_THREADS: "3" }, "terminated");
    expect([code, signal]).toEqual([0, null]);
    const { same, sizes } = JSON.parse(out[0]!);
    expect(same).toBe(true);
    expect(sizes.at(-1)).toBeLessThan(sizes[3] + 100);
  });

  test("lets the process end while threads work", { timeout: 120_000 }, () => {
    for (let i = 0; i < 4; i++) {
      const { out, err, code, signal } = run(files.nativeTraining!, { LAYERWISE_THREADS: "3" }, "exit");
      expect([out[0], err, code, signal]).toEqual(['"leaving"', "", 0, null]);
    }
  });

  test("frees tensors that were dropped without being disposed", { timeout: 60_000 }, () => {
    const { out } = run(files.leakedTensors!, {});
    expect(Number(out[0])).toBeGreaterThan(0);
    expect(Number(out[0])).toBeLessThan(600);
  });

  test("takes tensors of more than 2 GiB, and says so if there is no memory", { timeout: 120_000 }, () => {
    const { out, code } = run(files.hugeTensors!, {});
    expect(code).toBe(0);
    expect(out[0]).toMatch(/^(\[2,2,2\]|".*out of memory.*")$/);
    expect(out[1]).toMatch(/out of memory: a tensor of \d+.* MB/);
    expect(out[2]).toBe("3");
  });
});
