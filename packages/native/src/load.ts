import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The compiled part, see cc/addon.cc. Pointers are numbers; 0 is none. */
export interface Addon {
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
export type Level = (typeof levels)[number];

const require = createRequire(import.meta.url);

/**
 * Loads the best build that this processor runs: that in `LAYERWISE_NATIVE_BUILD`, else a prebuilt package's, else the
 * one compiled here.
 * @throws Error with the reason if there is none
 */
export function load(): { addon: Addon; level: Level } {
  const given = process.env.LAYERWISE_NATIVE_BUILD;
  const here = join(dirname(fileURLToPath(import.meta.url)), "..", "build");
  const causes: string[] = [];
  for (const folder of given ? [resolve(given)] : [...prebuilt(), here]) {
    try {
      return loadFrom(folder);
    } catch (error) {
      causes.push((error as Error).message.split("\n")[0]!);
    }
  }
  throw new Error(
    `@layerwise/native is not usable: ${causes.join("; ")}. ` +
      "With a C++17 compiler, `npx layerwise-native-build` builds it here.",
  );
}

function loadFrom(folder: string): { addon: Addon; level: Level } {
  if (!existsSync(join(folder, "cpu.node"))) {
    const note = join(folder, "failed.txt");
    if (existsSync(note)) throw new Error(readFileSync(note, "utf8").split("\n")[0]);
    throw new Error(`nothing is built for ${process.platform}-${process.arch} in ${folder}`);
  }
  const runs = levels.indexOf((loadIntact(folder, "cpu.node") as { level: Level }).level);
  for (const level of levels.slice(Math.max(runs, wantedLevel(runs)))) {
    if (existsSync(join(folder, `${level}.node`)))
      return { addon: loadIntact(folder, `${level}.node`) as Addon, level };
  }
  throw new Error(`no build that this processor runs is in ${folder}`);
}

/** Loads a file that is as it was built: the system may crash on one that was cut short. */
function loadIntact(folder: string, name: string): unknown {
  const list = join(folder, "checksums.json");
  const sums = existsSync(list) ? (JSON.parse(readFileSync(list, "utf8")) as Record<string, string>) : {};
  const path = join(folder, name);
  const sum = createHash("sha256").update(readFileSync(path)).digest("hex");
  if (sum !== sums[name]) throw new Error(`${path} is damaged: its checksum is not the one of when it was built`);
  return require(path);
}

/** `LAYERWISE_LEVEL` as an index: the best that may be used. */
function wantedLevel(runs: number): number {
  const wish = process.env.LAYERWISE_LEVEL;
  if (wish === undefined || wish === "") return 0;
  const index = levels.indexOf(wish as Level);
  if (index >= runs) return index;
  throw new Error(
    `LAYERWISE_LEVEL is "${wish}"; this processor runs ${levels.slice(runs).join(", ")}: unset it to use the best`,
  );
}

/** The folder of the package with a build for this platform, if it is installed. */
function prebuilt(): string[] {
  try {
    return [dirname(require.resolve(`@layerwise/native-${process.platform}-${process.arch}/package.json`))];
  } catch {
    return [];
  }
}
