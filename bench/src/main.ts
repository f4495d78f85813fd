import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Benchmark, Job } from "./harness/benchmark.ts";
import { benchmarkNames, loadBenchmark } from "./harness/catalog.ts";
import { describeMachine, loadWarning } from "./harness/machine.ts";
import { parseOptions, type RunOptions, usage, withChanges } from "./harness/options.ts";
import { type Result, summarize } from "./harness/result.ts";
import { runRounds } from "./harness/runRounds.ts";
import { alignColumns, formatNumber, formatTable } from "./harness/table.ts";

const DEFAULT_ROUNDS = 3;
const defaultOut = fileURLToPath(new URL("../results", import.meta.url));

async function runOne(benchmark: Benchmark, options: RunOptions): Promise<Result[]> {
  const folder = await mkdtemp(join(tmpdir(), `layerwise-bench-${benchmark.name}-`));
  try {
    const asked = withChanges(benchmark.params(options.scale), options.set);
    const job: Job = { peer: "ours", params: asked, folder, threads: options.threads ?? availableParallelism() };
    const machine = describeMachine();
    const params = (await benchmark.prepare?.(job)) ?? asked;
    const rounds = await runRounds(
      benchmark,
      { ...job, params },
      {
        rounds: options.rounds ?? (options.scale === "quick" ? 1 : DEFAULT_ROUNDS),
        peers: options.peers ?? Object.keys(benchmark.peers),
        log: (message) => console.error(message),
      },
    );
    return summarize(benchmark, { ...job, params }, machine, rounds);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Facts beside the numbers, and the software that took part. */
function remarks(results: readonly Result[]): string {
  const [first] = results;
  if (first === undefined) return "";
  const words = (facts: object): string =>
    Object.entries(facts)
      .map(([name, value]) => `${name} ${typeof value === "number" ? formatNumber(value) : value}`)
      .join(", ");
  return Object.entries(first.versions)
    .map(([side, versions]) => `  ${side}: ${words({ ...versions, ...first.notes[side] })}`)
    .join("\n");
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  const wanted = options.names.length > 0 ? options.names : benchmarkNames();
  const benchmarks = await Promise.all(wanted.map(loadBenchmark));
  if (options.list) {
    const rows = benchmarks.map(({ name, about, slow, peers }) => [
      name,
      slow ? "slow" : "",
      Object.keys(peers).join(" "),
      about,
    ]);
    console.log(`${alignColumns(rows)}\n\n${usage}`);
    return;
  }
  const warning = loadWarning(describeMachine());
  if (warning !== undefined) console.error(warning);
  const out = resolve(process.env.INIT_CWD ?? ".", options.out ?? defaultOut);
  await mkdir(out, { recursive: true });
  for (const benchmark of benchmarks.filter(({ slow }) => options.names.length > 0 || !slow)) {
    const results = await runOne(benchmark, options);
    await writeFile(join(out, `${benchmark.name}.json`), `${JSON.stringify(results, null, 2)}\n`);
    console.log(`\n${formatTable(results)}\n${remarks(results)}`);
  }
  console.log(`\nnumbers: ${out}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
