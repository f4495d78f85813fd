import type { Job } from "./threads.ts";
import type { WasmContext } from "./wasmModule.ts";

/** Rows that share one table of pointers in the kernels, and rows of one register tile. */
const [tableRows, tileRows] = [96, 6];

/** Runs a kernel over a range, on several threads if its `work`, about as many multiply-adds, is worth it. */
export function runParts({ kernels, threads }: WasmContext, job: Job, work: number): void {
  if (threads !== undefined && work >= threads.leastWork) threads.run(job);
  else kernels[job.name]!(...job.args, job.begin, job.end, job.scratch);
}

/** The threads that may share a job: each wants scratch memory of its own. */
export function threadsOf({ threads }: WasmContext): number {
  return threads?.count ?? 1;
}

/** How many rows of a product are one part: whole tables of them where there are enough, else whole tiles. */
export function rowsGrain(context: WasmContext, rows: number): number {
  const threads = threadsOf(context);
  const tables = Math.floor(rows / (4 * threads * tableRows));
  return tables > 0 ? tables * tableRows : Math.min(tableRows, roundUp(Math.ceil(rows / threads), tileRows));
}

/** The same for a sum over samples, where each part packs all samples again: few and even parts. */
export function sumsGrain(context: WasmContext, rows: number): number {
  const fair = Math.ceil(rows / threadsOf(context));
  return roundUp(fair < tableRows ? fair : Math.ceil(fair / 2), tileRows);
}

function roundUp(count: number, step: number): number {
  return Math.ceil(count / step) * step;
}
