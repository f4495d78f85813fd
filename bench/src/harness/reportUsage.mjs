// Preloaded into a program that is measured: says at its end, in the file BENCH_USAGE, how much memory it needed at most.
import { writeFileSync } from "node:fs";

process.on("exit", () => {
  writeFileSync(process.env.BENCH_USAGE, JSON.stringify({ maxRssMb: process.resourceUsage().maxRSS / 1024 }));
});
