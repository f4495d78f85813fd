import { parseArgs } from "node:util";
import type { Params, Scale } from "./benchmark.ts";

/** What the command line asks for. */
export interface RunOptions {
  names: string[];
  list: boolean;
  rounds: number | undefined;
  /** For the peers. */
  threads: number | undefined;
  scale: Scale;
  /** Only these peers. */
  peers: string[] | undefined;
  out: string | undefined;
  /** Changes of parameters: `bs` to `64`. */
  set: Record<string, string>;
}

export const usage = `npm run bench -- [NAME ...] [options]

  NAME ...          benchmarks to run; all that are not slow, unless said
  --list            what there is
  --rounds N        how often ours and the peers take turns (3; 1 with --quick)
  --quick           tiny sizes, only to see that everything runs
  --full            as long as real work
  --peers A,B       only these peers; "none" for ours alone
  --threads N       threads of the peers (one per core)
  --set NAME=VALUE  another value for a parameter, e.g. --set bs=64; several are allowed
  --out FOLDER      where the JSON files go (bench/results)`;

/** @throws for options that do not exist or make no sense */
export function parseOptions(args: readonly string[]): RunOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      list: { type: "boolean", default: false },
      rounds: { type: "string" },
      threads: { type: "string" },
      quick: { type: "boolean", default: false },
      full: { type: "boolean", default: false },
      peers: { type: "string" },
      set: { type: "string", multiple: true, default: [] },
      out: { type: "string" },
    },
  });
  const { quick, full, list, out } = values;
  if (quick && full) throw new Error("--quick and --full exclude each other");
  return {
    names: positionals,
    list,
    rounds: wholeNumber("rounds", values.rounds),
    threads: wholeNumber("threads", values.threads),
    scale: quick ? "quick" : full ? "full" : "normal",
    peers: values.peers?.split(",").filter((peer) => peer !== "none"),
    out,
    set: Object.fromEntries(values.set.map(splitPair)),
  };
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(Number.isInteger(value) && value > 0))
    throw new Error(`--${option} ${text}: expected an integer of at least 1`);
  return value;
}

function splitPair(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new Error(`--set ${text}: expected NAME=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Parameters with some values changed, read as what they replace. @throws for a name that is not there */
export function withChanges(params: Params, changes: Readonly<Record<string, string>>): Params {
  const changed: Record<string, Params[string]> = { ...params };
  for (const [name, text] of Object.entries(changes)) {
    const old = params[name];
    if (old === undefined) throw new Error(`--set ${name}: the parameters are ${Object.keys(params).join(", ")}`);
    const value = typeof old === "string" ? text : (JSON.parse(text) as Params[string]);
    if (typeof value !== typeof old)
      throw new Error(`--set ${name}=${text}: expected something like ${JSON.stringify(old)}`);
    changed[name] = value;
  }
  return changed;
}
