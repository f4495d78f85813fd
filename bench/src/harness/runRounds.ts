import { type Benchmark, isSkipped, type Job, type Outcome } from "./benchmark.ts";
import type { Round } from "./result.ts";
import { runSide } from "./runSide.ts";

export interface RoundsOptions {
  rounds: number;
  /** The peers to run, of those that the benchmark has. */
  peers: readonly string[];
  /** Told of every process that starts, and of peers that drop out. */
  log?: (message: string) => void;
  /** Runs the side that the job names. @defaultValue a process each */
  run?: (benchmark: Pick<Benchmark, "name" | "peers">, job: Job) => Promise<Outcome>;
}

/**
 * Ours, peer, peer, ours, ... in turn, each in a fresh process, so that what else the machine does hits all alike.
 * A peer that cannot run or fails is left out of the rounds that follow; our own failure is thrown.
 */
export async function runRounds(
  benchmark: Pick<Benchmark, "name" | "peers">,
  job: Job,
  { rounds, peers, log = () => {}, run = runSide }: RoundsOptions,
): Promise<Round[]> {
  const { name } = benchmark;
  let present = peers.filter((peer) => peer in benchmark.peers);
  const all: Round[] = [];
  for (let round = 1; round <= rounds; round++) {
    log(`${name}: round ${round} of ${rounds}, ours`);
    const outcomes: Record<string, Outcome> = { ours: await run(benchmark, { ...job, peer: "ours" }) };
    for (const peer of present) {
      log(`${name}: round ${round} of ${rounds}, ${peer}`);
      const outcome = await run(benchmark, { ...job, peer }).catch((error: Error) => ({ skipped: error.message }));
      outcomes[peer] = outcome;
      if (!isSkipped(outcome)) continue;
      present = present.filter((other) => other !== peer);
      log(`${name}: ${peer} is left out: ${outcome.skipped}`);
    }
    all.push(outcomes);
  }
  return all;
}
