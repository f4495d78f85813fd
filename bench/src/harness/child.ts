import type { Job } from "./benchmark.ts";
import { loadBenchmark } from "./catalog.ts";
import { encodeOutcome } from "./message.ts";

// What `runOurs` starts: child.ts NAME JOB
const [name = "", job = "{}"] = process.argv.slice(2);
const benchmark = await loadBenchmark(name);
console.log(encodeOutcome(await benchmark.ours(JSON.parse(job) as Job)));
process.exit(0);
