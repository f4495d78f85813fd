import { readdirSync } from "node:fs";
import type { Benchmark } from "./benchmark.ts";

const folder = new URL("../", import.meta.url);
const notBenchmarks = new Set(["main.ts"]);

/** Names of all benchmarks: the files of `bench/src`. */
export function benchmarkNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !notBenchmarks.has(file))
    .map((file) => file.slice(0, -".ts".length))
    .sort();
}

/** @throws if there is no benchmark of this name */
export async function loadBenchmark(name: string): Promise<Benchmark> {
  const names = benchmarkNames();
  if (!names.includes(name)) throw new Error(`there is no benchmark "${name}"; there are ${names.join(", ")}`);
  const { default: benchmark } = (await import(new URL(`${name}.ts`, folder).href)) as { default: Benchmark };
  return benchmark;
}
