import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { unpackDigits } from "../../../examples/digits/src/unpackDigits.ts";
import { lastLines } from "./lastLines.ts";

/** What one run of the digits example gave. */
export interface DigitsRun {
  seconds: number;
  accuracy: number;
  maxRssMb: number;
}

const example = fileURLToPath(new URL("../../../examples/digits", import.meta.url));
const reportUsage = new URL("reportUsage.mjs", import.meta.url).href;

/** Runs the digits example as the quick start does. @param steps - 0 for all of it */
export async function runDigits(folder: string, steps: number): Promise<DigitsRun> {
  const usage = join(folder, "usage.json");
  const args = ["--import", "tsx", "--import", reportUsage, "src/main.ts", "--report", join(folder, "report")];
  if (steps > 0) args.push("--steps", String(steps));
  const start = performance.now();
  const env = { ...process.env, BENCH_USAGE: usage };
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: example, env, maxBuffer: 2 ** 26 }).catch(
    ({ stderr = "" }: { stderr?: string }) => {
      throw new Error(`the digits example failed\n${lastLines(stderr)}`);
    },
  );
  const seconds = (performance.now() - start) / 1000;
  const { maxRssMb } = JSON.parse(await readFile(usage, "utf8")) as { maxRssMb: number };
  return { seconds, accuracy: Number(/valid accuracy: ([\d.]+)/.exec(stdout)?.[1] ?? Number.NaN), maxRssMb };
}

/** Unpacks the pictures, which only the first run would pay for. @returns their folder */
export function digitsPictures(steps: number): Promise<string> {
  const batch = 128; // as in the example
  return unpackDigits(join(example, ".cache"), steps === 0 ? {} : { training: steps * batch, testing: 1000 });
}
