import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { benchmarkNames, loadBenchmark } from "./catalog.ts";

test.each(benchmarkNames())("%s is named like its file, and the scripts of its peers exist", async (name) => {
  const benchmark = await loadBenchmark(name);
  expect(benchmark.name).toBe(name);
  expect(benchmark.about.length).toBeGreaterThan(10);
  for (const script of Object.values(benchmark.peers)) {
    expect(existsSync(new URL(`../../peers/${script}`, import.meta.url)), script).toBe(true);
  }
  expect(Object.keys(benchmark.params("quick"))).toEqual(Object.keys(benchmark.params("full")));
});

test("an unknown name is an error that lists the known ones", async () => {
  await expect(loadBenchmark("loaders")).rejects.toThrow(/"loaders".*loader, /);
});
