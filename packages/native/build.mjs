#!/usr/bin/env node
// Compiles the addon with the machine's C++17 compiler: nothing is downloaded. By default for the processor at hand;
// `--all` for every instruction set this platform has, as prebuilt packages hold; `--sanitize=address,undefined` or
// `--sanitize=thread` for the tests of memory and threads. A machine without a compiler gets a note instead, which the
// package shows when it is loaded: layerwise then runs on WebAssembly.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";

const { values: options } = parseArgs({
  options: { all: { type: "boolean" }, sanitize: { type: "string" }, strict: { type: "boolean" } },
});
const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "cc");
const target = join(here, "build", ...(options.sanitize ? [options.sanitize.replaceAll(",", "-")] : []));
const require = createRequire(import.meta.url);
const headers = join(dirname(require.resolve("node-api-headers/package.json")), "include");
const run = promisify(execFile);

/** Compiler flags by instruction set, the plainest first. */
const levels =
  process.arch === "x64"
    ? {
        base: [],
        avx2: ["-mavx2", "-mfma", "-mf16c"],
        avx512: ["-mavx2", "-mfma", "-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mprefer-vector-width=512"],
      }
    : { base: [] };

const common = [
  "-std=c++17",
  ...(options.sanitize ? ["-O1", "-g", "-fno-omit-frame-pointer", `-fsanitize=${options.sanitize}`] : ["-O3"]),
  "-fPIC",
  "-fvisibility=hidden",
  "-ffp-contract=off", // a multiplication and an addition round twice, unless the code says fma
  "-fno-math-errno",
  "-fno-trapping-math",
  "-Wall",
  "-Wextra",
  "-Wno-psabi",
  `-I${headers}`,
  `-I${source}`,
];
const link = ["-shared", "-pthread"];
if (process.platform === "darwin") link.push("-undefined", "dynamic_lookup");
if (process.platform === "win32") link.push("-static"); // MinGW's Clang or GCC: its runtime goes into the addon
if (options.sanitize) link.push(`-fsanitize=${options.sanitize}`);

/** The first compiler that runs. */
async function findCompiler() {
  const names = process.env.CXX ? [process.env.CXX] : ["c++", "g++", "clang++"];
  for (const name of names) {
    try {
      await run(name, ["--version"]);
      return name;
    } catch {
      // the next one
    }
  }
  throw new Error(`no C++ compiler: ${names.join(", ")} not found`);
}

/** On Windows an addon finds Node's functions through an import library, made of the list of their names. */
async function bindToNode() {
  if (process.platform !== "win32") return;
  const library = join(target, "libnode_api.a");
  const machine = process.arch === "arm64" ? "arm64" : "i386:x86-64";
  const list = join(headers, "..", "def", "node_api.def");
  await run(process.env.DLLTOOL ?? "llvm-dlltool", ["-m", machine, "-d", list, "-l", library]);
  link.push(library);
}

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
}

/** Compiles what changed, as many files at a time as there are cores. */
async function compile(compiler, level, sources, newestHeader) {
  const objects = join(target, level);
  mkdirSync(objects, { recursive: true });
  const jobs = sources.map((file) => ({ file, object: join(objects, `${basename(file, ".cc")}.o`) }));
  const flags = [...common, ...levels[level]];
  const settings = join(objects, "flags");
  const text = [compiler, ...flags].join(" ");
  const same = existsSync(settings) && readFileSync(settings, "utf8") === text;
  const stale = jobs.filter(({ file, object }) => {
    if (!same || !existsSync(object)) return true;
    const built = statSync(object).mtimeMs;
    return built < statSync(file).mtimeMs || built < newestHeader;
  });
  const work = stale.map(
    ({ file, object }) =>
      () =>
        run(compiler, [...flags, "-c", file, "-o", object]),
  );
  await inParallel(work);
  writeFileSync(settings, text);
  const addon = join(target, `${level}.node`);
  if (stale.length > 0 || !existsSync(addon)) {
    const fresh = `${addon}.${process.pid}`; // put in place at once: a running process has the old one in memory
    await run(compiler, [...jobs.map(({ object }) => object), ...link, "-o", fresh]);
    renameSync(fresh, addon);
  }
}

async function inParallel(work) {
  const worker = async () => {
    for (let next = work.shift(); next !== undefined; next = work.shift()) await next();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

async function build() {
  mkdirSync(target, { recursive: true });
  const compiler = await findCompiler();
  await bindToNode();
  const files = filesUnder(source);
  const newestHeader = Math.max(...files.filter((f) => f.endsWith(".h")).map((f) => statSync(f).mtimeMs));
  const cpu = join(target, "cpu.node");
  const cpuSource = join(source, "cpu.cc");
  if (!existsSync(cpu) || statSync(cpu).mtimeMs < statSync(cpuSource).mtimeMs) {
    const plain = common.filter((flag) => !flag.startsWith("-fsanitize"));
    await run(compiler, [...plain, cpuSource, "-shared", ...link.filter((f) => !f.startsWith("-fsan")), "-o", cpu]);
  }
  const sources = files.filter((file) => file.endsWith(".cc") && file !== cpuSource);
  const wanted = options.all ? Object.keys(levels) : [process.env.LAYERWISE_LEVEL ?? require(cpu).level];
  for (const level of wanted) {
    if (!(level in levels)) throw new Error(`no instruction set "${level}": one of ${Object.keys(levels).join(", ")}`);
    await compile(compiler, level, sources, newestHeader);
  }
}

/** What the files hold, so that loading can tell one that was cut short: the system may crash on it. */
function writeChecksums() {
  const names = readdirSync(target).filter((name) => name.endsWith(".node"));
  const sum = (name) =>
    createHash("sha256")
      .update(readFileSync(join(target, name)))
      .digest("hex");
  writeFileSync(join(target, "checksums.json"), JSON.stringify(Object.fromEntries(names.map((n) => [n, sum(n)]))));
}

const note = join(target, "failed.txt");
try {
  await build().finally(writeChecksums);
  rmSync(note, { force: true });
} catch (error) {
  const reason = String(error.stderr || error.message).trim();
  mkdirSync(target, { recursive: true });
  writeFileSync(note, reason);
  console.warn(`@layerwise/native was not built, so layerwise will run on WebAssembly: ${reason.slice(0, 4000)}`);
  if (options.strict) process.exitCode = 1;
}
