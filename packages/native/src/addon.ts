import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";

/** The compiled part, see cc/addon.cc. Pointers are numbers; 0 is none. */
interface Addon {
  start(args: ArrayBuffer): string[];
  run(id: number): string | undefined;
  allocate(bytes: number): number;
  release(pointer: number): void;
  write(pointer: number, from: ArrayBufferView): void;
  read(pointer: number, into: ArrayBufferView): void;
  setThreads(count: number): void;
  threads(): number;
  /** Where kernels find their arguments; JS writes them before each call. Shared by all who load the same file. */
  args?: Float64Array;
}

/** Instruction sets the kernels are compiled for, best first. */
const levels = ["avx512", "avx2", "base"] as const;
type Level = (typeof levels)[number];

const require = createRequire(import.meta.url);
const { addon, level } = load();

addon.args ??= new Float64Array(64);
const { args } = addon;
const ids = new Map(addon.start(args.buffer as ArrayBuffer).map((name, id) => [name, id]));

/** Memory and threads of the addon. */
export const { allocate, release, write, read, setThreads, threads } = addon;
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

/** Loads the best build of the addon that this processor runs: a prebuilt package's, else the one compiled here. */
function load(): { addon: Addon; level: Level } {
  const folders = [prebuilt(), join(dirname(fileURLToPath(import.meta.url)), "..", "build")];
  let cause = `no build for ${process.platform}-${process.arch}`;
  for (const folder of folders) {
    if (folder === undefined) continue;
    const chosen = process.env.LAYERWISE_NATIVE_BUILD === undefined ? folder : process.env.LAYERWISE_NATIVE_BUILD;
    try {
      if (!existsSync(join(chosen, "cpu.node"))) {
        const note = join(chosen, "failed.txt");
        if (existsSync(note)) cause = readFileSync(note, "utf8").split("\n")[0]!;
        continue;
      }
      const best = process.env.LAYERWISE_LEVEL ?? (require(join(chosen, "cpu.node")) as { level: Level }).level;
      for (const level of levels.slice(levels.indexOf(best as Level))) {
        const file = join(chosen, `${level}.node`);
        if (existsSync(file)) return { addon: require(file) as Addon, level };
      }
    } catch (error) {
      cause = (error as Error).message.split("\n")[0]!;
    }
  }
  throw new Error(
    `@layerwise/native is not usable: ${cause}. With a C++17 compiler, \`npx layerwise-native-build\` builds it here.`,
  );
}

/** The folder of the package with a build for this platform, if it is installed. */
function prebuilt(): string | undefined {
  try {
    return dirname(require.resolve(`@layerwise/native-${process.platform}-${process.arch}/package.json`));
  } catch {
    return undefined;
  }
}

const wanted = process.env.LAYERWISE_THREADS;
if (isMainThread && wanted !== undefined && wanted !== "") setThreads(Number(wanted));
