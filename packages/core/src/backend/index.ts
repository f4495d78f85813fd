// tfjs-core's Node build registers no gradients; these are its own, bundled into ours (both find one global registry).
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import * as tf from "@tensorflow/tfjs-core";
import { OptionError, StateError } from "../errors.ts";
import { type BackendName, backendNames, type Candidate, candidates, NotInstalledError } from "./candidates.ts";
import { registerGradientFixes } from "./gradientFixes.ts";
import { checkOneEngine } from "./oneEngine.ts";

export type { BackendName } from "./candidates.ts";

/** The order in which backends are tried when none is named. */
const automatic: readonly BackendName[] = ["tfjs-node-gpu", "tfjs-node", "native", "wasm", "cpu"];

let started: Promise<string> | undefined;
let info: string | undefined;

/**
 * Picks and starts the backend that tensors live on, once: the one named, else the one in the environment variable
 * `LAYERWISE_BACKEND`, else the fastest that is installed. Without a name, a backend that is running already stays;
 * if none is, one line on stderr says which was picked, and one why an installed one was not; `LAYERWISE_QUIET` wants none.
 * @param name - `"tfjs-node-gpu"`, `"tfjs-node"`, `"native"`, `"wasm"`, `"cpu"` or `"webgpu"`
 * @returns what {@link backendInfo} says
 * @throws {@link OptionError} if the name is unknown
 * @throws {@link StateError} if the named backend cannot be loaded
 */
export function useBackend(name?: BackendName): Promise<string> {
  if (started !== undefined && name === undefined) return started;
  const before = started;
  const starting = (before ?? Promise.resolve()).then(() => start(name));
  started = starting;
  starting.catch(() => {
    if (started === starting) started = before;
  });
  return starting;
}

/** The running backend in one line: name, device, version. */
export function backendInfo(): string {
  if (info === undefined) {
    throw new StateError("backendInfo", {
      given: "no backend yet",
      expected: "a call of useBackend before it",
      fix: "`await useBackend()` first",
    });
  }
  return info;
}

async function start(name: BackendName | undefined): Promise<string> {
  checkOneEngine();
  registerGradientFixes();
  const named = name ?? fromEnvironment();
  if (named !== undefined) {
    const found = (await activate(checkName(named), true)) as string;
    if (name === undefined) say(`layerwise runs on ${found}`);
    return found;
  }
  const running = tf.engine().backendName;
  if (running) {
    info = `${running} (chosen before layerwise), tfjs-core ${tf.version_core}`;
    return info;
  }
  for (const candidate of automatic) {
    const found = await activate(candidate, false);
    if (found === undefined) continue;
    const { advice } = candidates[candidate];
    say(`layerwise runs on ${found}${advice === undefined ? "" : `\n${advice}`}`);
    return found;
  }
  throw new StateError("useBackend", { given: "no backend that starts", expected: "at least plain JS to start" });
}

function fromEnvironment(): string | undefined {
  const value = process.env.LAYERWISE_BACKEND;
  return value === undefined || value === "" ? undefined : value;
}

function checkName(name: string): BackendName {
  if ((backendNames as readonly string[]).includes(name)) return name as BackendName;
  throw new OptionError("useBackend", {
    given: `"${name}"`,
    expected: `one of ${backendNames.join(", ")}`,
    fix: "correct the name, or unset LAYERWISE_BACKEND to have the fastest one picked",
  });
}

/** A line for the user, who did not name the backend in code; tests and `LAYERWISE_QUIET` want none. */
function say(line: string): void {
  if (process.env.LAYERWISE_QUIET || process.env.VITEST) return;
  process.stderr.write(`${line}\n`);
}

/** Starts one backend; if it cannot, throws when it was asked for by name, else says why and gives undefined. */
async function activate(name: BackendName, wanted: boolean): Promise<string | undefined> {
  const candidate: Candidate = candidates[name];
  try {
    const { backendName, describe } = await candidate.load(wanted);
    if (candidate.packageName !== undefined) checkOneEngine(candidate.packageName);
    if (!(await tf.setBackend(backendName))) throw new Error(`tfjs could not start its backend "${backendName}"`);
    await tf.ready();
    info = describe();
    return info;
  } catch (cause) {
    if (cause instanceof OptionError) throw cause; // a setting of ours, not the backend
    const why = cause instanceof Error ? cause.message.split("\n")[0] : cause;
    if (!wanted) {
      if (!(cause instanceof NotInstalledError)) say(`layerwise does without ${name}: ${why}`);
      return undefined;
    }
    throw new StateError("useBackend", {
      given: `backend "${name}", which does not start (${why})`,
      expected: "a backend that is installed and runs on this machine",
      fix: candidate.fix,
      cause,
    });
  }
}
