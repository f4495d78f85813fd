/** Plain data that reaches every child process as JSON: sizes, counts, options. */
export type Params = { readonly [name: string]: number | string | boolean | readonly number[] };

/** How much to measure: `quick` only shows that everything runs, `full` is as long as real work. */
export type Scale = "quick" | "normal" | "full";

/** Which direction of the unit is the good one. */
export type Better = "less" | "more";

/** What one process is asked to do. */
export interface Job<P extends Params = Params> {
  /** "ours", or the name of the peer. */
  readonly peer: string;
  readonly params: P;
  /** Folder for files, the same for all processes of a run, removed after it. */
  readonly folder: string;
  readonly threads: number;
}

/** What one process measured: numbers in the benchmark's unit, per case. */
export interface Measured {
  readonly samples: Readonly<Record<string, readonly number[]>>;
  /** Software that took part, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** Facts beside the numbers, such as the accuracy reached. */
  readonly notes?: Readonly<Record<string, string | number>>;
}

/** Why a process measured nothing although nothing is broken: Python or a package is not there. */
export interface Skipped {
  readonly skipped: string;
}

export type Outcome = Measured | Skipped;

/** One question about speed or memory, and who answers it. */
export interface Benchmark<P extends Params = Params> {
  /** Name of its file, and on the command line. */
  readonly name: string;
  /** One sentence for lists. */
  readonly about: string;
  readonly unit: string;
  readonly better: Better;
  /** True: runs only when named. @defaultValue false */
  readonly slow?: boolean;
  /** Peer to its script in `bench/peers`, `.py` or `.mjs`. */
  readonly peers: Readonly<Record<string, string>>;
  params(scale: Scale): P;
  /** Makes the files that ours and the peers read, once per run. @returns the parameters, with paths filled in */
  prepare?(job: Job<P>): Promise<P>;
  /** One round. Runs in a process of its own. */
  ours(job: Job<P>): Promise<Measured>;
}

/** Gives back the benchmark; the runner needs no types of its parameters. */
export function defineBenchmark<P extends Params>(benchmark: Benchmark<P>): Benchmark {
  return benchmark as unknown as Benchmark;
}

export function isSkipped(outcome: Outcome): outcome is Skipped {
  return "skipped" in outcome;
}
