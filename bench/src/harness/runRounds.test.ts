import { expect, test } from "vitest";
import type { Job, Outcome } from "./benchmark.ts";
import { runRounds } from "./runRounds.ts";

const job: Job = { peer: "ours", params: {}, folder: "", threads: 1 };
const benchmark = { name: "step", peers: { a: "a.py", b: "b.mjs" } };
const outcome: Outcome = { samples: { step: [1] }, versions: {} };

/** Runs two rounds in which `broken` fails. @returns the order of the processes, and what the rounds gave */
async function twoRounds(broken?: string) {
  const started: string[] = [];
  const run = async (_: unknown, { peer }: Job): Promise<Outcome> => {
    started.push(peer);
    if (peer === broken) throw new Error("no luck");
    return outcome;
  };
  return { rounds: await runRounds(benchmark, job, { rounds: 2, peers: ["a", "b"], run }), started };
}

test("ours and the peers take turns", async () => {
  const { rounds, started } = await twoRounds();
  expect(started).toEqual(["ours", "a", "b", "ours", "a", "b"]);
  expect(rounds.map((round) => Object.keys(round))).toEqual([
    ["ours", "a", "b"],
    ["ours", "a", "b"],
  ]);
});

test("a peer that fails is left out of later rounds, with the reason; ours goes on", async () => {
  const { rounds, started } = await twoRounds("a");
  expect(started).toEqual(["ours", "a", "b", "ours", "b"]);
  expect(rounds[0]?.a).toEqual({ skipped: "no luck" });
});

test("our own failure ends the run", async () => {
  await expect(twoRounds("ours")).rejects.toThrow("no luck");
});

test("a peer that the benchmark does not have is nobody", async () => {
  const [round] = await runRounds(benchmark, job, { rounds: 1, peers: ["c"], run: async () => outcome });
  expect(Object.keys(round ?? {})).toEqual(["ours"]);
});
