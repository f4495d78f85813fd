import { type Benchmark, isSkipped, type Job, type Outcome, type Params } from "./benchmark.ts";
import type { Machine } from "./machine.ts";
import { median, roundRatios, type Spread, spread } from "./stats.ts";

/** What ours and each peer gave in one round. */
export type Round = Readonly<Record<string, Outcome>>;

/** One case of one benchmark, as it is written to disk. */
export interface Result {
  /** `benchmark` or `benchmark/case`. */
  name: string;
  unit: string;
  better: "less" | "more";
  machine: Machine;
  /** Per side: software and its version. */
  versions: Record<string, Readonly<Record<string, string>>>;
  params: Params;
  /** What the peers might use. */
  threads: number;
  ours: Spread | null;
  peers: Record<string, Spread>;
  /** Times as good as the peer, above 1 if we are better. */
  ratio: Record<string, Spread>;
  /** The median of each round, `null` where there is none. */
  rounds: Record<string, (number | null)[]>;
  notes: Record<string, Readonly<Record<string, string | number>>>;
  skipped: Record<string, string>;
}

/** Makes one result per case from what all rounds gave. */
export function summarize(
  { name, unit, better, peers }: Pick<Benchmark, "name" | "unit" | "better" | "peers">,
  { params, threads }: Pick<Job, "params" | "threads">,
  machine: Machine,
  rounds: readonly Round[],
): Result[] {
  const sides = ["ours", ...Object.keys(peers)];
  const versions: Result["versions"] = {};
  const notes: Result["notes"] = {};
  const skipped: Result["skipped"] = {};
  for (const outcomes of rounds) {
    for (const [side, outcome] of Object.entries(outcomes)) {
      if (isSkipped(outcome)) skipped[side] = outcome.skipped;
      else {
        versions[side] = outcome.versions;
        if (outcome.notes) notes[side] = outcome.notes;
      }
    }
  }
  const shared = { unit, better, machine, versions, params, threads, notes, skipped };
  return casesOf(rounds).map((one) => {
    const values = Object.fromEntries(sides.map((side) => [side, rounds.map((round) => roundValue(round[side], one))]));
    const present = (side: string): number[] => (values[side] ?? []).filter((v) => v !== null);
    const spreads = (valuesOf: (peer: string) => number[]): Record<string, Spread> =>
      Object.fromEntries(
        Object.keys(peers).flatMap((peer) => {
          const found = spread(valuesOf(peer));
          return found === null ? [] : [[peer, found]];
        }),
      );
    return {
      name: one === name ? name : `${name}/${one}`,
      ...shared,
      ours: spread(present("ours")),
      peers: spreads(present),
      ratio: spreads((peer) => roundRatios(values.ours ?? [], values[peer] ?? [], better)),
      rounds: values,
    };
  });
}

function casesOf(rounds: readonly Round[]): string[] {
  const outcomes = rounds.flatMap((round) => Object.values(round));
  return [...new Set(outcomes.flatMap((outcome) => (isSkipped(outcome) ? [] : Object.keys(outcome.samples))))];
}

function roundValue(outcome: Outcome | undefined, one: string): number | null {
  if (outcome === undefined || isSkipped(outcome)) return null;
  const samples = outcome.samples[one] ?? [];
  return samples.length === 0 ? null : median(samples);
}
