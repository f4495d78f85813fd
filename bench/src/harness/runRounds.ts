import { type Benchmark, isSkipped, type Job, type Outcome } from "./benchmark.ts";
import type { Round } from "./result.ts";
import { runOurs, runPeer } from "./runChild.ts";

export interface RoundsOptions {
  rounds: number;
  /** The peers to run, of those that the benchmark has. */
  peers: readonly string[];
  /** Told of every process that starts and ends. */
  log?: (message: string) => void;
}

/**
 * Ours, peer, peer, ours, ... in turn, each in a fresh process, so that what else the machine does hits all alike.
 * A peer that cannot run or fails is left out of the rounds that follow; our own failure is thrown.
 */
export async function runRounds(
  { name, peers: scripts }: Benchmark,
  job: Job,
  { rounds, peers, log = () => {} }: RoundsOptions,
): Promise<Round[]> {
  const out = new Set<string>();
  const all: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    log(`${name}: round ${round + 1} of ${rounds}, ours`);
    const outcomes: Record<string, Outcome> = { ours: await runOurs(name, job) };
    for (const peer of peers) {
      const script = scripts[peer];
      if (script === undefined || out.has(peer)) continue;
      log(`${name}: round ${round + 1} of ${rounds}, ${peer}`);
      const outcome = await runPeer(script, { ...job, peer }).catch((error: Error) => ({ skipped: error.message }));
      outcomes[peer] = outcome;
      if (isSkipped(outcome)) {
        out.add(peer);
        log(`${name}: ${peer} is left out: ${outcome.skipped}`);
      }
    }
    all.push(outcomes);
  }
  return all;
}
