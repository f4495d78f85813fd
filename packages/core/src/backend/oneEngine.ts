import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs-core";
import { StateError } from "../errors.ts";

const core = "@tensorflow/tfjs-core";

/**
 * Makes sure that there is one copy of tfjs-core: two would keep backends, gradients and tensors apart.
 * @param packageName - a backend's package, whose copy must be ours
 * @throws {@link StateError} naming both copies
 */
export function checkOneEngine(packageName?: string): void {
  // the second copy to load finds the first one's environment
  if (!(tf.env() instanceof tf.Environment)) fail("two loaded copies");
  if (packageName === undefined) return;
  const own = createRequire(import.meta.url);
  const ours = find(own, core);
  const entry = find(own, packageName);
  if (ours === undefined || entry === undefined) return;
  const theirs = find(createRequire(entry), core);
  if (theirs !== undefined && theirs !== ours) fail(`${ours} and, for ${packageName}, ${theirs}`);
}

function find(from: NodeJS.Require, name: string): string | undefined {
  try {
    return realpathSync(from.resolve(name));
  } catch {
    return undefined;
  }
}

function fail(given: string): never {
  throw new StateError("useBackend", {
    given: `${core} twice: ${given}`,
    expected: `one copy of ${core}`,
    fix: "run `npm dedupe`, give every @tensorflow package the same version, and see `npm ls @tensorflow/tfjs-core`",
  });
}
