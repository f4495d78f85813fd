import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { bundleChild } from "./child/index.ts";

let file: string;
beforeAll(async () => {
  file = await bundleChild("backend");
}, 60_000);

/** Runs the child as a user would, without the variables that tests set. */
function run(env: Record<string, string>, ...args: string[]): { out: string[]; err: string } {
  const { VITEST, LAYERWISE_BACKEND, LAYERWISE_QUIET, ...rest } = process.env;
  const child = spawnSync(process.execPath, [file, ...args], { encoding: "utf8", env: { ...rest, ...env } });
  return { out: child.stdout.trim().split("\n"), err: child.stderr };
}

describe("a user who names no backend in code", () => {
  test("reads once, on stderr, which one was picked", () => {
    const { out, err } = run({});
    const lines = err
      .trim()
      .split("\n")
      .filter((line) => !line.startsWith("layerwise does without native"));
    expect(lines).toEqual([`layerwise runs on ${out[0]}`]);
  });

  test("reads what the environment variable picked", () => {
    const { out, err } = run({ LAYERWISE_BACKEND: "cpu" });
    expect(out[0]).toMatch(/^cpu \(plain JS\)/);
    expect(err).toBe(`layerwise runs on ${out[0]}\n`);
  });

  test("reads nothing where that is asked for", () => {
    expect(run({ LAYERWISE_QUIET: "1" }).err).toBe("");
  });

  test("sees an error of their own, and not the source of tfjs", () => {
    const { out, err } = run({ LAYERWISE_BACKEND: "wasm" }, "throw");
    expect(out[1]).toBe("0");
    expect(err).toContain("Error: of the user's own");
    expect(err).not.toContain("ExitStatus");
    expect(err.length).toBeLessThan(2000);
  });
});

test("a layer before any backend says what to do", async () => {
  const child = spawnSync(process.execPath, [await bundleChild("noBackend")], { encoding: "utf8" });
  expect(child.stdout).toMatch(/before any backend runs.*await useBackend/);
}, 60_000);
