#!/usr/bin/env node
// Builds the addon with a sanitizer and runs the conformance tests and our own on it: `node sanitize.mjs
// address,undefined [word ...]` for memory, `node sanitize.mjs thread [word ...]` for races. Linux with GCC or Clang.
// Words choose among the conformance tests. Not part of `npm test`: it takes minutes.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const [kind = "address,undefined", ...words] = process.argv.slice(2);
const compiler = process.env.CXX ?? "c++";

/** The sanitizer's runtime, which must be in the process before Node's own memory functions are used. */
function runtime(name) {
  const path = execFileSync(compiler, [`-print-file-name=lib${name}.so`], { encoding: "utf8" }).trim();
  if (!existsSync(path)) throw new Error(`${compiler} has no lib${name}.so`);
  return path;
}

const env = {
  ...process.env,
  LD_PRELOAD: runtime(kind === "thread" ? "tsan" : "asan"),
  LAYERWISE_NATIVE_BUILD: join(here, "build", kind.replaceAll(",", "-")),
  LAYERWISE_THREADS: "3",
  // leaks: Node frees little at its end. Node itself is not built for the race detector: only what the addon does counts
  ASAN_OPTIONS: "detect_leaks=0:halt_on_error=1:abort_on_error=0",
  UBSAN_OPTIONS: "print_stacktrace=1:halt_on_error=1",
  TSAN_OPTIONS: `halt_on_error=1:report_bugs=1:ignore_noninstrumented_modules=1:exitcode=66`,
};

function step(title, command, args, options = {}) {
  console.log(`\n== ${title}`);
  const { status, signal } = spawnSync(command, args, { stdio: "inherit", cwd: root, ...options });
  if (status === 0) return;
  console.error(`failed: ${title} (${signal ?? status})`);
  process.exit(1);
}

step(`build with ${kind}`, process.execPath, [join(here, "build.mjs"), "--strict", `--sanitize=${kind}`]);
step("conformance tests", process.execPath, [join(here, "test", "conformance", "run.mjs"), ...words], { env });
if (words.length === 0) {
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const only = ["packages/native", "--exclude", "**/conformance/**", "--testTimeout=600000"];
  step("our own tests", process.execPath, [vitest, "run", ...only], { env });
}
