import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

/** Where numbers were measured; without it they say nothing. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryGb: number;
  platform: string;
  /** Processes that wanted a core in the minute before; above a few tenths, others were at work. */
  load: number;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

/** What a reader must know about numbers from a busy machine, or nothing. */
export function loadWarning({ load, cores }: Machine): string | undefined {
  if (load < 0.3 * cores) return undefined;
  return `warning: load ${load} on ${cores} cores: others are at work. Do not quote this run: it slows programs of several threads most.`;
}
