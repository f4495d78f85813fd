import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { layerwiseConfig, layerwiseHome, layerwisePath, urlPath } from "./config.ts";

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "layerwise-"));
  vi.stubEnv("LAYERWISE_HOME", home);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

describe("layerwiseHome", () => {
  test("is LAYERWISE_HOME, else .layerwise in the user's folder", () => {
    expect(layerwiseHome()).toBe(home);
    vi.stubEnv("LAYERWISE_HOME", "~/elsewhere");
    expect(layerwiseHome()).toBe(join(homedir(), "elsewhere"));
    vi.stubEnv("LAYERWISE_HOME", "");
    expect(layerwiseHome()).toBe(join(homedir(), ".layerwise"));
  });
});

describe("layerwiseConfig", () => {
  test("writes the defaults, then reads what the file says", async () => {
    const defaults = { data: "data", archive: "archive", storage: "tmp", model: "models" };
    expect(await layerwiseConfig()).toEqual(defaults);
    expect(JSON.parse(readFileSync(join(home, "config.json"), "utf8"))).toEqual(defaults);
    await writeFile(join(home, "config.json"), JSON.stringify({ data: "/big/disk" }));
    expect(await layerwiseConfig()).toEqual({ ...defaults, data: "/big/disk" });
    expect(await layerwisePath("data")).toBe(resolve("/big/disk"));
    expect(await layerwisePath("model")).toBe(join(home, "models"));
  });

  test("needs no file where none can be written", async () => {
    await writeFile(join(home, "file"), "");
    expect((await layerwiseConfig(join(home, "file", "home"))).data).toBe("data");
  });

  test("names a wrong key, and a file that is not JSON", async () => {
    await writeFile(join(home, "config.json"), JSON.stringify({ dat: "x" }));
    await expect(layerwiseConfig()).rejects.toThrow(/"dat": "x".*perhaps "data" is meant/);
    await writeFile(join(home, "config.json"), "[1]");
    await expect(layerwiseConfig()).rejects.toThrow(/no object/);
    await writeFile(join(home, "config.json"), "data = x");
    await expect(layerwiseConfig()).rejects.toThrow(/not JSON/);
  });
});

describe("urlPath", () => {
  test("is in the folder of the key", async () => {
    expect(await urlPath("https://x.org/sets/a.tgz")).toBe(join(home, "archive", "a.tgz"));
    expect(await urlPath("https://x.org/a.tgz", "model")).toBe(join(home, "models", "a.tgz"));
    expect(existsSync(join(home, "archive"))).toBe(false);
  });
});
