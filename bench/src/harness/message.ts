import type { Outcome } from "./benchmark.ts";

/** Starts the line on which a child process reports; everything else it prints is for people. */
export const RESULT_MARK = "BENCH-RESULT ";

export function encodeOutcome(outcome: Outcome): string {
  return `${RESULT_MARK}${JSON.stringify(outcome)}`;
}

/** The outcome in what a child printed; the last one if there are several. @throws if there is none */
export function decodeOutcome(stdout: string): Outcome {
  const line = stdout.split(/\r?\n/).findLast((text) => text.startsWith(RESULT_MARK));
  if (line === undefined) throw new Error(`the process printed no line that starts with "${RESULT_MARK.trim()}"`);
  const outcome = JSON.parse(line.slice(RESULT_MARK.length)) as Partial<
    Record<"samples" | "skipped" | "versions", unknown>
  >;
  if (typeof outcome.skipped === "string") return { skipped: outcome.skipped };
  if (typeof outcome.samples !== "object" || outcome.samples === null)
    throw new Error("the process reported neither `samples` nor `skipped`");
  return { versions: {}, ...outcome } as Outcome;
}
