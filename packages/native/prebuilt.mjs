#!/usr/bin/env node
// Makes an npm package of what `node build.mjs --all --strict` built: `@layerwise/native-<platform>-<arch>`, in
// `prebuilt/`, ready for `npm publish`. It holds the addon for every instruction set of the platform, and no code.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const build = join(here, "build");
const { version, license, engines } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const { platform, arch } = process;
const target = join(here, "prebuilt", `native-${platform}-${arch}`);

const checksums = JSON.parse(readFileSync(join(build, "checksums.json"), "utf8"));
const files = [...Object.keys(checksums), "checksums.json"];
const wanted = ["cpu.node", ...(arch === "x64" ? ["base.node", "avx2.node", "avx512.node"] : ["base.node"])];
const missing = wanted.filter((name) => !readdirSync(build).includes(name));
if (missing.length > 0) throw new Error(`not built: ${missing.join(", ")}. Run node build.mjs --all --strict`);

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
for (const name of files) copyFileSync(join(build, name), join(target, name));
const description = {
  name: `@layerwise/native-${platform}-${arch}`,
  version,
  description: `@layerwise/native, compiled for ${platform} on ${arch}`,
  license,
  engines,
  os: [platform],
  cpu: [arch],
  ...(platform === "linux" ? { libc: ["glibc"] } : {}),
  files,
};
writeFileSync(join(target, "package.json"), `${JSON.stringify(description, null, 2)}\n`);
console.log(target);
