import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/** Below `node_modules`, so that packages are found from there. */
const bundles = join(import.meta.dirname, "../../node_modules/.cache/layerwise");

/** Makes one file, of the sources as they are, that Node runs. @returns its path */
export async function bundleChild(name: string): Promise<string> {
  mkdirSync(bundles, { recursive: true });
  const outfile = join(bundles, `${name}-${process.pid}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["@layerwise/source"],
    outfile,
    logLevel: "error",
    plugins: [{ name: "only our own packages", setup: keepPackagesOut }],
  });
  return outfile;
}

const keepPackagesOut: Parameters<typeof build>[0]["plugins"] extends readonly (infer P)[] | undefined
  ? P extends { setup: infer S }
    ? S
    : never
  : never = ({ onResolve }) => {
  onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
    const isOurs = path.startsWith("@layerwise/") || path.endsWith("register_all_gradients.js");
    return isOurs || kind === "entry-point" ? undefined : { path, external: true };
  });
};

/** How a process ended, and what it wrote. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Child {
  process: ChildProcess;
  /** Resolves when the process has written this. */
  says(text: string): Promise<void>;
  ended: Promise<Ended>;
}

export function start(command: string, args: readonly string[]): Child {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  const waiting: { text: string; resolve: () => void }[] = [];
  const look = (): void => {
    for (const { text, resolve } of waiting) if (stdout.includes(text) || stderr.includes(text)) resolve();
  };
  child.stdout.on("data", (data) => {
    stdout += data;
    look();
  });
  child.stderr.on("data", (data) => {
    stderr += data;
    look();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const says = (text: string): Promise<void> =>
    Promise.race([
      new Promise<void>((resolve) => {
        waiting.push({ text, resolve });
        look();
      }),
      ended.then(() => Promise.reject(new Error(`ended without saying "${text}":\n${stdout}\n${stderr}`))),
    ]);
  return { process: child, says, ended };
}
