import { spawn } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Benchmark, Job, Outcome } from "./benchmark.ts";
import { lastLines } from "./lastLines.ts";
import { decodeOutcome } from "./message.ts";

/** Runs ours or a peer, whichever the job names, in a process of its own: Python or Node by the script's extension. */
export function runSide({ name, peers }: Pick<Benchmark, "name" | "peers">, job: Job): Promise<Outcome> {
  if (job.peer === "ours") {
    const entry = fileURLToPath(new URL("child.ts", import.meta.url));
    return runChild(process.execPath, ["--import", "tsx", entry, name, JSON.stringify(job)], job);
  }
  const script = peers[job.peer] ?? "";
  const path = fileURLToPath(new URL(`../../peers/${script}`, import.meta.url));
  const command = extname(script) === ".py" ? (process.env.BENCH_PYTHON ?? "python3") : process.execPath;
  return runChild(command, [path, JSON.stringify(job)], job);
}

/** @throws if the process fails or does not report; a program that is not installed is a reason to skip instead */
function runChild(command: string, args: readonly string[], { threads }: Job): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) },
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") resolve({ skipped: `${command} is not installed` });
      else reject(error);
    });
    child.on("close", (code, signal) => {
      try {
        if (code !== 0) throw new Error(`the process ended with ${signal ?? `code ${code}`}`);
        resolve(decodeOutcome(stdout));
      } catch (error) {
        reject(new Error(`${(error as Error).message}\n${lastLines(stderr || stdout)}`));
      }
    });
  });
}
