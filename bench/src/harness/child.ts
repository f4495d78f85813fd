import type { Job } from "./benchmark.ts";
import { loadBenchmark } from "./catalog.ts";
import { encodeOutcome } from "./message.ts";

// What `runSide` starts: child.ts NAME JOB
const [name = "", job = "{}"] = process.argv.slice(2);
try {
  const benchmark = await loadBenchmark(name);
  console.log(encodeOutcome(await benchmark.ours(JSON.parse(job) as Job)));
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.stack : error);
  process.exit(1);
}
