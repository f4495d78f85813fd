import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withFileLock } from "./fileLock.ts";

let root: string;
const file = () => join(root, "a.lock");

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "layerwise-"));
});
afterEach(() => rm(root, { recursive: true }));

describe("withFileLock", () => {
  test("runs one body at a time, and leaves nothing", async () => {
    let running = 0;
    let most = 0;
    const body = async () => {
      running++;
      most = Math.max(most, running);
      await delay(5);
      running--;
    };
    await Promise.all([1, 2, 3].map(() => withFileLock(file(), body)));
    expect(most).toBe(1);
    expect(readdirSync(root)).toEqual([]);
  });

  test("opens again when the body throws", async () => {
    const failing = withFileLock(file(), () => Promise.reject(new Error("no")));
    await expect(failing).rejects.toThrow("no");
    expect(existsSync(file())).toBe(false);
  });

  test.each([
    ["a process that has ended", { host: hostname(), pid: 2 ** 30 }, 0],
    ["a machine that is silent", { host: "elsewhere", pid: 1 }, 60],
  ])("takes over from %s", async (_, owner, age) => {
    await writeFile(file(), JSON.stringify(owner));
    const then = Date.now() / 1000 - age;
    await utimes(file(), then, then);
    expect(await withFileLock(file(), async () => 1)).toBe(1);
  });
});
