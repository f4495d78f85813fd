import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { wantedThreads } from "../wantedThreads.ts";
import { field, ticket, workerSource } from "./threadWorker.ts";

/** A kernel's work on a range, any part of which can be done by itself. */
export interface Job {
  readonly name: string;
  /** What stands before the last three arguments `begin`, `end`, `scratch` of the kernel. */
  readonly args: readonly number[];
  readonly begin: number;
  readonly end: number;
  /** How much of the range is one part. */
  readonly grain: number;
  /** Memory for the first thread, the size of which each of the others takes after it. */
  readonly scratch: number;
  readonly scratchBytes: number;
}

type Kernels = Readonly<Record<string, (...numbers: number[]) => number>>;

/** The most that are used unasked: more hardly help with tensors of usual sizes. */
const mostUnasked = 16;
const most = 64;

/** How many threads are to share a kernel's work: `LAYERWISE_THREADS`, else as many as this process has cores. */
export function threadCount(): number {
  return Math.min(wantedThreads() ?? Math.min(availableParallelism(), mostUnasked), most);
}

/**
 * Threads that share the main thread's kernels and memory. Parts of a job go to whoever is free; the main thread takes
 * parts too, so it never waits for a thread that has not woken up. A part has the same result whoever does it.
 */
export class Threads {
  /** Including the main thread. */
  readonly count: number;
  /** The least multiply-adds of a job that is worth sharing. */
  readonly leastWork: number;
  readonly #kernels: Kernels;
  readonly #names: readonly string[];
  readonly #module: WebAssembly.Module;
  readonly #memory: WebAssembly.Memory;
  readonly #control = new Int32Array(new SharedArrayBuffer(4 * field.size));
  #workers: Worker[] | undefined;
  #job = 0;

  constructor(
    count: number,
    leastWork: number,
    kernels: Kernels,
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
  ) {
    this.count = count;
    this.leastWork = leastWork;
    this.#kernels = kernels;
    this.#names = Object.keys(kernels);
    this.#module = module;
    this.#memory = memory;
    this.#control[field.ticket] = ticket.closed;
  }

  /** Threads that have started so far, the main thread included. */
  get running(): number {
    return 1 + Atomics.load(this.#control, field.ready);
  }

  /** Does the job and returns when all of it is done. */
  run(job: Job): void {
    this.#workers ??= this.#start();
    const { begin, end, scratch } = job;
    const kernel = this.#kernels[job.name]!;
    const parts = Math.ceil((end - begin) / job.grain);
    if (parts < 2 || parts >= ticket.closed || this.running === 1) {
      kernel(...job.args, begin, end, scratch);
      return;
    }
    this.#publish(job, parts);
    const control = this.#control;
    for (;;) {
      const now = Atomics.load(control, field.ticket);
      const part = now & ticket.closed;
      if (part >= parts) break;
      if (Atomics.compareExchange(control, field.ticket, now, now + 1) !== now) continue;
      const first = begin + part * job.grain;
      kernel(...job.args, first, Math.min(first + job.grain, end), scratch);
      Atomics.add(control, field.done, 1);
    }
    for (let done = Atomics.load(control, field.done); done < parts; done = Atomics.load(control, field.done)) {
      Atomics.wait(control, field.done, done);
    }
    if (Atomics.load(control, field.failed) !== 0) throw new Error(`${job.name} failed in a thread`);
  }

  /** Ends the threads; the next job starts new ones. */
  async stop(): Promise<void> {
    const workers = this.#workers ?? [];
    this.#workers = undefined;
    await Promise.all(workers.map((worker) => worker.terminate()));
    Atomics.store(this.#control, field.ready, 0);
  }

  /** The order matters: while the ticket is closed nobody takes a part, and a part taken proves that all was read. */
  #publish(job: Job, parts: number): void {
    const control = this.#control;
    this.#job = (this.#job + 1) & ticket.lastJob;
    const opened = this.#job << ticket.partBits;
    Atomics.store(control, field.ticket, opened | ticket.closed);
    const numbers = [this.#names.indexOf(job.name), parts, job.begin, job.end, job.grain, job.scratch];
    control.set([...numbers, job.scratchBytes, job.args.length, ...job.args], field.job);
    Atomics.store(control, field.done, 0);
    Atomics.store(control, field.failed, 0);
    Atomics.store(control, field.ticket, opened);
    Atomics.add(control, field.wake, 1);
    if (Atomics.load(control, field.sleeping) > 0) Atomics.notify(control, field.wake);
  }

  /** They start beside the main thread, which goes on alone until they are ready. */
  #start(): Worker[] {
    const workers: Worker[] = [];
    for (let index = 1; index < this.count; index++) {
      const worker = new Worker(workerSource, {
        eval: true,
        env: {},
        execArgv: [],
        name: "layerwise kernels",
        workerData: {
          index,
          names: this.#names,
          control: this.#control,
          module: this.#module,
          memory: this.#memory,
        },
      });
      worker.unref();
      worker.on("error", () => undefined); // the main thread can do without
      workers.push(worker);
    }
    return workers;
  }
}
