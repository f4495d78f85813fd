import { isMainThread } from "node:worker_threads";
import { load } from "./load.ts";

const { addon, level } = load();

addon.args ??= new Float64Array(64);
const { args } = addon;
const ids = new Map(addon.start(args.buffer as ArrayBuffer).map((name, id) => [name, id]));

/** Memory of the addon, and how many threads it uses. */
export const { allocate, release, write, read, threads } = addon;
/** The instruction set in use: `"avx512"`, `"avx2"` or `"base"` (SSE2, NEON). */
export { level };

/** Calls a C++ kernel with pointers, sizes and flags, in the order its source reads them. */
export type NativeKernel = (...values: number[]) => void;

/**
 * The C++ kernel of this name.
 * @throws Error if there is none
 */
export function kernel(name: string): NativeKernel {
  const id = ids.get(name);
  if (id === undefined) throw new Error(`@layerwise/native has no kernel "${name}": build the package again`);
  return (...values) => {
    for (let i = 0; i < values.length; i++) args[i] = values[i]!;
    const failure = addon.run(id);
    if (failure !== undefined) throw new Error(`${name}: ${failure}`);
  };
}

/**
 * How many threads kernels use from now on, in all JS threads of the process. Results do not depend on it.
 * @throws RangeError if it is not a whole number from 1 on
 */
export function setThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`the number of threads is ${count}; it must be a whole number, 1 or more`);
  }
  addon.setThreads(Math.min(count, 256));
}

const wanted = process.env.LAYERWISE_THREADS;
if (isMainThread && wanted !== undefined && wanted !== "") setThreads(Number(wanted));
